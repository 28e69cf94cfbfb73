/* The instrument: measures what the settings ask for and reports it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_INSTRUMENT_H
#define BENCH_INSTRUMENT_H

#include <stdio.h>

#include "rows/settings.h"

/* Where the reports go; any may be NULL. */
struct bench_outputs {
    FILE *text; /* piece by piece, as it becomes known; the others in the end */
    FILE *json;
    FILE *csv, *markdown, *html;
    FILE *trace;  /* spans of time, in Chrome's trace-event format */
    FILE *series; /* the time series, as CSV */
};

/* Exit codes of the command: 0, 1 (it failed; a sentence on stderr says why), or 128 + a signal. Files of its own are
 * gone when it returns. */
int bench_instrument(const struct bench_settings *settings, const struct bench_outputs *outputs);

/* Prints the rows that would be measured. */
void bench_instrument_list(const struct bench_settings *settings, FILE *text);

#endif
