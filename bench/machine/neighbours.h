/* Who else was at work on this machine while something was measured.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_NEIGHBOURS_H
#define BENCH_NEIGHBOURS_H

#include <stdint.h>
#include <sys/types.h>

/* A share is of all CPUs together, 0 to 1. What cannot be known is 0 or "". */
struct bench_neighbours {
    double cpu_share;      /* used by other programs and by the kernel's own threads */
    double steal_share;    /* that the host gave to other machines */
    uint64_t throttled;    /* times that a CPU was slowed down because of heat */
    double clock_share;    /* of the highest clock that the CPUs have, the slowest of them ran at in the end */
    uint64_t writer_bytes; /* written by the process below, of all others the one that wrote most */
    pid_t writer;
    char writer_name[32];
    unsigned restless; /* how often the device did not come to rest before a row */
    unsigned rests;    /* of so many times that it was waited for */
};

/* A watch over a stretch of time: begin allocates it, end frees it and says what was seen. NULL (no memory) is allowed
 * and sees nothing. */
struct bench_neighbourhood;
struct bench_neighbourhood *bench_neighbours_begin(void);
void bench_neighbours_end(struct bench_neighbourhood *watch, struct bench_neighbours *seen);

#endif
