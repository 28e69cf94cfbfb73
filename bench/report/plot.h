/* The plots of a page, as scripts for gnuplot.
 *
 * Colours are of a middle lightness, and what is written is grey, so that a plot can be read on a light page and on a
 * dark one.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "report/lines.h"
#include "report/report.h"

/* Rows that are worth a curve: of each family the fastest row, and the fastest limit that has been to the device; at most
 * eight, the fastest of them. */
enum { BENCH_CURVES_MOST = 8 };
struct bench_curves {
    const struct bench_line *line[BENCH_CURVES_MOST];
    unsigned count;
};
void bench_plot_choose(const struct bench_table *table, const struct bench_lines *lines, struct bench_curves *curves);

/* MiB/s of every line, a bar each, in the colour of what its bytes survive; limits paler. */
void bench_plot_bars(FILE *script, const struct bench_table *table, const struct bench_lines *lines);

/* Latency by percentile: which share of all values is below a latency. False, and nothing written, if no curve has
 * values. */
bool bench_plot_latency(FILE *script, const struct bench_curves *curves, enum bench_moment moment);

/* MiB/s of each round, so that a drift of the machine shows. */
void bench_plot_rounds(FILE *script, const struct bench_table *table, const struct bench_curves *curves);

/* The time series: MiB/s appended and written by the device, stalls marked. */
void bench_plot_series(FILE *script, const struct bench_series_sample *samples, size_t count);

#endif
