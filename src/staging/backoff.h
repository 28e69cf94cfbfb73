/* Waiting for another thread to finish a copy: a few yields, then short sleeps, until a deadline.
 *
 * The publisher of a claim stays free of locks and system calls, so it wakes nobody; whoever needs its bytes looks
 * again. A copy takes microseconds, so the sleeps are met only when its thread lost the processor or keeps a claim
 * open.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_BACKOFF_H
#define QUIRE_BACKOFF_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"

struct quire__backoff {
    uint64_t deadline; /* CLOCK_MONOTONIC, nanoseconds */
    unsigned looks;
};

static inline void quire__backoff_begin(struct quire__backoff *backoff, uint32_t timeout_ms)
{
    backoff->deadline = quire__clock_ns() + (uint64_t)timeout_ms * 1000000u;
    backoff->looks = 0;
}

/* Waits a little. False when the time is over. */
static inline bool quire__backoff_again(struct quire__backoff *backoff)
{
    if (backoff->looks++ < 64) {
        sched_yield();
        return true;
    }
    nanosleep(&(struct timespec){.tv_nsec = backoff->looks < 128 ? 20000 : 500000}, NULL);
    return quire__clock_ns() < backoff->deadline;
}

#endif
