/* A file whose blocks have all been written before: what a recycled or a zeroed file is. It is made once for a workload
 * and then written over and over, which is how such a file is used.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LIMITS_WRITTEN_H
#define BENCH_LIMITS_WRITTEN_H

#include <stdint.h>

/* Makes the file, or sees that it is there: at least `bytes` bytes, zeros in the beginning, durable, and none of it in
 * the page cache. 0 or -errno. */
int bench_written_make(const char *path, uint64_t bytes);

#endif
