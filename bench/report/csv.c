/* The report as CSV: one line for each row of each workload, every column of the tables, in plain numbers.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include <quire/version.h>

#include "base/csv.h"
#include "report/lines.h"
#include "report/report.h"

static void write_number(FILE *out, double value)
{
    if (!isnan(value))
        fprintf(out, "%.9g", value);
}

/* What is said in words is said before the numbers; an interval is two of them. */
static void write_names(FILE *out, struct bench_columns columns)
{
    for (unsigned i = 0; i < columns.count; i++) {
        const struct bench_column *column = &columns.column[i];
        if (column->format == BENCH_FORMAT_INTERVAL)
            fprintf(out, ",%s_low,%s_high", column->key, column->key);
        else if (column->format != BENCH_FORMAT_DURABILITY)
            fprintf(out, ",%s", column->key);
    }
}

static void write_values(FILE *out, struct bench_columns columns, const struct bench_table *table,
                         const struct bench_result *result)
{
    for (unsigned i = 0; i < columns.count; i++) {
        const struct bench_column *column = &columns.column[i];
        if (column->format == BENCH_FORMAT_DURABILITY)
            continue;
        fputc(',', out);
        write_number(out, column->value(column, table, result));
        if (column->format == BENCH_FORMAT_INTERVAL) {
            fputc(',', out);
            write_number(out, column->other(column, table, result));
        }
    }
}

/* All columns there are, in the order of the tables. */
static struct bench_columns columns_of(unsigned number)
{
    switch (number) {
    case 0:
        return bench_columns_speed();
    case 1:
        return bench_columns_monitor();
    case 2:
        return bench_columns_perf();
    default:
        return bench_columns_latency((enum bench_moment)(number - 3));
    }
}

enum { COLUMN_SETS = 3 + BENCH_MOMENTS };

static void write_line(FILE *out, const struct bench_report *report, const struct bench_table *table,
                       const struct bench_line *line)
{
    static const char *const syncs[] = {
        [BENCH_SYNC_NONE] = "none", [BENCH_SYNC_END] = "end", [BENCH_SYNC_EACH] = "each"};
    const struct bench_row *row = line->result->row;
    fprintf(out, "%s,%s,", report->environment.date, quire_version());
    bench_csv_quoted(out, report->environment.directory);
    fprintf(out, ",%" PRIu64 ",%" PRIu64 ",", table->size.record_bytes, table->size.records);
    bench_csv_quoted(out, line->name);
    fputc(',', out);
    bench_csv_quoted(out, line->candidates ? row->name : "");
    fprintf(out, ",%s,%s,%u,%s,%s,%u", row->method, bench_row_kind(row), row->threads, syncs[table->terms.sync],
            bench_durability_name(bench_result_durability(table, line->result)), line->result->count);
    for (unsigned i = 0; i < COLUMN_SETS; i++)
        write_values(out, columns_of(i), table, line->result);
    fputc('\n', out);
}

int bench_csv_write(FILE *out, const struct bench_report *report)
{
    struct bench_lines lines;
    fputs("date,quire,directory,record_bytes,records,row,best_of,method,kind,threads,sync,durability,rounds", out);
    for (unsigned i = 0; i < COLUMN_SETS; i++)
        write_names(out, columns_of(i));
    fputc('\n', out);
    for (size_t c = 0; c < report->chapter_count; c++) {
        const struct bench_table *table = &report->chapters[c].table;
        bench_lines_of(table, &lines);
        for (unsigned i = 0; i < lines.count; i++)
            write_line(out, report, table, &lines.line[i]);
    }
    return ferror(out) ? -EIO : 0;
}
