/* Taking a place in the order: the look that is mostly enough, and what happens when it is not. Private to the shared
 * lane.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_ORDER_H
#define QUIRE_ORDER_H

#include <string.h>

#include "staging/shared.h"

/* With the order lock: takes published claims off the table, oldest first, up to the first open one. False if none. */
bool quire__order_advance(struct quire__shared *shared);

/* With the order lock: the next length bytes, or false where that needs more than a look. */
static inline bool quire__order_try_place(struct quire__shared *shared, uint64_t length, struct quire_claim *claim)
{
    struct quire__claim_slot *slot = &shared->slots[shared->next % QUIRE__CLAIMS];

    if (QUIRE__UNLIKELY(length > shared->limit - shared->appended))
        return false;
    if (QUIRE__UNLIKELY(shared->next - shared->oldest == QUIRE__CLAIMS) && !quire__order_advance(shared))
        return false;

    claim->memory = shared->base + shared->at;
    claim->length = length;
    claim->offset = shared->appended;
    claim->ticket = shared->next++;
    shared->appended += length;
    shared->at += length;
    slot->spilled = 0;
    if (QUIRE__UNLIKELY(shared->at >= shared->wrap)) {
        shared->at -= shared->wrap;
        slot->spilled = shared->at;
    }
    shared->appends++;
    slot->end = shared->appended;
    atomic_store_explicit(&slot->state, 2 * claim->ticket, memory_order_relaxed);
    return true;
}

/* The end of the stretch that appended is in. */
void quire__order_set_seal(struct quire__shared *shared);

/* Whether the claim reaches the end of its stretch of buffers: then it is time to hand over. */
static inline bool quire__order_takes_seal(struct quire__shared *shared)
{
    if (QUIRE__LIKELY(shared->appended < shared->seal))
        return false;
    quire__order_set_seal(shared);
    return true;
}

/* Makes the bytes part of the file to come. The last store is the one that counts: whoever hands them over sees all
 * that was stored before. */
static inline void quire__order_publish(struct quire__shared *shared, uint64_t ticket)
{
    struct quire__claim_slot *slot = &shared->slots[ticket % QUIRE__CLAIMS];

    if (QUIRE__UNLIKELY(slot->spilled > 0))
        memcpy(shared->base, shared->base + shared->wrap, slot->spilled);
    atomic_store_explicit(&slot->state, 2 * ticket + 1, memory_order_release);
}

/* The same for a claim whose memory was not used. */
static inline void quire__order_publish_unused(struct quire__shared *shared, uint64_t ticket)
{
    atomic_store_explicit(&shared->slots[ticket % QUIRE__CLAIMS].state, 2 * ticket + 1, memory_order_release);
}

/* With the order lock, which is given up meanwhile: waits for whatever stands in the way of a claim of length bytes. 0:
 * look again. Without wait nothing is waited for: -EAGAIN. */
int quire__order_wait(struct quire__shared *shared, uint64_t length, bool wait);

/* The same for whoever has the order to itself, up to limit: memory or a slot of the table stands in the way. */
int quire__order_unblock(struct quire__shared *shared, uint64_t length, uint64_t limit);

/* A whole buffer is published: hand it over, or see to it that somebody does. Without locks. */
int quire__order_hand_over(struct quire__shared *shared);

/* From begin to end all claims are this thread's. begin_offset: where the first will be. */
int quire__order_begin_exclusive(struct quire__shared *shared, uint64_t *begin_offset);
void quire__order_end_exclusive(struct quire__shared *shared, bool whole);

/* With the order lock: there is memory, and space in the file, up to limit. */
void quire__order_set_limit(struct quire__shared *shared, uint64_t limit);

#endif
