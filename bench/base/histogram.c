/* A histogram of nanoseconds. See histogram.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/histogram.h"

#include <string.h>

enum { LAST = BENCH_HISTOGRAM_BUCKETS - 1 };

void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0 || from->least < into->least)
        into->least = from->least;
    if (from->most > into->most)
        into->most = from->most;
    into->count += from->count;
    for (size_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
}

/* The inverse of bench_histogram_index: the least value that is counted in bucket i. */
static uint64_t lower_end(size_t i)
{
    size_t shift = i < BENCH_HISTOGRAM_STEPS ? 0 : i / BENCH_HISTOGRAM_STEPS - 1;
    return (uint64_t)(i - shift * BENCH_HISTOGRAM_STEPS) << shift;
}

static uint64_t upper_end(size_t i)
{
    return i == LAST ? UINT64_MAX : lower_end(i + 1) - 1;
}

/* How many values must lie at or below the percentile: the share rounded up, but 7 of 100 for 0.07, although that
 * product is a little more than 7 in binary. */
static uint64_t rank_of(double share, uint64_t count)
{
    double exact = share * (double)count;
    exact -= exact * 1e-12;
    if (exact <= 1)
        return 1;
    if (exact >= (double)count)
        return count;
    uint64_t whole = (uint64_t)exact;
    return (double)whole < exact ? whole + 1 : whole;
}

uint64_t bench_histogram_percentile(const struct bench_histogram *h, double share)
{
    if (h->count == 0)
        return 0;
    if (share >= 1)
        return h->most;
    uint64_t rank = rank_of(share, h->count), seen = 0;
    size_t i = 0;
    while (i < LAST && (seen += h->bucket[i]) < rank)
        i++;
    uint64_t end = upper_end(i);
    return end < h->most ? end : h->most;
}

bool bench_histogram_bucket(const struct bench_histogram *h, size_t i, uint64_t *low, uint64_t *high, uint64_t *count)
{
    if (i >= BENCH_HISTOGRAM_BUCKETS)
        return false;
    *low = lower_end(i);
    *high = upper_end(i);
    *count = h->bucket[i];
    return true;
}

void bench_histogram_reset(struct bench_histogram *h)
{
    memset(h, 0, sizeof *h);
}
