/* What of a file sits in the page cache.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness.h"
#include "machine/page_cache.h"

TEST(page_cache)
{
    enum { BYTES = 40960 };
    char data[BYTES] = {1};
    struct bench_page_cache cache = {.cached_bytes = 77};
    int fd = open(harness_path("data"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    CHECK_INT(write(fd, data, BYTES), BYTES);
    int rc = bench_page_cache_read(harness_path("data"), &cache);
    close(fd);
    if (rc == -ENOSYS || rc == -EPERM)
        SKIP("this kernel has no cachestat");
    CHECK_INT(rc, 0);
    CHECK(cache.cached_bytes >= BYTES);
    CHECK(cache.dirty_bytes + cache.writeback_bytes <= cache.cached_bytes);
    CHECK_INT(bench_page_cache_read(harness_path("nothing"), &cache), -ENOENT);
}
