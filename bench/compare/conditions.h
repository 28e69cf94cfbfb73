/* What a comparison must not show: "p99>+5%", "mib_per_s<-5%", "Page-Aligned*:p99>+5%".
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_CONDITIONS_H
#define BENCH_CONDITIONS_H

#include "compare/judge.h"

enum { BENCH_CONDITIONS_MOST = 32 };

struct bench_condition {
    const char *text; /* as it was given */
    char row[96];     /* a pattern as of fnmatch(3); "": every row */
    unsigned figure;
    bool above;   /* > */
    double bound; /* 0.05: 5 % */
};

/* Reads one, which must live as long. False, and *condition untouched, if it is not understood. */
bool bench_condition_parse(struct bench_condition *condition, const char *text);

/* Whether a change is better or worse, and beyond the bound. */
bool bench_condition_met(const struct bench_condition *condition, const struct bench_change *change);

/* The number of tested changes that a condition speaks of: none, and it could never be met. */
size_t bench_condition_rows(const struct bench_condition *condition, const struct bench_comparison *comparison);

#endif
