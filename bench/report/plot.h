/* The plots of a page, as scripts for gnuplot.
 *
 * Colours are of a middle lightness, and what is written takes the page's own (gnuplot.h), so that a plot can be read on
 * a light page and on a dark one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "report/lines.h"
#include "report/report.h"

/* Rows that are worth a curve, in the order of the table: of each kind of method, of each peer and of the limits the
 * fastest whose bytes have left the process; where those are more than eight, the fastest eight. */
enum { BENCH_CURVES_MOST = 8 };
struct bench_curves {
    const struct bench_line *line[BENCH_CURVES_MOST + 1];
    unsigned count;
};
void bench_plot_choose(const struct bench_table *table, const struct bench_lines *lines, struct bench_curves *curves);

/* The colour of curve number `number`, as CSS and gnuplot have it: the page names the curves itself. */
const char *bench_plot_colour(unsigned number);

/* Whether a curve has latencies enough of a moment to be drawn. */
bool bench_plot_has(const struct bench_curves *curves, unsigned number, enum bench_moment moment);

/* Latency by percentile: which share of all values is below a latency. False, and nothing written, if no curve has
 * values. */
bool bench_plot_latency(FILE *script, const struct bench_curves *curves, enum bench_moment moment);

/* MiB/s of each round, so that a drift of the machine shows. */
void bench_plot_rounds(FILE *script, const struct bench_table *table, const struct bench_curves *curves);

/* The time series: MiB/s appended (colour 0) and written by the device (1), stalls marked (3). */
void bench_plot_series(FILE *script, const struct bench_series_sample *samples, size_t count);

#endif
