/* What the processor and the kernel count while something runs: perf_event_open(2).
 *
 * Hardware counters are there only where the machine (or the host of a virtual one) gives them; software counters nearly
 * always. Where the kernel is not to be looked into, only this program's own part is counted.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PERF_H
#define BENCH_PERF_H

#include <stdbool.h>
#include <stdint.h>

enum bench_perf_event {
    BENCH_CYCLES,
    BENCH_INSTRUCTIONS,
    BENCH_CACHE_MISSES,
    BENCH_BRANCH_MISSES,
    BENCH_PAGE_FAULTS,
    BENCH_CONTEXT_SWITCHES,
    BENCH_PERF_EVENTS
};

/* "cycles", "instructions", ... */
const char *bench_perf_name(enum bench_perf_event event);

struct bench_perf_counts {
    bool known[BENCH_PERF_EVENTS];
    double count[BENCH_PERF_EVENTS]; /* scaled up where the kernel had to take turns */
};

/* Counters of this thread and of those it starts from now on, which do not run yet. */
struct bench_perf {
    int fd[BENCH_PERF_EVENTS]; /* -1: not to be had */
    bool own_only;             /* what the kernel does for this program is not counted */
    int reason;                /* -errno of the first that is not to be had; 0: all are */
};

void bench_perf_open(struct bench_perf *perf);
void bench_perf_start(const struct bench_perf *perf);
void bench_perf_stop(const struct bench_perf *perf, struct bench_perf_counts *counts);
void bench_perf_close(struct bench_perf *perf);

/* What would have been counted in all the time enabled, from what was in the time running. Nothing ran: 0. */
double bench_perf_scale(uint64_t value, uint64_t enabled, uint64_t running);

#endif
