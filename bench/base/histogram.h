/* A histogram of nanoseconds: exact where values are small, logarithmic with linear steps above, so that a percentile
 * is never further from the truth than one part in 128, whatever its size.
 *
 * Values below 256 have a bucket each. Above, every octave (2^n to 2^(n+1)) is cut into 128 buckets of equal width.
 * What is longer than BENCH_HISTOGRAM_LONGEST (73 minutes) is counted in the last bucket; `most` stays exact.
 *
 * All zeros is an empty histogram. It takes 36 KiB, no allocation, and is its user's own: no locks, one thread at a
 * time; threads fill one each and merge.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BENCH_HISTOGRAM_STEP_BITS = 7,
    BENCH_HISTOGRAM_STEPS = 1 << BENCH_HISTOGRAM_STEP_BITS, /* buckets in an octave */
    BENCH_HISTOGRAM_LONGEST_BITS = 42,
    BENCH_HISTOGRAM_BUCKETS =
        (BENCH_HISTOGRAM_LONGEST_BITS - BENCH_HISTOGRAM_STEP_BITS + 1) * BENCH_HISTOGRAM_STEPS /* 4608 */
};

/* The greatest value that has a bucket of its own. */
#define BENCH_HISTOGRAM_LONGEST ((UINT64_C(1) << BENCH_HISTOGRAM_LONGEST_BITS) - 1)

/* (upper end of the bucket - value) / value is below this for every value up to BENCH_HISTOGRAM_LONGEST. */
#define BENCH_HISTOGRAM_ERROR (1.0 / BENCH_HISTOGRAM_STEPS)

struct bench_histogram {
    uint64_t count;
    uint64_t least, most; /* exact; 0 while count is 0 */
    uint64_t bucket[BENCH_HISTOGRAM_BUCKETS];
};

/* Where a value is counted. Below 128 the shift is 0, and each octave above adds one: its 128 steps follow those of the
 * octave below it without a gap. */
static inline size_t bench_histogram_index(uint64_t value)
{
    value = value < BENCH_HISTOGRAM_LONGEST ? value : BENCH_HISTOGRAM_LONGEST;
    unsigned octave = 63 - (unsigned)__builtin_clzll(value | BENCH_HISTOGRAM_STEPS);
    unsigned shift = octave - BENCH_HISTOGRAM_STEP_BITS;
    return (size_t)shift * BENCH_HISTOGRAM_STEPS + (size_t)(value >> shift);
}

/* Counts a value: a few instructions, here so that a measuring loop pays no call. */
static inline void bench_histogram_add(struct bench_histogram *h, uint64_t value)
{
    h->bucket[bench_histogram_index(value)]++;
    h->least = h->count == 0 || value < h->least ? value : h->least;
    h->most = value > h->most ? value : h->most;
    h->count++;
}

/* into then counts what either did. */
void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from);

/* The value at or below which that share of all values lies; share is 0.0 to 1.0, and the least is that of one value.
 * It is the upper end of the bucket in question, never above `most`, so never less than the truth and more by less than
 * BENCH_HISTOGRAM_ERROR. 1.0 gives `most` itself. 0 from an empty histogram. */
uint64_t bench_histogram_percentile(const struct bench_histogram *h, double share);

/* Bucket i of BENCH_HISTOGRAM_BUCKETS: the least and the greatest value that belong there, and how many did. The last
 * one's greatest is UINT64_MAX. False, and nothing given, if there is no such bucket. */
bool bench_histogram_bucket(const struct bench_histogram *h, size_t i, uint64_t *low, uint64_t *high, uint64_t *count);

/* Makes it empty. */
void bench_histogram_reset(struct bench_histogram *h);

#endif
