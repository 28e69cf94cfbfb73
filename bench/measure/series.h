/* What a run looked like while it ran: a sample every so many milliseconds.
 *
 * A thread of its own looks at how many records have been appended, at the device's counters and at the page cache. The
 * first sample of a row is taken one interval after its first append, the last when its clock stops, however long that
 * is after the one before. An interval in which a row that was appending got no record further is a stall.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/watch.h"

enum bench_phase { BENCH_PHASE_APPEND, BENCH_PHASE_SYNC };

/* What a row tells about itself when its clock starts. All of it outlives the row's run. */
struct bench_series_row {
    const char *name;
    uint64_t record_bytes;
    unsigned run;
    const char *path, *counters;
    const struct bench_watch *const *watches; /* one per thread */
    unsigned watch_count;
};

struct bench_series_sample {
    char row[48];
    unsigned run;
    uint64_t record_bytes;
    enum bench_phase phase;
    double at_seconds;     /* since the series began */
    double row_seconds;    /* since the row's clock started */
    double span_seconds;   /* that this sample covers */
    uint64_t records;      /* appended in that span */
    uint64_t device_bytes; /* written by the device in that span, whoever asked for it */
    uint64_t under_way;    /* requests at the device at that moment */
    double busy;           /* share of the span that the device had something to do */
    bool device_known;
    uint64_t cached_bytes, dirty_bytes; /* of the row's file at that moment */
    bool cache_known;
    bool stalled;
};

struct bench_series;

/* Starts the thread. NULL: no memory or no thread. */
struct bench_series *bench_series_start(double interval_seconds);

/* The clock of a row starts; its appends are over and the sync begins; its clock stops. series may be NULL. */
void bench_series_begin(struct bench_series *series, const struct bench_series_row *row);
void bench_series_sync(struct bench_series *series);
void bench_series_end(struct bench_series *series);

/* Ends the thread. The samples live until the series is freed. lost: so many could not be kept for lack of memory. */
const struct bench_series_sample *bench_series_stop(struct bench_series *series, size_t *count, size_t *lost);
void bench_series_free(struct bench_series *series);

#endif
