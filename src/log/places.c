/* Sealing the open block, opening the next, and waiting for what that needs. See places.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/places.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#include <quire/reader.h>

#include "base/worker.h"
#include "log/drain.h"
#include "log/keeper.h"

/* At the end of a segment there stays room for a gap block and the footer, whatever happens. */
enum { ENDING = 2 * QUIRE__PAGE };

/* What keeps a block from being opened. */
enum obstacle { NONE, NO_SLOT, NO_SEGMENT, NOT_OUR_TURN };

uint64_t quire__log_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t quire__places_now(struct quire__log_order *order)
{
    uint64_t now = quire__log_now();

    /* A clock that was set back must not make the log go back: who looks for a time bisects. */
    if (now > order->last_time)
        order->last_time = now;
    return order->last_time;
}

void quire__places_seal(quire_log *log)
{
    struct quire__log_order *order = log->order;
    struct quire__slot *slot = order->open;

    if (!slot)
        return;
    slot->last_time = order->block_time = quire__places_now(order);
    slot->last_sequence = order->next_sequence - 1;
    order->payload += slot->bytes - QUIRE__BLOCK_HEADER - slot->records * log->frame;
    order->offset += quire__round_up(slot->bytes, QUIRE__PAGE);
    order->open = NULL;
    order->sealed++;
}

uint64_t quire__places_seal_now(quire_log *log, uint64_t *last)
{
    quire__spin_lock(&log->order->lock);
    quire__places_seal(log);
    uint64_t sealed = log->order->sealed;
    if (last)
        *last = log->order->next_sequence - 1;
    quire__spin_unlock(&log->order->lock);
    return sealed;
}

static bool is_old(quire_log *log)
{
    uint64_t age = log->options.rotate_ms;

    return age > 0 && log->order->offset > QUIRE__SEGMENT_BEGIN &&
           quire__places_now(log->order) - log->order->segment->created > age * 1000000u;
}

/* With the order lock, and no block open: what comes from here on goes to the next segment. */
static enum obstacle begin_next(quire_log *log)
{
    struct quire__log_order *order = log->order;

    struct quire__segment *next = quire__keeper_take_ready(log);
    if (!next)
        return NO_SEGMENT;
    order->segment = next;
    order->offset = QUIRE__SEGMENT_BEGIN;
    order->wants_segment = true;
    return NONE;
}

/* With the order lock: a place for so many bytes in a segment. */
static enum obstacle find_space(quire_log *log, uint64_t bytes)
{
    bool fits = log->order->offset + bytes + ENDING <= log->order->segment->bytes;

    return fits && !is_old(log) ? NONE : begin_next(log);
}

/* With the order lock: the next slot, for a block in order->segment. */
static struct quire__slot *open_slot(quire_log *log, enum quire__slot_kind kind)
{
    struct quire__log_order *order = log->order;
    struct quire__slot *slot = quire__log_slot(log, order->opened++);

    slot->kind = kind;
    slot->partial = false;
    slot->segment = order->segment;
    slot->bytes = QUIRE__BLOCK_HEADER;
    slot->records = 0;
    slot->first_sequence = order->next_sequence;
    slot->first_time = quire__places_now(order);
    slot->done = slot->finished = false;
    atomic_store_explicit(&slot->published, 0, memory_order_relaxed);
    return slot;
}

/* With the order lock: what was dropped takes up its sequences, and is declared before anything that came later. */
static enum obstacle declare_loss(quire_log *log)
{
    struct quire__log_order *order = log->order;

    enum obstacle obstacle = find_space(log, QUIRE__PAGE);
    if (obstacle != NONE)
        return obstacle;
    struct quire__slot *slot = open_slot(log, QUIRE__SLOT_GAP);
    slot->records = order->lost;
    slot->lost_reason = order->lost_reason;
    slot->lost_bytes = order->lost_bytes;
    slot->last_time = slot->first_time;
    slot->first_time = quire__min(slot->first_time, order->lost_first_time);
    order->next_sequence += order->lost;
    order->declared_lost += order->lost;
    slot->last_sequence = order->next_sequence - 1;
    order->lost = order->lost_bytes = 0;
    order->lost_reason = QUIRE_GAP_DROPPED;
    order->block_time = slot->last_time;
    order->offset += QUIRE__PAGE;
    order->sealed++;
    return NONE;
}

