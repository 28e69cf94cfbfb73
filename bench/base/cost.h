/* What a stretch of work cost: wall time, and CPU of the whole process.
 *
 * CPU is what the kernel charged to this process, its threads and io_uring's workers included. What kernel threads do
 * for it (writeback, the block layer's completions) is charged to nobody, so it is missing from every row alike.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include <stdint.h>

struct bench_cost {
    double seconds;      /* CLOCK_MONOTONIC */
    double user_seconds; /* getrusage(RUSAGE_SELF) */
    double system_seconds;
};

/* Nanoseconds since some moment in the past, and the same in seconds. */
uint64_t bench_now_ns(void);
double bench_now(void);

/* Returns at that moment or a little later: sleeps while it is far off, and looks at the clock without end when it is
 * near, since a sleeper is woken tens of microseconds late. Returns early when the program was told to stop. */
void bench_wait_until(uint64_t moment_ns);

/* What stands behind the three above. Tests bring a clock that moves only when they say so. */
struct bench_clock {
    uint64_t (*now)(void);
    void (*wait_until)(uint64_t moment_ns);
};

/* NULL: the machine's own. To be called while no other thread looks at the clock. */
void bench_clock_use(const struct bench_clock *clock);

/* The meter's reading now; the cost of a stretch is the difference of two readings. */
struct bench_cost bench_reading(void);
struct bench_cost bench_difference(struct bench_cost from, struct bench_cost to);

/* CPU seconds that the whole machine has spent on anything since it started, and of its host's on other machines, in
 * hundredths; 0 if nobody knows. */
void bench_machine_cpu(double *busy, double *steal);

#endif
