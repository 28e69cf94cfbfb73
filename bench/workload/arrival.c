/* When the appends of an open loop are meant to begin. See arrival.h.
 *
 * SPDX-License-Identifier: MIT */
#include "workload/arrival.h"

#include <math.h>

#include "base/chance.h"

struct bench_arrival bench_arrival_make(double rate, bool poisson, unsigned thread, unsigned threads, uint64_t seed)
{
    return (struct bench_arrival){
        .interval_ns = 1e9 / rate,
        .phase = (double)thread / threads,
        .chance = seed * 0x10001 + thread,
        .poisson = poisson,
    };
}

/* Exponentially distributed with mean 1. */
static double exponential(uint64_t *chance)
{
    double even = ((double)(bench_chance(chance) >> 11) + 1) * 0x1p-53; /* above 0, up to 1 */
    return -log(even);
}

uint64_t bench_arrival_next(struct bench_arrival *arrival, uint64_t now_ns)
{
    if (arrival->due_ns <= 0)
        arrival->due_ns = (double)now_ns + arrival->phase * arrival->interval_ns;
    else
        arrival->due_ns += arrival->interval_ns * (arrival->poisson ? exponential(&arrival->chance) : 1);
    return (uint64_t)arrival->due_ns;
}
