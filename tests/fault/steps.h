/* A seam of one thread that counts: before the k-th operation something happens, or it fails.
 *
 * Made for sweeps of one function: for each k until it has none. Everything else is passed on to the system, but for
 * syncs, which cost nothing. Closing is no step: nothing is to be done about it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_STEPS_H
#define QUIRE_TESTS_STEPS_H

#include "io/io.h"

struct steps {
    struct quire__io io;
    uint64_t count; /* operations so far */
    uint64_t at;    /* the first that is hit; 0: none is */
    uint64_t times; /* so many */
    uint64_t hits;
    int code;                 /* what the operation comes to; 0: it is done after all */
    void (*act)(void *world); /* NULL, or what happens before it */
    void *world;
    int64_t open; /* files */
};

void steps_begin(struct steps *steps);
/* Counts anew. */
void steps_arm(struct steps *steps, uint64_t at, uint64_t times, int code);

#endif
