/* How much of a file, or of a directory's files, sits in the page cache, and how much of that the device has not got yet.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PAGE_CACHE_H
#define BENCH_PAGE_CACHE_H

#include <stdint.h>

struct bench_page_cache {
    uint64_t cached_bytes;
    uint64_t dirty_bytes;     /* of those, not yet on their way to the device */
    uint64_t writeback_bytes; /* of those, on their way */
};

/* Of a file, or of all files in a directory. From cachestat(2), Linux 6.5. -ENOSYS where the kernel has none, else 0 or
 * -errno. */
int bench_page_cache_read(const char *path, struct bench_page_cache *cache);

#endif
