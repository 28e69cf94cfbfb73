/* What was measured: for each workload a table, for each row its rounds.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "base/statistics.h"
#include "machine/counters.h"
#include "machine/neighbours.h"
#include "machine/page_cache.h"
#include "machine/perf.h"
#include "rows/rows.h"
#include "workload/latency.h"

/* One run of one row. */
struct bench_sample {
    double seconds;                      /* first append to the end of the final sync (or flush) */
    double final_seconds;                /* of that, from the last append to the end of the sync (or flush) */
    double user_seconds, system_seconds; /* CPU in the same stretch */
    double open_seconds, close_seconds;  /* before and after it */
    struct bench_use use;
    struct bench_counters counted;                 /* what the kernel counted in the same stretch */
    struct bench_page_cache cache;                 /* of the file, at its end; all 0 where cache_known is not set */
    struct bench_perf_counts perf;                 /* of the same stretch; nothing is known where nobody asked */
    bool cache_known;                              /* the kernel has cachestat */
    struct bench_quantiles latency[BENCH_MOMENTS]; /* of a run in which each append was timed; else all 0 */
};

struct bench_result {
    const struct bench_row *row;
    struct bench_sample *samples; /* one per round, in the order of rounds */
    unsigned count;
    uint64_t buffer_bytes;         /* as it was in use, defaults resolved */
    struct bench_latency *latency; /* of all rounds that count; NULL: not asked for */
    char unavailable[200];         /* why this row cannot be had here; "" if it can */
};

/* What is asked of all rows of a table. */
struct bench_terms {
    enum bench_sync sync;
    bool memory_only; /* the directory is in memory: no sync makes anything durable */
    bool perf;        /* what the processor counts is wanted too */
    bool latency;     /* appends are timed, in runs of their own unless a rate is set */
    double rate;      /* records a second; 0: a closed loop */
    bool poisson;
    unsigned rounds;
};

struct bench_table {
    struct bench_size size;
    uint64_t bytes;
    struct bench_terms terms;
    unsigned rounds; /* that were run */
    struct bench_neighbours neighbours;
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
int bench_table_make(struct bench_table *table, const struct bench_rows *rows, struct bench_size size,
                     const struct bench_terms *terms);
void bench_table_free(struct bench_table *table);

double bench_sample_figure(const struct bench_table *table, const struct bench_sample *sample,
                           enum bench_figure figure);
struct bench_spread bench_result_figure(const struct bench_table *table, const struct bench_result *result,
                                        enum bench_figure figure);

/* Where the median of a figure lies with confidence level: 0.95 where there are rounds enough, else what they allow. */
struct bench_interval {
    double low, high, level;
};
struct bench_interval bench_result_confidence(const struct bench_table *table, const struct bench_result *result,
                                              enum bench_figure figure);

/* above / below, round by round: what the two rows met in the same minute. Median, least, greatest. */
struct bench_spread bench_result_ratio(const struct bench_table *table, const struct bench_result *above,
                                       const struct bench_result *below, enum bench_figure figure);

/* What the row's bytes survive when it has ended, and how many of them a power cut then would cost. */
enum bench_durability bench_result_durability(const struct bench_table *table, const struct bench_result *result);
uint64_t bench_result_risk(const struct bench_table *table, const struct bench_result *result);

/* "nothing", "kernel", "device". */
const char *bench_durability_name(enum bench_durability durability);

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

/* "quire", "peer" or "limit". */
const char *bench_row_kind(const struct bench_row *row);

#endif
