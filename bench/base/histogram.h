/* A log-linear histogram of nanoseconds: values below 256 have a bucket each, every octave above has 128 of equal width.
 *
 * So a bucket is never wider than 1/128 of the values in it, whatever their size, and adding one is a shift and an
 * increment. Percentiles are the upper end of a bucket: at most BENCH_HISTOGRAM_ERROR above the true value, never
 * below it. One histogram is 37 KiB; it takes no lock, and belongs to whoever fills it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
    BENCH_HISTOGRAM_SHIFT = 7, /* 2^7 buckets an octave */
    BENCH_HISTOGRAM_BITS = 42, /* values of so many bits have a bucket of their own: 73 minutes */
    BENCH_HISTOGRAM_BUCKETS = (BENCH_HISTOGRAM_BITS - BENCH_HISTOGRAM_SHIFT + 1) << BENCH_HISTOGRAM_SHIFT
};

#define BENCH_HISTOGRAM_ERROR (1.0 / (1 << BENCH_HISTOGRAM_SHIFT))

struct bench_histogram {
    uint64_t count;
    uint64_t least, most; /* exact; of no values UINT64_MAX and 0 */
    uint64_t bucket[BENCH_HISTOGRAM_BUCKETS];
};

void bench_histogram_reset(struct bench_histogram *histogram);

/* A value too large for the last bucket is counted there; most still tells it. */
void bench_histogram_add(struct bench_histogram *histogram, uint64_t value);

void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from);

/* The value that a share (0 to 1) of all values do not exceed, as the upper end of its bucket, but never above the
 * largest; for 1 the largest itself. 0 of no values. */
uint64_t bench_histogram_percentile(const struct bench_histogram *histogram, double share);

/* What bucket number `number` counts: values from *low to *high, both included, and how many. */
void bench_histogram_bucket(const struct bench_histogram *histogram, unsigned number, uint64_t *low, uint64_t *high,
                            uint64_t *count);

#endif
