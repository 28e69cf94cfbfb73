/* The few statistics that the instrument needs: median and extremes of a handful of rounds, and how sure the median is.
 *
 * No mean: one stall of the device in five rounds would own it. No standard deviation: times are not normal, their
 * lower end is a wall and their upper end a tail. The raw rounds are in the JSON for whoever wants more.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_STATISTICS_H
#define BENCH_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

struct bench_spread {
    double median;
    double min, max;
    size_t count; /* of values */
};

/* With fewer rounds nothing is concluded. */
enum { BENCH_ROUNDS_TO_JUDGE = 3 };

/* The median of count (1 or more) values; of an even number, the middle between the two in the middle. Sorts them. */
double bench_median(double *values, size_t count);

/* Median, least and greatest of count (1 or more) values. Sorts them. */
struct bench_spread bench_spread_of(double *values, size_t count);

/* A confidence interval of the median, from the order of the values alone: that low and high are two of them, equally
 * far from either end, and the true median lies between them in `level` (above 0, below 1) of all such samples, whatever
 * the distribution. The narrowest such pair; where even least and greatest are not enough (5 values bound the median in
 * 0.9375 of all cases), these two. *reached is what the pair really gives: level or more, or less where count (1 or
 * more) is too small. The values must be independent of each other. Sorts them. */
void bench_confidence(double *values, size_t count, double level, double *low, double *high, double *reached);

/* How a measured ratio stands to a target that all rounds, most, or none of them reach. */
enum bench_verdict {
    BENCH_HOLDS,    /* the median reaches it */
    BENCH_MISSES,   /* the median does not, and neither did any round */
    BENCH_UNDECIDED /* the median does not, but some round did: the spread covers the target. Or too few rounds */
};

/* at_least: a ratio of target or more is wanted, else of target or less. */
enum bench_verdict bench_judge(struct bench_spread ratio, bool at_least, double target);

#endif
