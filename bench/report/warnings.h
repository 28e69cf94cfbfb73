/* What may have spoilt the figures of a table, and what to do about it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_WARNINGS_H
#define BENCH_WARNINGS_H

#include "machine/environment.h"
#include "measure/results.h"

enum { BENCH_WARNINGS_MOST = 12 };

struct bench_warning {
    char cause[200];
    char remedy[200];
};

struct bench_warnings {
    struct bench_warning warning[BENCH_WARNINGS_MOST];
    unsigned count;
};

/* Those of one table, in the order of how much they spoil. */
void bench_warnings_make(struct bench_warnings *warnings, const struct bench_table *table,
                         const struct bench_environment *environment);

#endif
