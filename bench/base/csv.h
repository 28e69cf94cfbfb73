/* What all reports in CSV share (RFC 4180).
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_CSV_H
#define BENCH_CSV_H

#include <stdio.h>

/* Text in quotes, those within it doubled. */
void bench_csv_quoted(FILE *out, const char *text);

#endif
