/* The ratios that say how fast quire is: beside its peers and beside the machine's limits, each with its target.
 *
 * Absolute figures say more about the machine than about the program. A ratio of two rows measured in the same round
 * survives a slow disk and a noisy neighbour; the median over the rounds is what counts.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_RATIOS_H
#define BENCH_RATIOS_H

#include "measure/results.h"
#include "measure/staging.h"

enum { BENCH_RATIOS_MOST = 48 };

struct bench_ratio {
    char label[160]; /* what is put above what */
    struct bench_spread value;
    bool has_target;
    bool at_least; /* the target is a lower bound, else an upper bound */
    double target;
};

struct bench_ratios {
    struct bench_ratio ratio[BENCH_RATIOS_MOST];
    unsigned count;
};

/* Those that can be computed from this table, or from this measurement of staging. Adds to what is there. */
void bench_ratios_of_table(struct bench_ratios *ratios, const struct bench_table *table, unsigned threads);
void bench_ratios_of_staging(struct bench_ratios *ratios, const struct bench_staging *staging);

/* "holds", "misses", "open" (the spread covers the target), "" without a target. */
const char *bench_ratio_verdict(const struct bench_ratio *ratio);

#endif
