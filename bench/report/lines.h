/* The lines of a table: which rows are shown, and under what name.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include "report/columns.h"

/* A line of a table: a row that has been measured, or the best of a group of candidates under the group's name. */
struct bench_line {
    const char *name;
    const struct bench_result *result;
    unsigned candidates; /* that it is the best of; 0: it stands for itself */
};

struct bench_lines {
    struct bench_line line[BENCH_ROWS_MOST];
    unsigned count;
};

void bench_lines_of(const struct bench_table *table, struct bench_lines *lines);

/* Whether any line has a cell in that column. */
bool bench_column_used(const struct bench_column *column, const struct bench_table *table,
                       const struct bench_lines *lines);

/* The columns for people in which any line has a cell, in their order; how many. */
enum { BENCH_COLUMNS_MOST = 32 };
unsigned bench_columns_used(struct bench_columns columns, const struct bench_table *table,
                            const struct bench_lines *lines, const struct bench_column *used[BENCH_COLUMNS_MOST]);

/* Whether a line has a cell in any of those columns. */
bool bench_line_used(const struct bench_line *line, const struct bench_table *table,
                     const struct bench_column *const *columns, unsigned count);

#endif
