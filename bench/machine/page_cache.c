/* How much of a file sits in the page cache. See page_cache.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/page_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
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

static int add_file(int fd, struct bench_page_cache *cache)
{
    struct range whole = {0, 0}; /* a length of 0 reaches to the end */
    struct pages pages;
    if (syscall(CACHESTAT, fd, &whole, &pages, 0) != 0)
        return -errno;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    cache->cached_bytes += pages.cached * page;
    cache->dirty_bytes += pages.dirty * page;
    cache->writeback_bytes += pages.writeback * page;
    return 0;
}

/* One that has gone meanwhile has nothing to add. */
static int add_entry(int directory, const char *name, struct bench_page_cache *cache)
{
    struct stat st;
    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return 0;
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    int rc = add_file(fd, cache);
    close(fd);
    return rc;
}

static int add_directory(int fd, struct bench_page_cache *cache)
{
    int copy = dup(fd);
    if (copy < 0)
        return -errno;
    DIR *directory = fdopendir(copy);
    if (!directory) {
        int rc = -errno;
        close(copy);
        return rc;
    }
    struct dirent *entry;
    int rc = 0;
    while (rc == 0 && (entry = readdir(directory)))
        rc = add_entry(fd, entry->d_name, cache);
    closedir(directory);
    return rc;
}

int bench_page_cache_read(const char *path, struct bench_page_cache *cache)
{
    struct bench_page_cache sum = {0};
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    int rc = fstat(fd, &st) == 0 ? 0 : -errno;
    if (rc == 0)
        rc = S_ISDIR(st.st_mode) ? add_directory(fd, &sum) : add_file(fd, &sum);
    close(fd);
    if (rc == 0)
        *cache = sum;
    return rc;
}
