/* Plots, by gnuplot, as SVG that can stand in a page beside others.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_GNUPLOT_H
#define BENCH_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

/* The grey that scripts draw text and axes in. In the svg it is currentColor. */
#define BENCH_PLOT_INK "#888888"

/* Whether there is a gnuplot to run. */
bool bench_gnuplot_available(void);

/* Runs a script, which has set no terminal's output, and writes the svg element that came of it, its ids made unique by
 * prefix. 0; -ENOENT without gnuplot; -EIO if it failed, drew nothing, took more than 20 seconds, or the program was told
 * to stop: then nothing was written. */
int bench_gnuplot_run(const char *script, const char *prefix, FILE *out);

#endif
