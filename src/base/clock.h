/* Time that never goes back.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_CLOCK_H
#define QUIRE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in nanoseconds. */
static inline uint64_t quire__clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The moment that is ms milliseconds away, for a wait by CLOCK_MONOTONIC. */
static inline struct timespec quire__clock_after_ms(uint32_t ms)
{
    uint64_t then = quire__clock_ns() + (uint64_t)ms * 1000000u;

    return (struct timespec){.tv_sec = (time_t)(then / 1000000000u), .tv_nsec = (long)(then % 1000000000u)};
}

#endif
