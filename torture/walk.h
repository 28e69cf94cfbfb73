/* Along a trace, and at each place: what a power cut there could leave.
 *
 * What a flush covered is there. Of what is pending since, any part may be: each write as a whole, in part by sectors of
 * 512 bytes or by pages, or not at all; each size with or without its data; each name. Nothing is known of their order,
 * but that of two writes to one place the later one is what the cache held.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_WALK_H
#define QUIRE_TORTURE_WALK_H

#include "torture/trace.h"

enum { TORTURE_PENDING = 4096 };

struct torture_walk {
    const struct torture_trace *trace;
    struct torture_arena arena;   /* of what is durable */
    struct torture_image durable; /* as covered by flushes */
    uint64_t next;                /* events before this one have happened */
    struct torture_pending {
        uint64_t event;
        uint64_t replaced_by; /* a later write, of all of it; 0: none */
        bool doomed;          /* a flush of it failed: no other covers it */
    } pending[TORTURE_PENDING];
    uint32_t pending_count;
    uint32_t live_count;          /* of those that were not replaced */
    uint64_t acknowledged, begun; /* by the marks so far */
    bool failed;                  /* no memory, or more pending than there is room for */
};

void torture_walk_begin(struct torture_walk *walk, const struct torture_image *image,
                        const struct torture_trace *trace);
void torture_walk_end(struct torture_walk *walk);

/* To the next place at which a power cut can leave what it could not before: in front of an event that becomes pending,
 * or at the end. A flush only takes from what is possible. False: there is none. */
bool torture_walk_on(struct torture_walk *walk);

/* How many states are to be tried here: all, while few are possible, and at most `most`. */
uint32_t torture_walk_states(const struct torture_walk *walk, uint32_t most);

/* State number `state` of them; the same for the same seed. stale: what was never written durably, and is not zeros by
 * the file system's doing, holds what was on the disk before: blocks of this log among it. */
bool torture_walk_wreck(const struct torture_walk *walk, uint32_t state, uint64_t seed, bool stale,
                        struct torture_arena *arena, struct torture_image *wreck);

#endif
