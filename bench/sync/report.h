/* What was measured, apart from how: filled by the measuring, judged and printed here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SYNC_REPORT_H
#define BENCH_SYNC_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/histogram.h"
#include "base/statistics.h"
#include "machine/counters.h"
#include "machine/environment.h"
#include "sync/matrix.h"

enum {
    BENCH_SYNC_ROUNDS_LEAST = 3,
    BENCH_SYNC_ROUNDS_MOST = 25,
    BENCH_SYNC_CELLS = BENCH_SYNC_FILES * BENCH_SYNC_WAYS,
    BENCH_SYNC_LINES_MOST = 10
};

/* One cell in one round. */
struct bench_sync_round {
    uint64_t operations; /* 1 or more */
    double seconds;      /* spent in them */
    struct bench_counters counted;
};

/* What the counters say about a way that is durable by its name. */
enum bench_sync_verdict {
    BENCH_SYNC_UNKNOWN,     /* flushes cannot be counted here, or nothing is known of the write cache */
    BENCH_SYNC_NOT_DURABLE, /* by its nature: sync_file_range, or a file system in memory */
    BENCH_SYNC_FLUSHED,     /* a flush for every append: or fewer, as concurrent ones are merged, but at least half */
    BENCH_SYNC_FUA,         /* none, but the write may have been sent as durable by itself: counters do not show that */
    BENCH_SYNC_NO_CACHE,    /* the write cache is not volatile, or there is none, says the kernel: none is needed */
    BENCH_SYNC_UNFLUSHED    /* none, and nothing else explains it */
};

struct bench_sync_cell {
    enum bench_sync_file file;
    enum bench_sync_way way;
    char missing[120]; /* why it cannot be had here; then there are no rounds */
    unsigned rounds;
    struct bench_sync_round round[BENCH_SYNC_ROUNDS_MOST];
    struct bench_histogram latency; /* of all rounds */
};

struct bench_sync_report {
    struct bench_environment environment;
    struct bench_queue queue;
    uint64_t record_bytes;
    unsigned rounds;
    size_t count;
    struct bench_sync_cell cell[BENCH_SYNC_CELLS];
};

enum bench_sync_figure {
    BENCH_SYNC_RATE,    /* appends a second */
    BENCH_SYNC_FLUSHES, /* of the device, per append */
    BENCH_SYNC_WRITES,  /* requests of the device, per append */
    BENCH_SYNC_KIB,     /* written to the device, per append */
    BENCH_SYNC_OWN_KIB, /* charged to this process, per append: whole folios, see bench_sync_others */
    BENCH_SYNC_FIGURES
};

/* Median and spread over the rounds. False where it could not be counted in each of them, or there are none. */
bool bench_sync_figure_of(const struct bench_sync_cell *cell, enum bench_sync_figure figure,
                          struct bench_spread *value);

enum bench_sync_verdict bench_sync_verdict_of(const struct bench_sync_report *report,
                                              const struct bench_sync_cell *cell);
const char *bench_sync_verdict_name(enum bench_sync_verdict verdict);

/* The cell, or NULL if it was not measured. */
const struct bench_sync_cell *bench_sync_find(const struct bench_sync_report *report, enum bench_sync_file file,
                                              enum bench_sync_way way);

/* How many times as fast a is as b: taken within each round, both were in every one. Neither is without rounds. */
struct bench_spread bench_sync_ratio(const struct bench_sync_cell *a, const struct bench_sync_cell *b);

/* Whether anybody else wrote to the device, over all cells but those of msync. What /proc/self/io says this process
 * wrote is no help: it charges whole folios, 1 MiB for an append of 4 KiB into a file that 1 MiB writes have made. */
struct bench_sync_others {
    double kib; /* given to the device beyond what the leanest round of each cell explains: by others, most likely */
    double all_kib; /* given to it in all */
};

/* False, and nothing given, where that cannot be counted. */
bool bench_sync_others(const struct bench_sync_report *report, struct bench_sync_others *result);

/* What follows from the figures, in sentences. */
struct bench_sync_summary {
    unsigned count;
    char line[BENCH_SYNC_LINES_MOST][480];
};
void bench_sync_summarize(const struct bench_sync_report *report, struct bench_sync_summary *summary);

/* For people, at most 118 columns; for spreadsheets, one line a cell (RFC 4180); for programs, schema 1. JSON: 0 or
 * -errno, -ENOSYS in a build without it. Errors of writing the others are in the stream. */
void bench_sync_text(FILE *out, const struct bench_sync_report *report);
void bench_sync_csv(FILE *out, const struct bench_sync_report *report);
int bench_sync_json(FILE *out, const struct bench_sync_report *report);

#endif
