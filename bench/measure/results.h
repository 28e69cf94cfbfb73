/* What was measured: for each workload a table, for each row its rounds.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "base/statistics.h"
#include "rows/rows.h"

/* One run of one row. */
struct bench_sample {
    double seconds;                      /* first append to the end of the final sync (or flush) */
    double final_seconds;                /* of that, from the last append to the end of the sync (or flush) */
    double user_seconds, system_seconds; /* CPU in the same stretch */
    double open_seconds, close_seconds;  /* before and after it */
};

struct bench_result {
    const struct bench_row *row;
    struct bench_sample *samples; /* one per round, in the order of rounds */
    unsigned count;
    uint64_t buffer_bytes; /* as it was in use, defaults resolved */
    char unavailable[200]; /* why this row cannot be had here; "" if it can */
};

struct bench_table {
    struct bench_size size;
    uint64_t bytes;
    bool sync;
    unsigned rounds;     /* that were run */
    double others_share; /* of the CPUs, 0 to 1: what other programs and the kernel's threads used meanwhile */
    unsigned count;
    struct bench_result result[BENCH_ROWS_MOST];
};

enum bench_figure {
    BENCH_SECONDS,
    BENCH_FINAL_SECONDS,
    BENCH_CPU_SECONDS,
    BENCH_MIB_PER_S,
    BENCH_RECORDS_PER_S,
    BENCH_OPEN_SECONDS,
    BENCH_CLOSE_SECONDS
};

/* Room for the rounds of all rows: 0 or -ENOMEM. */
int bench_table_make(struct bench_table *table, const struct bench_rows *rows, struct bench_size size, bool sync,
                     unsigned rounds);
void bench_table_free(struct bench_table *table);

double bench_sample_figure(const struct bench_table *table, const struct bench_sample *sample,
                           enum bench_figure figure);
struct bench_spread bench_result_figure(const struct bench_table *table, const struct bench_result *result,
                                        enum bench_figure figure);

/* above / below, round by round: what the two rows met in the same minute. Median, least, greatest. */
struct bench_spread bench_result_ratio(const struct bench_table *table, const struct bench_result *above,
                                       const struct bench_result *below, enum bench_figure figure);

/* The row of that name if it has been measured, else NULL. */
const struct bench_result *bench_table_find(const struct bench_table *table, const char *name);

/* The measured row with the highest median of bytes per second among those wanted, else NULL. */
typedef bool bench_row_filter(const struct bench_row *row);
const struct bench_result *bench_table_best(const struct bench_table *table, bench_row_filter *wanted);

/* Filters: the candidates of each limit; rows of libquire, appending from one thread into a file not prepared, through
 * buffers of quire's own (the methods write and stdio are yardsticks); of those the ones past the page cache; and the
 * ones into a prepared file. */
bool bench_row_is_direct(const struct bench_row *row);
bool bench_row_is_written(const struct bench_row *row);
bool bench_row_is_quire(const struct bench_row *row);
bool bench_row_is_uring(const struct bench_row *row);
bool bench_row_is_prepared(const struct bench_row *row);

#endif
