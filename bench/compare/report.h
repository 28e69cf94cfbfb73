/* A comparison as text for people, as Markdown and CSV for other programs' tables, and as JSON for programs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_COMPARE_REPORT_H
#define BENCH_COMPARE_REPORT_H

#include <stdio.h>

#include "compare/judge.h"

struct bench_compare_report {
    const struct bench_reports *reports;
    const struct bench_match *match;
    const struct bench_comparison *comparison;
    const char *machines; /* how the machines differ, or "" */
};

/* Tables of 100 columns. Colour of the words better and worse only where it is asked for. */
void bench_compare_text(FILE *out, const struct bench_compare_report *report, bool colour);

/* Tables in Markdown, and the sentences of the text around them. */
void bench_compare_markdown(FILE *out, const struct bench_compare_report *report);

/* A line of names, then one line for each change, means included. */
void bench_compare_csv(FILE *out, const struct bench_compare_report *report);

/* One object, {"compare": 1, ...}, and a newline. 0 or -errno; -ENOTSUP in a build without jansson. */
int bench_compare_json(FILE *out, const struct bench_compare_report *report);

/* How the probabilities came about, and what they can and cannot show here: sentences, each followed by `end`. */
void bench_compare_method(FILE *out, const struct bench_comparison *comparison, const struct bench_reports *reports,
                          const char *begin, const char *end);

/* "0.0123", or "<0.0001". */
const char *bench_probability_text(double probability, char text[16]);

#endif
