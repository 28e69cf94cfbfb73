/* How long single appends, hand-overs to the kernel and syncs took.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <pthread.h>
#include <stdint.h>

#include "base/histogram.h"

enum bench_moment {
    BENCH_APPEND,    /* from when an append began (in an open loop: was due) until it had returned */
    BENCH_HAND_OVER, /* one write request, from being asked for until the kernel had it (direct I/O: the device) */
    BENCH_SYNC,      /* one device flush, or the one that a row ends in */
    BENCH_MOMENTS
};

/* "append", "hand_over", "sync". */
const char *bench_moment_name(enum bench_moment moment);

struct bench_latency {
    struct bench_histogram of[BENCH_MOMENTS];
    pthread_mutex_t lock;
};

/* NULL: no memory. */
struct bench_latency *bench_latency_new(void);
void bench_latency_free(struct bench_latency *latency);

/* Any thread, at any time: hand-overs and syncs happen wherever they do. */
void bench_latency_note(struct bench_latency *latency, enum bench_moment moment, uint64_t nanoseconds);

/* Adds what was seen elsewhere. Not while others note. */
void bench_latency_merge(struct bench_latency *into, const struct bench_latency *from);

/* What a histogram is told by, in nanoseconds. */
enum bench_quantile { BENCH_P50, BENCH_P90, BENCH_P99, BENCH_P999, BENCH_P9999, BENCH_MOST, BENCH_QUANTILES };

struct bench_quantiles {
    uint64_t count; /* 0: nothing of that kind was seen */
    uint64_t of[BENCH_QUANTILES];
};

/* "p50", "p90", "p99", "p99.9", "p99.99", "max". */
const char *bench_quantile_name(enum bench_quantile quantile);

/* So many values there must be before a quantile says more than the largest does: 100 for p99. */
double bench_quantile_least(enum bench_quantile quantile);

struct bench_quantiles bench_quantiles_of(const struct bench_histogram *histogram);

#endif
