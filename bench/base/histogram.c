/* A log-linear histogram. See histogram.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/histogram.h"

#include <math.h>

enum { HALF = 1 << BENCH_HISTOGRAM_SHIFT };

void bench_histogram_reset(struct bench_histogram *histogram)
{
    *histogram = (struct bench_histogram){.least = UINT64_MAX};
}

/* How far a value is shifted so that its highest 8 bits are left: 0 for one below 256. */
static unsigned shift_of(uint64_t value)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | HALF);
    return bits - 1 - BENCH_HISTOGRAM_SHIFT;
}

static unsigned number_of(uint64_t value)
{
    unsigned shift = shift_of(value);
    uint64_t number = ((uint64_t)shift << BENCH_HISTOGRAM_SHIFT) + (value >> shift);
    return number < BENCH_HISTOGRAM_BUCKETS ? (unsigned)number : BENCH_HISTOGRAM_BUCKETS - 1;
}

void bench_histogram_add(struct bench_histogram *histogram, uint64_t value)
{
    histogram->bucket[number_of(value)]++;
    histogram->count++;
    if (value < histogram->least)
        histogram->least = value;
    if (value > histogram->most)
        histogram->most = value;
}

void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from)
{
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
    into->count += from->count;
    if (from->least < into->least)
        into->least = from->least;
    if (from->most > into->most)
        into->most = from->most;
}

static uint64_t low_of(unsigned number)
{
    unsigned octave = number >> BENCH_HISTOGRAM_SHIFT;
    if (octave == 0)
        return number;
    return ((uint64_t)HALF + number % HALF) << (octave - 1);
}

uint64_t bench_histogram_percentile(const struct bench_histogram *histogram, double share)
{
    if (histogram->count == 0)
        return 0;
    double wanted = ceil(share * (double)histogram->count);
    uint64_t rank = wanted < 1 ? 1 : (uint64_t)wanted, seen = 0;
    for (unsigned i = 0; i + 1 < BENCH_HISTOGRAM_BUCKETS && share < 1; i++) {
        seen += histogram->bucket[i];
        if (seen >= rank) {
            uint64_t high = low_of(i + 1) - 1;
            return high < histogram->most ? high : histogram->most;
        }
    }
    return histogram->most;
}

void bench_histogram_bucket(const struct bench_histogram *histogram, unsigned number, uint64_t *low, uint64_t *high,
                            uint64_t *count)
{
    *low = low_of(number);
    *high = number + 1 < BENCH_HISTOGRAM_BUCKETS ? low_of(number + 1) - 1 : UINT64_MAX;
    *count = histogram->bucket[number];
}
