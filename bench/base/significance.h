/* Whether two samples differ by more than chance.
 *
 * The test is Mann and Whitney's U test (Wilcoxon's of rank sums): it looks at the order of the values alone, so it
 * assumes nothing of how times are distributed. Up to BENCH_EXACT_MOST values together the probabilities are exact, ties
 * included: all ways of dealing the values that are there to the two samples are counted. Above, they are those of the
 * normal distribution with its corrections for ties and continuity.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SIGNIFICANCE_H
#define BENCH_SIGNIFICANCE_H

#include <stddef.h>

enum { BENCH_EXACT_MOST = 50 };

/* The probabilities, were both samples of one distribution, of ranks at least as far apart as these. */
struct bench_difference {
    double greater;   /* the second sample as high as it is, or higher */
    double less;      /* as low, or lower */
    double two_sided; /* twice the smaller one, at most 1 */
};

/* Compares `second` with `first`, each of 1 or more values, none of them NaN; neither is changed. 0 or -ENOMEM. */
int bench_mann_whitney(const double *first, size_t first_count, const double *second, size_t second_count,
                       struct bench_difference *difference);

/* The least two-sided probability that samples of these sizes can give, when they do not overlap at all. */
double bench_least_probability(size_t first_count, size_t second_count);

/* How many values each of two samples must have before one of `tests` comparisons can show anything: until the least
 * probability times tests is below alpha (above 0). */
size_t bench_values_needed(double tests, double alpha);

/* Corrects count probabilities for being tested together, by Holm's step-down of Bonferroni's: comparing each with alpha
 * then raises a false alarm anywhere in at most alpha of all cases, however they depend on each other. weight is that
 * of the whole family, 1 for a family alone, 2 for one of two that share alpha. 0 or -ENOMEM. */
int bench_holm(double *probabilities, size_t count, double weight);

#endif
