/* Median and extremes. See statistics.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/statistics.h"

#include <stdlib.h>

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    double upper = values[count / 2];
    return count % 2 ? upper : (values[count / 2 - 1] + upper) / 2;
}

struct bench_spread bench_spread_of(double *values, size_t count)
{
    struct bench_spread spread = {.median = bench_median(values, count)};
    spread.min = values[0];
    spread.max = values[count - 1];
    spread.count = count;
    return spread;
}

enum bench_verdict bench_judge(struct bench_spread ratio, bool at_least, double target)
{
    if (ratio.count < BENCH_ROUNDS_TO_JUDGE)
        return BENCH_UNDECIDED;
    if (at_least ? ratio.median >= target : ratio.median <= target)
        return BENCH_HOLDS;
    bool some = at_least ? ratio.max >= target : ratio.min <= target;
    return some ? BENCH_UNDECIDED : BENCH_MISSES;
}
