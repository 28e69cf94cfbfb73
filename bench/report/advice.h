/* Recommendations, computed from the figures of one table and from nothing else.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ADVICE_H
#define BENCH_ADVICE_H

#include "measure/results.h"

enum { BENCH_ADVICE_MOST = 8 };

struct bench_advice {
    char line[BENCH_ADVICE_MOST][240]; /* sentences */
    unsigned count;
};

void bench_advice_make(struct bench_advice *advice, const struct bench_table *table, unsigned threads);

#endif