/* With the order lock. */
static enum obstacle open_block(quire_log *log)
{
    struct quire__log_order *order = log->order;
    enum obstacle obstacle = NONE;

    if (order->exclusive)
        return NOT_OUR_TURN;
    if (order->lost > 0)
        obstacle = quire__places_has_slot(log) ? declare_loss(log) : NO_SLOT;
    if (obstacle == NONE && !quire__places_has_slot(log))
        obstacle = NO_SLOT;
    if (obstacle == NONE)
        obstacle = find_space(log, log->options.block_bytes);
    if (obstacle == NONE)
        order->open = open_slot(log, QUIRE__SLOT_RECORDS);
    return obstacle;
}

/* Drains until a slot is free. Who has the drain lock works for all. */
static int free_a_slot(quire_log *log)
{
    quire__log_count(&log->waits, 1);
    uint64_t begun = QUIRE__OBSERVE_BEGIN(&log->observer, wait, 0, log->options.block_bytes);
    int rc = log->background ? quire__drain_await_slot(log) : quire__drain_for_slot(log);
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_WAIT, wait, begun, 0, log->options.block_bytes, rc);
    return rc;
}

static int await_turn(void)
{
    sched_yield();
    nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    return 0;
}

/* Without locks. 0: look again. */
static int overcome(quire_log *log, enum obstacle obstacle, bool wait)
{
    /* Where nobody waits there is no record larger than a buffer. */
    if (obstacle == NOT_OUR_TURN)
        return await_turn();
    if (obstacle == NO_SEGMENT)
        return quire__keeper_await_ready(log, wait);
    if (wait)
        return free_a_slot(log);
    quire__worker_poke(log->drainer);
    return -EAGAIN;
}

/* A lane's records were made before their block was opened, and after the one before it was sealed, or so it is
 * said. */
static bool take_fresh(struct quire__log_order *order, uint64_t bytes, uint64_t count, struct quire__place *place)
{
    if (!quire__places_try(order, bytes, count, place))
        return false;
    place->slot->first_time = quire__max(place->first_time, order->block_time);
    order->last_time = quire__max(order->last_time, place->slot->first_time + place->last_delta);
    return true;
}

static bool try_take(quire_log *log, uint64_t bytes, uint64_t count, bool fresh, struct quire__place *place)
{
    struct quire__log_order *order = log->order;

    if (fresh && order->open && order->open->records > 0)
        return false;
    if (fresh)
        return take_fresh(order, bytes, count, place);
    return log->frame > QUIRE__RECORD_WORD ? quire__places_try_timed(order, bytes, count, place)
                                           : quire__places_try(order, bytes, count, place);
}

int quire__places_take(quire_log *log, uint64_t bytes, uint64_t count, bool wait, bool fresh,
                       struct quire__place *place, bool *sealed)
{
    struct quire__log_order *order = log->order;
    bool wants_segment;

    quire__spin_lock(&order->lock);
    int rc = quire__log_code(log);
    while (rc == 0 && !try_take(log, bytes, count, fresh, place)) {
        if (order->open && order->open->records == 0) { /* opened just now, and the clock has jumped since */
            order->open->first_time = quire__places_now(order);
            continue;
        }
        *sealed |= order->open != NULL;
        quire__places_seal(log);
        enum obstacle obstacle = open_block(log);
        if (obstacle == NONE)
            continue;
        quire__spin_unlock(&order->lock);
        rc = overcome(log, obstacle, wait);
        quire__spin_lock(&order->lock);
        if (rc == 0)
            rc = quire__log_code(log);
    }
    wants_segment = order->wants_segment;
    order->wants_segment = false;
    quire__spin_unlock(&order->lock);
    /* Long before its first block is written: the one after it has until this one is full. */
    if (wants_segment)
        quire__keeper_poke(log);
    return rc;
}

