/* The figures of a report that can be compared: what each is called, where the report has it, and which way is better.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_COMPARE_FIGURES_H
#define BENCH_COMPARE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

enum { BENCH_FIGURES = 26 };

/* What the defaults are, and what a report of schema 1 always has. */
enum { BENCH_FIGURE_RATE = 0, BENCH_FIGURE_P99 = 10, BENCH_FIGURES_ALWAYS = 8 };

struct bench_figure_kind {
    const char *name;  /* as --figure has it */
    const char *title; /* as a table has it */
    const char *unit;
    const char *part;  /* of "latency" in a round: "append", "hand_over", "sync"; NULL: in the round itself */
    const char *field; /* of the round, or of that part */
    double scale;      /* field times scale is in unit */
    int decimals;
    bool more_is_better;
    bool positive; /* 0 cannot be */
};

/* figure is below BENCH_FIGURES. */
const struct bench_figure_kind *bench_figure_kind(unsigned figure);

/* By its name of length bytes; "cpu" is cpu_seconds, and "p99" means append_p99. False, and *figure untouched, if there
 * is none. */
bool bench_figure_find(const char *name, size_t length, unsigned *figure);

#endif
