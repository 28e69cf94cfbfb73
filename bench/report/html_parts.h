/* The parts of a page that need no plotter: text, tables, bars.
 *
 * Whatever comes from outside (names of rows, paths, a CPU's name) goes through bench_html_escaped.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_HTML_PARTS_H
#define BENCH_HTML_PARTS_H

#include <stdio.h>

#include "report/lines.h"
#include "report/report.h"

/* Text that may stand between tags and in an attribute in double quotes. */
void bench_html_escaped(FILE *out, const char *text);

/* <tag class="class">text</tag>, without a class where that is "". */
void bench_html_element(FILE *out, const char *tag, const char *class, const char *text);

/* The cells of the columns that any line has; lines without a cell are left out. It scrolls by itself. */
void bench_html_table(FILE *out, const struct bench_table *table, const struct bench_lines *lines,
                      struct bench_columns columns);

/* MiB/s of every line, a bar each, in the colour of what its bytes survive; limits paler. The longest is the fastest
 * whose bytes have left the process: what is faster is cut there. */
void bench_html_bars(FILE *out, const struct bench_table *table, const struct bench_lines *lines);

/* Nothing where there are none. */
void bench_html_ratios(FILE *out, const struct bench_ratios *ratios);
void bench_html_staging(FILE *out, const struct bench_report *report);
void bench_html_rates(FILE *out, const struct bench_report *report);

#endif
