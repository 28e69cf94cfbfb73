/* The keeper: a thread that makes the next segment ready before it is needed, finishes sealed ones, and takes the
 * oldest away.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_KEEPER_H
#define QUIRE_LOG_KEEPER_H

#include "log/log.h"

/* Starts the thread; the segment being written is log->writing, and ready may hold one that was found. */
int quire__keeper_start(quire_log *log);
/* Ends it; finishes what is sealed. */
void quire__keeper_stop(quire_log *log);

/* With the order lock: the segment that is ready, and sees to it that there will be another; NULL: there is none. */
struct quire__segment *quire__keeper_take_ready(quire_log *log);

/* Without locks: returns when a segment is ready, or why there is none. Without wait: -EAGAIN, or why. */
int quire__keeper_await_ready(quire_log *log, bool wait);

/* There is something to do. */
void quire__keeper_poke(quire_log *log);

/* With the drain lock: a segment that will not be written any more. */
void quire__keeper_seal(quire_log *log, struct quire__segment *segment);

/* With the drain lock: nothing more is written to the segments that wait to be finished, nor flushed. */
void quire__keeper_fail_sealed(quire_log *log);

/* A segment with blocks that no flush covered. */
struct quire__dirty {
    int file;
    uint64_t end;
};

/* With the drain lock: is there such a segment, or one that was closed without a flush? */
bool quire__keeper_has_dirty(quire_log *log);

/* With the sync and drain locks: those segments, oldest first, at most QUIRE__SEGMENTS; what is written of them counts
 * as covered from now on. */
uint32_t quire__keeper_take_dirty(quire_log *log, struct quire__dirty *dirty);

/* With the sync lock: flushes segments that were closed without a flush. A failure poisons. */
int quire__keeper_sync_closed(quire_log *log);

/* Returns when the sealed segments before this number are finished. */
int quire__keeper_await_sealed(quire_log *log, uint64_t number);

/* Wakes all who wait for the keeper, since nothing will come any more. */
void quire__keeper_wake_all(quire_log *log);

/* A structure to use, and back. */
struct quire__segment *quire__keeper_new_segment(quire_log *log);
void quire__keeper_free_segment(quire_log *log, struct quire__segment *segment);

#endif
