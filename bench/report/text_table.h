/* A table in text: lines and columns, as many columns as there is room for.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_TEXT_TABLE_H
#define BENCH_TEXT_TABLE_H

#include "base/paper.h"
#include "report/lines.h"

/* Prints the head, a rule and the lines. Columns in which no line has a cell are left out, and so are lines without
 * any cell. by: the column that the bars are of, NULL for none; they end at the largest among rows whose bytes
 * have left the process. */
void bench_text_table(const struct bench_paper *paper, const struct bench_table *table, const struct bench_lines *lines,
                      struct bench_columns columns, const char *by);

#endif