/* With the order lock. A record larger than a buffer is not left in the middle. */
static enum obstacle leave_segment(quire_log *log)
{
    if (log->order->exclusive)
        return NOT_OUR_TURN;
    quire__places_seal(log);
    return log->order->offset == QUIRE__SEGMENT_BEGIN ? NONE : begin_next(log);
}

int quire__places_leave_segment(quire_log *log, struct quire__segment **to, uint64_t *number, uint64_t *sealed)
{
    struct quire__log_order *order = log->order;
    int rc = quire__log_code(log);

    quire__spin_lock(&order->lock);
    order->leaving++;
    while (rc == 0) {
        enum obstacle obstacle = leave_segment(log);
        if (obstacle == NONE)
            break;
        quire__spin_unlock(&order->lock);
        rc = overcome(log, obstacle, true);
        quire__spin_lock(&order->lock);
    }
    order->leaving--;
    if (rc == 0) {
        *to = order->segment;
        *number = order->segment->number;
        *sealed = order->sealed;
    }
    quire__spin_unlock(&order->lock);
    return rc;
}

int quire__places_begin_exclusive(quire_log *log)
{
    struct quire__log_order *order = log->order;

    quire__spin_lock(&order->lock);
    while (order->exclusive || order->leaving > 0) {
        quire__spin_unlock(&order->lock);
        await_turn();
        quire__spin_lock(&order->lock);
    }
    int rc = quire__log_code(log);
    if (rc == 0) {
        quire__places_seal(log);
        order->exclusive = true;
    }
    quire__spin_unlock(&order->lock);
    return rc;
}

void quire__places_end_exclusive(quire_log *log)
{
    quire__spin_lock(&log->order->lock);
    log->order->exclusive = false;
    quire__spin_unlock(&log->order->lock);
}

int quire__places_take_space(quire_log *log, uint64_t bytes)
{
    struct quire__log_order *order = log->order;
    int rc = 0;

    quire__spin_lock(&order->lock);
    while (rc == 0 && find_space(log, bytes) != NONE) {
        quire__spin_unlock(&order->lock);
        rc = overcome(log, NO_SEGMENT, true);
        quire__spin_lock(&order->lock);
    }
    quire__spin_unlock(&order->lock);
    return rc;
}

int quire__places_declare_loss(quire_log *log)
{
    struct quire__log_order *order = log->order;
    int rc = 0;

    quire__spin_lock(&order->lock);
    while (rc == 0 && order->lost > 0) {
        quire__places_seal(log);
        enum obstacle obstacle = quire__places_has_slot(log) ? declare_loss(log) : NO_SLOT;
        if (obstacle == NONE)
            break;
        quire__spin_unlock(&order->lock);
        rc = overcome(log, obstacle, true);
        quire__spin_lock(&order->lock);
    }
    quire__spin_unlock(&order->lock);
    return rc;
}

int quire__places_take_slot(quire_log *log, struct quire__slot **slot)
{
    struct quire__log_order *order = log->order;
    int rc = 0;

    quire__spin_lock(&order->lock);
    while (rc == 0 && !quire__places_has_slot(log)) {
        quire__spin_unlock(&order->lock);
        rc = free_a_slot(log);
        quire__spin_lock(&order->lock);
    }
    if (rc == 0)
        *slot = open_slot(log, QUIRE__SLOT_RAW);
    quire__spin_unlock(&order->lock);
    return rc;
}

void quire__places_seal_raw(quire_log *log, struct quire__slot *slot)
{
    struct quire__log_order *order = log->order;

    quire__spin_lock(&order->lock);
    slot->last_time = order->block_time = order->last_time;
    slot->last_sequence = order->next_sequence - 1;
    order->offset += slot->bytes;
    order->sealed++;
    quire__spin_unlock(&order->lock);
}

int quire__places_hand_over(quire_log *log)
{
    if (log->drainer) {
        quire__worker_poke(log->drainer);
        return quire__log_code(log);
    }
    return quire__drain_some(log);
}
