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

/* The segment to go on in: one that the order went to already and nothing was written to, or the next. The lock is
 * given up while it is being made. */
static struct quire__segment *find_fresh(quire_log *log)
{
    struct quire__segment *fresh = NULL;

    while (!fresh) {
        quire__spin_lock(&log->order->lock);
        if (log->order->segment != log->writing && log->order->segment->sums.blocks == 0)
            fresh = log->order->segment;
        else
            fresh = quire__keeper_take_ready(log);
        quire__spin_unlock(&log->order->lock);
        if (fresh)
            break;
        pthread_mutex_unlock(&log->drain);
        int rc = quire__keeper_await_ready(log, true);
        pthread_mutex_lock(&log->drain);
        /* Somebody else may have gone on meanwhile. */
        if (rc < 0 || !quire__log_is_in_trouble(log))
            return NULL;
    }
    return fresh;
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

static void move(quire_log *log, struct quire__segment *fresh)
{
    /* What is durable stays where it is: written again, it would count there, and could be torn. */
    quire__drain_free_durable(log);
    if (log->method->leave)
        log->method->leave(log, log->writing);
    quire__keeper_seal(log, log->writing);
    quire__keeper_fail_sealed(log);
    log->writing = fresh;
    quire__spin_lock(&log->order->lock);
    move_slots(log, fresh);
    log->drained = log->completed = log->order->freed;
    log->completed_sequence = log->continued_at;
    quire__spin_unlock(&log->order->lock);
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
    struct quire__segment *fresh = find_fresh(log);
    if (!fresh)
        return quire__log_is_in_trouble(log) ? give_up(log) : quire__log_code(log);
    log->continued_at = durable;
    move(log, fresh);
    return 0;
}
