/* Taking places in the open block: the order of a log.
 *
 * A place is bytes in the open block's buffer, and sequences. The look that is mostly enough is here; sealing, opening
 * the next block and waiting for a buffer or a segment are in places.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_PLACES_H
#define QUIRE_LOG_PLACES_H

#include "log/log.h"

struct quire__place {
    struct quire__slot *slot;
    unsigned char *memory;
    uint64_t sequence;   /* of the first record */
    uint32_t delta;      /* where records have their times: behind the block's first */
    uint64_t first_time; /* in, for a block of a lane's records with their times: of the first, */
    uint32_t last_delta; /* and how much later the last is */
};

/* With the order lock: the time of day, made never to go back. */
uint64_t quire__places_now(struct quire__log_order *order);

/* With the order lock: bytes for count records, or false where that needs more than a look. */
static inline bool quire__places_try(struct quire__log_order *order, uint64_t bytes, uint64_t count,
                                     struct quire__place *place)
{
    struct quire__slot *slot = order->open;

    if (QUIRE__UNLIKELY(!slot || bytes > order->limit - slot->bytes))
        return false;
    place->slot = slot;
    place->memory = slot->memory + slot->bytes;
    place->sequence = order->next_sequence;
    place->delta = 0;
    slot->bytes += bytes;
    slot->records += count;
    order->next_sequence += count;
    return true;
}

/* The same where each record has its time. */
static inline bool quire__places_try_timed(struct quire__log_order *order, uint64_t bytes, uint64_t count,
                                           struct quire__place *place)
{
    if (!order->open)
        return false;
    uint64_t delta = quire__places_now(order) - order->open->first_time;
    if (delta > UINT32_MAX || !quire__places_try(order, bytes, count, place))
        return false;
    place->delta = (uint32_t)delta;
    return true;
}

/* What the place's bytes are is in the block now: whoever finishes it sees all that was stored before. */
static inline void quire__places_publish(const struct quire__place *place, uint64_t bytes)
{
    atomic_fetch_add_explicit(&place->slot->published, bytes, memory_order_release);
}

/* As quire__places_try, waiting (or not) for what stands in the way. *sealed: a block was sealed on the way. fresh:
 * the first place in a block of its own, of records with their times. bytes are what a block can hold, at most. Errors as
 * of quire_log_append, -EAGAIN without wait. */
int quire__places_take(quire_log *log, uint64_t bytes, uint64_t count, bool wait, bool fresh,
                       struct quire__place *place, bool *sealed);

/* With the order lock: seals the open block, if there is one. It has records: none is left open without. */
void quire__places_seal(quire_log *log);

/* Seals what is open; the number of slots sealed so far. *last (unless NULL): the last sequence given. */
uint64_t quire__places_seal_now(quire_log *log, uint64_t *last);

/* Seals what is open, and goes to the next segment unless nothing went to this one: what is taken from here on lies
 * there. *to: that segment, *number: its number, by which it is known later; *sealed: slots sealed so far, all of them
 * before it. -ENOSPC. */
int quire__places_leave_segment(quire_log *log, struct quire__segment **to, uint64_t *number, uint64_t *sealed);

/* Declares what was dropped and not declared yet, since no block may come any more: at close, while nobody appends. */
int quire__places_declare_loss(quire_log *log);

/* From begin to end no block is open, and all slots are this thread's: for a record that no buffer holds. Everything
 * before has been written. */
int quire__places_begin_exclusive(quire_log *log);
void quire__places_end_exclusive(quire_log *log);

/* With the order to itself: bytes in one segment, which order->segment is then. Nothing is dropped where this is
 * waited for, so nothing is to be declared first. -ENOSPC. */
int quire__places_take_space(quire_log *log, uint64_t bytes);
/* A slot of raw pages there; and the end of filling it. */
int quire__places_take_slot(quire_log *log, struct quire__slot **slot);
void quire__places_seal_raw(quire_log *log, struct quire__slot *slot);

/* Without locks: there are sealed blocks. Hand them over, or see to it that somebody does. */
int quire__places_hand_over(quire_log *log);

/* With the order lock: is a slot free? */
static inline bool quire__places_has_slot(const quire_log *log)
{
    return log->order->opened - log->order->freed < log->options.block_count;
}

#endif
