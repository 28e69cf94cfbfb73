/* The lines of a table. See lines.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/lines.h"

/* The best of a group's candidates, under the name of the group. */
static void add_best(struct bench_lines *lines, const struct bench_table *table, bench_row_filter *of_group,
                     const char *name)
{
    const struct bench_result *best = bench_table_best(table, of_group);
    if (!best)
        return;
    struct bench_line *line = &lines->line[lines->count++];
    *line = (struct bench_line){.name = name, .result = best};
    for (unsigned i = 0; i < table->count; i++)
        line->candidates += table->result[i].count && of_group(table->result[i].row);
}

void bench_lines_of(const struct bench_table *table, struct bench_lines *lines)
{
    lines->count = 0;
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *result = &table->result[i];
        if (result->count && result->row->group == BENCH_ALONE)
            lines->line[lines->count++] = (struct bench_line){.name = result->row->name, .result = result};
    }
    add_best(lines, table, bench_row_is_direct, "limit: direct");
    add_best(lines, table, bench_row_is_written, "limit: direct, written before");
}

bool bench_column_used(const struct bench_column *column, const struct bench_table *table,
                       const struct bench_lines *lines)
{
    char text[BENCH_CELL_TEXT];
    for (unsigned i = 0; i < lines->count; i++)
        if (bench_cell(column, table, lines->line[i].result, text))
            return true;
    return false;
}

unsigned bench_columns_used(struct bench_columns columns, const struct bench_table *table,
                            const struct bench_lines *lines, const struct bench_column *used[BENCH_COLUMNS_MOST])
{
    unsigned count = 0;
    for (unsigned i = 0; i < columns.count && count < BENCH_COLUMNS_MOST; i++)
        if (columns.column[i].title && bench_column_used(&columns.column[i], table, lines))
            used[count++] = &columns.column[i];
    return count;
}

bool bench_line_used(const struct bench_line *line, const struct bench_table *table,
                     const struct bench_column *const *columns, unsigned count)
{
    char text[BENCH_CELL_TEXT];
    for (unsigned i = 0; i < count; i++)
        if (bench_cell(columns[i], table, line->result, text))
            return true;
    return false;
}
