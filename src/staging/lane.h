/* A lane: one thread's own buffer of whole records.
 *
 * The owner copies in and moves position with a release-store: nothing shared, no locked instruction. A hand-over takes
 * what lies between taken and position. It is made by the owner when the lane is full, which then starts again
 * at the front, or by any thread that flushes or syncs, which leaves position alone. Only a hand-over takes the lock.
 *
 * A lane that has the file to itself gathers in step with it: it begins at the place within a page at which the file
 * ends, and is full a little behind the next multiple of its size. Such a batch needs no copy (batch.c), and its write
 * covers whole large pages of the page cache.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LANE_H
#define QUIRE_LANE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/align.h"

/* Takes a batch of whole records: as quire__shared_append_batch. */
typedef int quire__lane_target(void *target, void *data, uint64_t length, bool wait, uint64_t *offset);

struct quire__lane {
    unsigned char *memory;
    uint64_t limit;            /* records end here at the latest; 0: the lane holds nothing back */
    _Atomic uint64_t position; /* end of the records in the lane; only the owner moves it */
    _Atomic uint64_t records;  /* put so far; only the owner counts */

    _Alignas(QUIRE__CACHE_LINE) pthread_mutex_t hand; /* the hand-over */
    uint64_t bytes;                                   /* the most that a record may have */
    uint64_t taken;                                   /* handed over up to here */
    uint64_t end;                                     /* where the last batch ended in the file */
    bool in_step;                                     /* batches begin and end in step with the file's pages */
    bool alone;                                       /* the last batch followed the one before it */
    uint64_t hand_overs;
    quire__lane_target *hand_over;
    void *target;
};

/* Memory for a lane of bytes: up to a page in front, to be in step with the file, and up to a page behind, to fill
 * it. */
static inline uint64_t quire__lane_memory(uint64_t bytes)
{
    return bytes + 2 * QUIRE__PAGE;
}

/* Without holds_back quire__lane_fits says no to every record. in_step: hand_over says where in the file the batch went,
 * and while this lane is alone the next one ends where a buffer does, up to a page behind bytes; otherwise a batch has
 * bytes at most. -ENOMEM. */
int quire__lane_init(struct quire__lane *lane, uint64_t bytes, bool holds_back, bool in_step,
                     quire__lane_target *hand_over, void *target);
void quire__lane_destroy(struct quire__lane *lane);

static inline bool quire__lane_fits(struct quire__lane *lane, uint64_t length)
{
    return length <= lane->limit - atomic_load_explicit(&lane->position, memory_order_relaxed);
}

/* Where the next record goes. */
static inline unsigned char *quire__lane_next(struct quire__lane *lane)
{
    return lane->memory + atomic_load_explicit(&lane->position, memory_order_relaxed);
}

/* length bytes at quire__lane_next are a record now, for the owner and for whoever gathers. */
static inline void quire__lane_publish(struct quire__lane *lane, uint64_t length)
{
    uint64_t position = atomic_load_explicit(&lane->position, memory_order_relaxed);
    uint64_t records = atomic_load_explicit(&lane->records, memory_order_relaxed);

    atomic_store_explicit(&lane->records, records + 1, memory_order_relaxed);
    atomic_store_explicit(&lane->position, position + length, memory_order_release);
}

/* By the owner: hands over everything and starts again at the front, with room for a record of room bytes at least,
 * which is not more than the lane holds. On failure the records stay in the lane. */
int quire__lane_empty(struct quire__lane *lane, uint64_t room, bool wait, uint64_t *end);

/* By any thread: hands over what the owner had put in when it was called. */
int quire__lane_gather(struct quire__lane *lane);

/* Bytes not handed over, and how often the others were: of one moment. */
void quire__lane_count(struct quire__lane *lane, uint64_t *pending, uint64_t *hand_overs);

#endif
