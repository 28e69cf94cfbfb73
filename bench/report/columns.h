/* The columns of the tables: what is shown, whatever it is shown in.
 *
 * Text, Markdown and HTML print a column's cells; CSV and JSON have its plain values. Nobody but this file reckons.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_COLUMNS_H
#define BENCH_COLUMNS_H

#include "measure/results.h"

enum { BENCH_CELL_TEXT = 64 };

/* How a value is written for people. */
enum bench_format {
    BENCH_FORMAT_DURATION, /* of seconds: 7.21 ms */
    BENCH_FORMAT_INTERVAL, /* of seconds, two values: 7.21 ms .. 8.02 ms */
    BENCH_FORMAT_COUNT,    /* 1,966,755 */
    BENCH_FORMAT_RATE,     /* the same, with decimals when it is small */
    BENCH_FORMAT_TENTHS,   /* 12.3 */
    BENCH_FORMAT_HUNDREDTHS,
    BENCH_FORMAT_PERCENT, /* of a share: 0.123 is 12.3 */
    BENCH_FORMAT_MILLI,   /* of seconds: 0.0123 is 12.3 */
    BENCH_FORMAT_MIB,     /* of bytes: 12.3 */
    BENCH_FORMAT_KIB,
    BENCH_FORMAT_DURABILITY /* of enum bench_durability: a word */
};

struct bench_column;
typedef double bench_value(const struct bench_column *column, const struct bench_table *table,
                           const struct bench_result *result);

struct bench_column {
    const char *key;     /* for programs: its name in CSV. Units are in it */
    const char *title;   /* for people; NULL: for programs only */
    int width;           /* of the longest usual cell, the title included */
    unsigned importance; /* in a narrow window the columns of the highest number go first; 0: never */
    enum bench_format format;
    bench_value *value; /* the median over the rounds; NAN where this row has no such figure */
    bench_value *other; /* the second one, for an interval */
    double (*of_sample)(const struct bench_sample *sample); /* what value makes a median of */
    enum bench_perf_event event;                            /* of what the processor counts */
    enum bench_moment moment;                               /* of latencies */
    enum bench_quantile quantile;
};

/* The value for people; false, and text untouched, where this row has no such figure. */
bool bench_cell(const struct bench_column *column, const struct bench_table *table, const struct bench_result *result,
                char text[BENCH_CELL_TEXT]);

struct bench_columns {
    const struct bench_column *column;
    unsigned count;
};

/* Speed; what became of the bytes; what the processor counted; how long one append, hand-over or sync took. */
struct bench_columns bench_columns_speed(void);
struct bench_columns bench_columns_monitor(void);
struct bench_columns bench_columns_perf(void);
struct bench_columns bench_columns_latency(enum bench_moment moment);

#endif
