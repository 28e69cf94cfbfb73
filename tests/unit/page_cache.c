/* What of a file sits in the page cache.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
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

/* All files of a log, or of a store. */
TEST(page_cache_of_a_directory)
{
    enum { BYTES = 16384 };
    static const char data[BYTES] = {1};
    static const char *const names[] = {"d/one", "d/two"};
    struct bench_page_cache cache = {.cached_bytes = 77};
    REQUIRE(mkdir(harness_path("d"), 0700) == 0);
    REQUIRE(mkdir(harness_path("d/below"), 0700) == 0);
    for (size_t i = 0; i < 2; i++) {
        int fd = open(harness_path(names[i]), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        REQUIRE(fd >= 0);
        CHECK_INT(write(fd, data, BYTES), BYTES);
        close(fd);
    }
    REQUIRE(symlink("nowhere", harness_path("d/link")) == 0);
    int rc = bench_page_cache_read(harness_path("d"), &cache);
    if (rc == -ENOSYS || rc == -EPERM)
        SKIP("this kernel has no cachestat");
    CHECK_INT(rc, 0);
    CHECK(cache.cached_bytes >= (uint64_t)2 * BYTES);
}
