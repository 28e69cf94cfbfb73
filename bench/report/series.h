/* The time series as a file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_REPORT_SERIES_H
#define BENCH_REPORT_SERIES_H

#include <stdio.h>

#include "measure/series.h"

/* A header and one line for each sample, in the order of time; empty cells where something is not known. 0, or -1 if
 * not all of it could be written. */
int bench_series_csv(FILE *out, const struct bench_series_sample *samples, size_t count);

#endif
