/* What was asked of the instrument. Made by whoever reads the command line, or by a test.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SETTINGS_H
#define BENCH_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/number.h"
#include "rows/adapter.h"

enum { BENCH_BUFFERS_MOST = 16, BENCH_ROUNDS_MOST = 1000, BENCH_PEERS_MOST = 16 };

struct bench_settings {
    const char *directory;
    struct bench_size workloads[BENCH_WORKLOADS_MOST];
    size_t workload_count;                /* 0: the usual ones */
    uint64_t buffers[BENCH_BUFFERS_MOST]; /* of the rows that have one; none: each method's usual ones */
    size_t buffer_count;
    bool chosen; /* the families below were chosen; else the usual ones */
    bool families[BENCH_FAMILIES];
    unsigned threads; /* of the concurrent rows */
    unsigned rounds;  /* 0: 5, or for quick as many as there is time for */
    enum bench_sync sync;
    bool quick;
    bool perf;         /* what the processor counts is shown too */
    bool latency;      /* each append is timed, in runs of their own unless a rate is set */
    bool monitor;      /* what became of the bytes is shown too */
    double rate;       /* records a second that are due in an open loop; 0: a closed loop */
    bool poisson;      /* due as chance would have it, not at even distances */
    const char *slo;   /* find the highest rate that keeps this ("p99<2ms"), and no tables; NULL: no */
    double interval;   /* seconds between two samples of the time series; 0: there is none */
    unsigned handicap; /* per cent by which appends of the row below are made slower on purpose */
    char handicapped[48];
    bool peers[BENCH_PEERS_MOST]; /* by their number in bench_peer_at() */
    const char *json;             /* NULL, "-" or a path */
};

/* The defaults: this directory, 8 threads, a final sync. */
struct bench_settings bench_settings_default(void);

/* Chooses what was left open: the three workloads of the seed, or, where each record is to be durable, as many records
 * of these sizes as that is bearable for. */
void bench_settings_complete(struct bench_settings *settings);

/* Whether a family of rows takes part. */
bool bench_settings_want(const struct bench_settings *settings, enum bench_family family);

/* "paged", "lane", "fwrite", ... as --methods has them; NULL beyond the last. */
const char *bench_family_name(enum bench_family family);

/* Comma-separated lists into the settings. False, with *culprit naming what was wrong, and nothing promised of the
 * settings, if one is not understood. */
bool bench_settings_methods(struct bench_settings *settings, const char *list, const char **culprit);
bool bench_settings_peers(struct bench_settings *settings, const char *list, const char **culprit);
bool bench_settings_handicap(struct bench_settings *settings, const char *text); /* "NAME:PERCENT" */
bool bench_settings_buffers(struct bench_settings *settings, const char *list, const char **culprit);

#endif
