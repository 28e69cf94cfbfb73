/* The U test of Mann and Whitney, and Holm's correction. See significance.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/significance.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct ranked {
    double value;
    bool second;
    size_t rank; /* from 1 on; doubled where values are equal, whose mean rank may end in a half */
};

static int by_value(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    return (a->value > b->value) - (a->value < b->value);
}

/* Sorts, gives equal values their mean rank; returns the sum over groups of equal values of size cubed minus size. */
static double give_ranks(struct ranked *all, size_t count)
{
    double ties = 0;
    qsort(all, count, sizeof *all, by_value);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && all[to].value <= all[from].value; to++)
            ;
        for (size_t i = from; i < to; i++)
            all[i].rank = from + 1 + to;
        double size = (double)(to - from);
        ties += size * size * size - size;
    }
    for (size_t i = 0; i < count && ties <= 0; i++)
        all[i].rank /= 2;
    return ties;
}

/* Ranks of the second sample, summed. */
static size_t sum_of_ranks(const struct ranked *all, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += all[i].second ? all[i].rank : 0;
    return sum;
}

static double twice_the_smaller(double a, double b)
{
    double twice = 2 * (a < b ? a : b);
    return twice < 1 ? twice : 1;
}

/* ways[taken * room + sum]: in how many ways `taken` of the values have that sum of ranks. */
static void count_ways(double *ways, const struct ranked *all, size_t count, size_t take, size_t room)
{
    size_t most = 0; /* the greatest sum so far of as many as are taken */
    ways[0] = 1;
    for (size_t i = 0; i < count; i++) {
        most += all[i].rank - (i >= take ? all[i - take].rank : 0);
        size_t reach = most;
        for (size_t taken = i + 1 < take ? i + 1 : take; taken > 0; taken--) {
            double *with = ways + taken * room;
            const double *without = with - room;
            for (size_t sum = reach; sum >= all[i].rank; sum--)
                with[sum] += without[sum - all[i].rank];
            reach -= all[i + 1 - taken].rank;
        }
    }
}

static int exact(const struct ranked *all, size_t count, size_t take, struct bench_difference *difference)
{
    size_t observed = sum_of_ranks(all, count), room = 1;
    for (size_t i = count - take; i < count; i++)
        room += all[i].rank;
    double *ways = calloc((take + 1) * room, sizeof *ways);
    if (!ways)
        return -ENOMEM;
    count_ways(ways, all, count, take, room);
    const double *of = ways + take * room;
    double total = 0, below = 0, same = of[observed];
    for (size_t sum = 0; sum < room; sum++) {
        total += of[sum];
        below += sum < observed ? of[sum] : 0;
    }
    free(ways);
    difference->less = (below + same) / total;
    difference->greater = (total - below) / total;
    return 0;
}

static double above(double deviations)
{
    return erfc(deviations / sqrt(2)) / 2;
}

static void approximate(const struct ranked *all, size_t count, size_t take, double ties,
                        struct bench_difference *difference)
{
    double n = (double)count, m = (double)take;
    double distance = (double)sum_of_ranks(all, count) / (ties > 0 ? 2 : 1) - m * (n + 1) / 2;
    double variance = m * (n - m) / 12 * (n + 1 - ties / (n * (n - 1)));
    if (variance <= 0) {
        difference->less = difference->greater = 1;
        return;
    }
    difference->greater = above((distance - 0.5) / sqrt(variance));
    difference->less = above((-distance - 0.5) / sqrt(variance));
}

int bench_mann_whitney(const double *first, size_t first_count, const double *second, size_t second_count,
                       struct bench_difference *difference)
{
    size_t count = first_count + second_count;
    struct ranked *all = calloc(count, sizeof *all);
    if (!all)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        all[i].second = i >= first_count;
        all[i].value = all[i].second ? second[i - first_count] : first[i];
    }
    double ties = give_ranks(all, count);
    int rc = 0;
    if (count <= BENCH_EXACT_MOST)
        rc = exact(all, count, second_count, difference);
    else
        approximate(all, count, second_count, ties, difference);
    free(all);
    if (rc == 0)
        difference->two_sided = twice_the_smaller(difference->less, difference->greater);
    return rc;
}

double bench_least_probability(size_t first_count, size_t second_count)
{
    double one_sided = 1, n = (double)first_count, m = (double)second_count;
    if (first_count + second_count > BENCH_EXACT_MOST) {
        one_sided = above((n * m / 2 - 0.5) / sqrt(n * m * (n + m + 1) / 12));
    } else {
        for (size_t i = 1; i <= second_count; i++)
            one_sided *= (double)i / (n + (double)i);
    }
    return twice_the_smaller(one_sided, 1);
}

size_t bench_values_needed(double tests, double alpha)
{
    size_t count = 1;
    while (bench_least_probability(count, count) * tests >= alpha)
        count++;
    return count;
}

static int by_probability(const void *left, const void *right)
{
    const double *const *a = left, *const *b = right;
    return (**a > **b) - (**a < **b);
}

int bench_holm(double *probabilities, size_t count, double weight)
{
    double **order = calloc(count ? count : 1, sizeof *order), least = 0;
    if (!order)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        order[i] = &probabilities[i];
    qsort(order, count, sizeof *order, by_probability);
    for (size_t i = 0; i < count; i++) {
        double corrected = *order[i] * (double)(count - i) * weight;
        least = corrected > least ? corrected : least;
        *order[i] = least < 1 ? least : 1;
    }
    free(order);
    return 0;
}
