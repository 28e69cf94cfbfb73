/* Moving what is not durable to another segment. See go_on.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/go_on.h"

#include "log/drain.h"
#include "log/keeper.h"

int quire__log_trouble(quire_log *log, int code, enum quire_call call, uint64_t offset)
{
    int none = 0;

    if (!log->retain)
        return quire__log_fail(log, code, call, offset);
    /* The first counts; what fails after it fails because of it. */
    pthread_mutex_lock(&log->keeper.lock);
    if (atomic_compare_exchange_strong(&log->trouble, &none, code)) {
        log->trouble_call = call;
        log->trouble_offset = offset;
    }
    pthread_mutex_unlock(&log->keeper.lock);
    return code;
}

static int give_up(quire_log *log)
{
    /* Whoever reported it may still be writing down where it happened. */
    pthread_mutex_lock(&log->keeper.lock);
    int code = atomic_load(&log->trouble);
    enum quire_call call = log->trouble_call;
    uint64_t offset = log->trouble_offset;
    pthread_mutex_unlock(&log->keeper.lock);
    return quire__log_fail(log, code, call, offset);
}

/* There is a segment to go on in: one that the order went to already, or the next. Whoever appends may be taking that. */
static bool has_fresh(quire_log *log)
{
    quire__spin_lock(&log->order->lock);
    bool has = log->order->segment != log->writing || atomic_load(&log->keeper.ready);
    quire__spin_unlock(&log->order->lock);
    return has;
}

/* The lock is given up while one is being made, and somebody else may go on meanwhile. */
static int await_fresh(quire_log *log)
{
    int rc = 0;

    while (rc == 0 && quire__log_is_in_trouble(log) && !has_fresh(log)) {
        pthread_mutex_unlock(&log->drain);
        rc = quire__keeper_await_ready(log, true);
        pthread_mutex_lock(&log->drain);
    }
    return rc;
}

/* With the order lock: the last segment that the order went to, so that nobody who has left one comes back to it. */
static struct quire__segment *choose_fresh(quire_log *log)
{
    return log->order->segment != log->writing ? log->order->segment : quire__keeper_take_ready(log);
}

/* With the order lock: what is being written, and those between it and fresh, to which nothing was. */
static uint32_t find_left(quire_log *log, const struct quire__segment *fresh, struct quire__segment **left)
{
    uint32_t count = 0;

    left[count++] = log->writing;
    for (uint64_t i = log->drained; i != log->order->opened; i++) {
        struct quire__segment *segment = quire__log_slot(log, i)->segment;
        if (segment != left[count - 1] && segment != fresh)
            left[count++] = segment;
    }
    return count;
}

/* With the order lock: slots from freed on are written again, to fresh; and what will come goes behind them. */
static void move_slots(quire_log *log, struct quire__segment *fresh)
{
    struct quire__log_order *order = log->order;
    uint64_t offset = QUIRE__SEGMENT_BEGIN;

    for (uint64_t i = order->freed; i != order->opened; i++) {
        struct quire__slot *slot = quire__log_slot(log, i);
        slot->segment = fresh;
        slot->done = false;
        if (i != order->opened - 1 || slot != order->open)
            offset += slot->finished ? slot->length : quire__round_up(slot->bytes, QUIRE__PAGE);
    }
    order->segment = fresh;
    order->offset = offset;
}

static void move(quire_log *log)
{
    struct quire__segment *left[QUIRE__SEGMENTS];

    /* What is durable stays where it is: written again, it would count there, and could be torn. */
    quire__drain_free_durable(log);
    if (log->method->leave)
        log->method->leave(log, log->writing);
    quire__spin_lock(&log->order->lock);
    struct quire__segment *fresh = choose_fresh(log);
    uint32_t count = find_left(log, fresh, left);
    move_slots(log, fresh);
    log->drained = log->completed = log->order->freed;
    log->completed_sequence = log->continued_at;
    quire__spin_unlock(&log->order->lock);
    log->writing = fresh;
    for (uint32_t i = 0; i < count; i++)
        quire__keeper_seal(log, left[i]);
    quire__keeper_fail_sealed(log);
    atomic_store(&log->trouble, 0);
    quire__log_count(&log->continued, 1);
}

int quire__log_go_on(quire_log *log)
{
    uint64_t durable = quire__progress_durable(&log->progress);

    /* Several blocks are to be written now, and no write of one of them makes the others durable. */
    log->hurry = false;
    if (!quire__log_is_in_trouble(log))
        return quire__log_code(log);
    if (atomic_load(&log->continued) > 0 && durable == log->continued_at)
        return give_up(log);
    /* What earlier sessions left without a flush is in no buffer. */
    if (durable + 1 < log->begin_sequence)
        return give_up(log);
    /* The kernel may still be reading buffers. */
    if (log->method->quiet)
        log->method->quiet(log);
    int rc = await_fresh(log);
    if (!quire__log_is_in_trouble(log))
        return quire__log_code(log);
    if (rc < 0)
        return give_up(log);
    log->continued_at = durable;
    move(log);
    return 0;
}
