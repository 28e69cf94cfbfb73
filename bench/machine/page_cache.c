/* How much of a file sits in the page cache. See page_cache.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/page_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The C library of Debian 12 does not know the call yet; the number is the same on every architecture but alpha. */
enum { CACHESTAT = 451 };

struct range {
    uint64_t offset, length;
};

struct pages {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

int bench_page_cache_read(const char *path, struct bench_page_cache *cache)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    struct range whole = {0, 0}; /* a length of 0 reaches to the end */
    struct pages pages;
    int rc = syscall(CACHESTAT, fd, &whole, &pages, 0) == 0 ? 0 : -errno;
    close(fd);
    if (rc < 0)
        return rc;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    *cache = (struct bench_page_cache){
        .cached_bytes = pages.cached * page,
        .dirty_bytes = pages.dirty * page,
        .writeback_bytes = pages.writeback * page,
    };
    return 0;
}
