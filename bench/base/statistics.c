/* Median, its confidence interval, extremes. See statistics.h.
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

/* How many of count values lie below the true median is as many heads as count coins show. The probability of `heads` is
 * reckoned as a multiple of the one in the middle, and outwards from there: 0.5 to the power of a large count would be
 * 0, while what becomes 0 far from the middle does not matter. */
static double one_head_less(double weight, size_t heads, size_t count)
{
    return weight * (double)heads / (double)(count - heads + 1);
}

/* Of all numbers of heads. An even count has one middle, an odd one two that weigh the same. */
static double sum_of_weights(size_t count)
{
    double weight = 1, sum = 1;
    for (size_t heads = count / 2; heads > 0; heads--) {
        weight = one_head_less(weight, heads, count);
        sum += weight;
    }
    return count % 2 ? 2 * sum : 2 * sum - 1;
}

void bench_confidence(double *values, size_t count, double level, double *low, double *high, double *reached)
{
    static const double rounding = 1e-12;
    double all = sum_of_weights(count), weight = 1, inside = 0;
    size_t from = count / 2; /* the pair is values[from] and its mirror image; from heads come in with the next one */
    if (count % 2 == 0) {
        inside = weight;
        weight = one_head_less(weight, from, count);
        from--;
    }
    while (from > 0 && inside / all + rounding < level) {
        inside += 2 * weight;
        weight = one_head_less(weight, from, count);
        from--;
    }
    qsort(values, count, sizeof *values, by_value);
    *low = values[from];
    *high = values[count - 1 - from];
    *reached = inside / all;
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
