/* What a stretch of work cost: wall time, and CPU of the whole process.
 *
 * CPU is what the kernel charged to this process, its threads and io_uring's workers included. What kernel threads do
 * for it (writeback, the block layer's completions) is charged to nobody, so it is missing from every row alike.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

struct bench_cost {
    double seconds;      /* CLOCK_MONOTONIC */
    double user_seconds; /* getrusage(RUSAGE_SELF) */
    double system_seconds;
};

/* Seconds since some moment in the past. */
double bench_now(void);

/* The meter's reading now; the cost of a stretch is the difference of two readings. */
struct bench_cost bench_reading(void);
struct bench_cost bench_difference(struct bench_cost from, struct bench_cost to);

/* CPU seconds that the whole machine has spent on anything since it started, in hundredths; 0 if nobody knows. */
double bench_machine_busy(void);

#endif
