/* When the appends of an open loop are meant to begin: at even distances, or as chance would have it.
 *
 * A closed loop begins the next append when the last has returned, so while the writer stalls nobody asks anything of
 * it and one bad latency is all that is seen. In an open loop the appends are due at times of their own. Who counts
 * from the time an append was due sees every one that a stall has held up.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ARRIVAL_H
#define BENCH_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

struct bench_arrival {
    double interval_ns; /* from one to the next; of chance: on average */
    double due_ns;      /* the next one; 0: nothing has been due yet */
    double phase;       /* 0 to 1: how much of an interval passes before the first */
    uint64_t chance;
    bool poisson;
};

/* rate a second by one thread of several; threads start at different phases, so that they do not come in step. Arrivals
 * of chance are exponentially apart, the same ones for the same seed. */
struct bench_arrival bench_arrival_make(double rate, bool poisson, unsigned thread, unsigned threads, uint64_t seed);

/* The moment at which the next append is due. now is where the first one is counted from. */
uint64_t bench_arrival_next(struct bench_arrival *arrival, uint64_t now_ns);

#endif
