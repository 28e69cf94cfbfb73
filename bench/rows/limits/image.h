/* What the rows that show the machine's limits write: the same number of bytes as the other rows, from memory made
 * before the clock starts. It is a piece of pseudo-random bytes as large as one request, written again and again, so
 * that it stays in the cache: a limit has to be hard to reach.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LIMITS_IMAGE_H
#define BENCH_LIMITS_IMAGE_H

#include <stdint.h>

/* Fills memory, a whole number of pages. Each page begins with the run's number, so that what an earlier run left in
 * a file cannot pass for this one's. */
void bench_image_make(void *memory, uint64_t bytes, unsigned run);

/* The same in memory of its own, page-aligned, to be freed. NULL: no memory. */
void *bench_image_new(uint64_t bytes, unsigned run);

#endif
