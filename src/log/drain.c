/* The one thread at a time that hands over. See drain.h; what a block is made of is in finish.c.
 *
 * SPDX-License-Identifier: MIT */
#include "log/drain.h"

#include "base/clock.h"
#include "base/worker.h"
#include "log/commit.h"
#include "log/finish.h"
#include "log/go_on.h"
#include "log/keeper.h"
#include "log/live.h"
#include "log/places.h"
#include "staging/backoff.h"

static bool is_copied(const struct quire__slot *slot)
{
    return slot->kind != QUIRE__SLOT_RECORDS ||
           atomic_load_explicit(&slot->published, memory_order_acquire) == slot->bytes - QUIRE__BLOCK_HEADER;
}

static int await_copies(quire_log *log, const struct quire__slot *slot)
{
    struct quire__backoff backoff;

    quire__backoff_begin(&backoff, log->options.claim_timeout_ms);
    while (!is_copied(slot)) {
        if (log->closing)
            return 0; /* what is still open stays void */
        if (!quire__backoff_again(&backoff))
            return QUIRE_E_CLAIM_OPEN;
    }
    return 0;
}

/* From here on blocks go to another segment: the one before is the keeper's. */
static void enter_segment(quire_log *log, struct quire__segment *segment)
{
    if (log->method->leave)
        log->method->leave(log, log->writing);
    log->writing->last_slot = log->drained;
    quire__keeper_seal(log, log->writing);
    log->writing = segment;
    quire__log_count(&log->rotations, 1);
}

static bool follows(const struct quire__slot *before, const struct quire__slot *slot)
{
    return slot->memory == before->memory + before->length && slot->segment == before->segment;
}

/* Slots from drained on that are finished, and lie back to back: one write. */
static int write_run(quire_log *log, uint64_t upto)
{
    uint64_t first = log->drained;
    uint64_t last = first;
    struct quire__slot *slot = quire__log_slot(log, first);

    if (slot->segment != log->writing)
        enter_segment(log, slot->segment);
    do {
        quire__finish(log, slot);
        last++;
        /* Compressing moves a block to other memory. */
        if (last == upto || !log->method->merges || log->compressor || !is_copied(quire__log_slot(log, last)))
            break;
        slot = quire__log_slot(log, last);
    } while (follows(quire__log_slot(log, last - 1), slot));
    log->drained = last;
    log->writing->dirty = true;
    return log->method->write(log, log->writing, first, last);
}

int quire__drain(quire_log *log, uint64_t upto, bool wait)
{
    int rc = quire__log_code(log);
    uint64_t before = log->completed;

    while (rc == 0 && log->drained < upto) {
        const struct quire__slot *slot = quire__log_slot(log, log->drained);
        if (!wait && !is_copied(slot))
            break;
        rc = await_copies(log, slot);
        if (rc == 0)
            rc = write_run(log, upto);
        if (quire__log_is_in_trouble(log))
            rc = quire__log_go_on(log);
    }
    quire__drain_advance(log);
    /* What is durable in a moment is told then. */
    if (log->completed != before && !log->hurry)
        quire__live_tell(log);
    return rc;
}

int quire__drain_reap(quire_log *log, uint64_t upto)
{
    int rc = quire__log_code(log);
    uint64_t before = log->completed;

    while (rc == 0 && log->completed < upto) {
        rc = log->method->reap ? log->method->reap(log, true) : 0;
        quire__drain_advance(log);
        if (rc == 0)
            rc = quire__log_failure(log);
    }
    if (log->completed != before)
        quire__live_tell(log);
    return rc;
}

int quire__drain_complete(quire_log *log, uint64_t upto)
{
    int rc = quire__drain_reap(log, upto);

    while (rc < 0 && quire__log_is_in_trouble(log)) {
        rc = quire__log_go_on(log);
        if (rc == 0)
            rc = quire__drain(log, upto, true);
        if (rc == 0)
            rc = quire__drain_reap(log, upto);
    }
    return rc;
}

/* With the drain lock: slots up to number may be used again. */
static void free_slots(quire_log *log, uint64_t number)
{
    quire__spin_lock(&log->order->lock);
    log->order->freed = number;
    quire__spin_unlock(&log->order->lock);
    if (!log->background)
        return;
    pthread_mutex_lock(&log->progress.lock);
    pthread_cond_broadcast(&log->progress.moved);
    pthread_mutex_unlock(&log->progress.lock);
}

void quire__drain_free_durable(quire_log *log)
{
    uint64_t durable = quire__progress_durable(&log->progress);
    uint64_t before = log->order->freed; /* only moved under the drain lock */
    uint64_t free = before;

    if (!log->retain)
        return;
    for (uint64_t i = before; i < log->completed && quire__log_slot(log, i)->last_sequence <= durable; i++)
        if (!quire__log_slot(log, i)->partial)
            free = i + 1;
    if (free != before)
        free_slots(log, free);
}

void quire__drain_advance(quire_log *log)
{
    uint64_t before = log->completed;

    while (log->completed != log->drained && quire__log_slot(log, log->completed)->done)
        log->completed++;
    if (log->completed == before)
        return;
    uint64_t written = quire__log_slot(log, log->completed - 1)->last_sequence;
    log->completed_sequence = written;
    /* What is written again was written before. */
    if (written > quire__progress_written(&log->progress))
        quire__progress_set_written(&log->progress, written);
    if (!log->retain)
        free_slots(log, log->completed);
}

int quire__drain_all(quire_log *log)
{
    uint64_t upto = quire__places_seal_now(log, NULL);

    pthread_mutex_lock(&log->drain);
    int rc = quire__drain(log, upto, true);
    if (rc == 0)
        rc = quire__drain_complete(log, upto);
    pthread_mutex_unlock(&log->drain);
    return rc;
}

int quire__rotate_now(quire_log *log)
{
    struct quire__segment *to;
    uint64_t number;
    uint64_t upto;

    /* First the order: whoever appends meanwhile is in the next segment, and cannot keep this one from its end. */
    int rc = quire__places_leave_segment(log, &to, &number, &upto);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&log->drain);
    rc = quire__drain(log, upto, true);
    if (rc == 0)
        rc = quire__drain_complete(log, upto);
    /* Unless a block has gone there already. */
    if (rc == 0 && log->writing->number < number)
        enter_segment(log, to);
    pthread_mutex_unlock(&log->drain);
    return rc < 0 ? rc : quire__keeper_await_sealed(log, number);
}

static uint64_t sealed_slots(quire_log *log)
{
    quire__spin_lock(&log->order->lock);
    uint64_t sealed = log->order->sealed;
    quire__spin_unlock(&log->order->lock);
    return sealed;
}

int quire__drain_some(quire_log *log)
{
    int rc = quire__log_code(log);

    /* Whoever has the lock is handing over, or making room, which is the same; the next to seal comes by soon. */
    if (rc < 0 || pthread_mutex_trylock(&log->drain) != 0)
        return rc;
    uint64_t sealed = sealed_slots(log);
    if (!log->method->merges || sealed - log->drained >= log->options.block_count / 2)
        rc = quire__drain(log, sealed, false);
    if (rc == 0 && log->method->reap)
        rc = log->method->reap(log, false);
    quire__drain_advance(log);
    if (quire__log_is_in_trouble(log))
        rc = quire__log_go_on(log);
    pthread_mutex_unlock(&log->drain);
    return rc;
}

int quire__drain_for_slot(quire_log *log)
{
    pthread_mutex_lock(&log->drain);
    uint64_t before = log->completed;
    uint64_t sealed = sealed_slots(log);
    int rc = quire__drain(log, sealed, true);
    if (rc == 0 && log->completed == before && log->completed < log->drained)
        rc = quire__drain_complete(log, log->completed + 1);
    pthread_mutex_unlock(&log->drain);
    if (rc < 0 || !log->retain)
        return rc;
    /* Kept until they are durable: then that is what frees them. The keeper may have seen to it already. */
    rc = quire__commit_up_to(log, quire__progress_written(&log->progress));
    pthread_mutex_lock(&log->drain);
    quire__drain_free_durable(log);
    pthread_mutex_unlock(&log->drain);
    return rc;
}

/* With the drain lock. False: nothing is left to do, or it cannot be done. */
static bool drain_a_block(quire_log *log)
{
    int rc = 0;

    if (log->drained < sealed_slots(log))
        rc = quire__drain(log, log->drained + 1, true);
    else if (log->completed < log->drained)
        rc = quire__drain_complete(log, log->completed + 1);
    return rc == 0 && (log->drained < sealed_slots(log) || log->completed < log->drained);
}

void quire__drain_by_blocks(quire_log *log)
{
    bool more = true;

    while (more) {
        pthread_mutex_lock(&log->drain);
        more = drain_a_block(log);
        pthread_mutex_unlock(&log->drain);
    }
}

static bool slot_is_free(quire_log *log)
{
    quire__spin_lock(&log->order->lock);
    bool is_free = quire__places_has_slot(log);
    quire__spin_unlock(&log->order->lock);
    return is_free;
}

int quire__drain_await_slot(quire_log *log)
{
    struct timespec until = quire__clock_after_ms(log->options.claim_timeout_ms);
    int timeout = 0;

    quire__worker_poke(log->drainer);
    pthread_mutex_lock(&log->progress.lock);
    while (timeout == 0 && !slot_is_free(log) && quire__progress_code(&log->progress) == 0)
        timeout = pthread_cond_timedwait(&log->progress.moved, &log->progress.lock, &until);
    pthread_mutex_unlock(&log->progress.lock);
    /* A claim is in its way, or the device is slow: what is so, this one says. */
    return timeout == 0 ? quire__log_code(log) : quire__drain_for_slot(log);
}

uint64_t quire__log_appended(quire_log *log)
{
    quire__spin_lock(&log->order->lock);
    uint64_t appended = log->order->next_sequence - 1;
    quire__spin_unlock(&log->order->lock);
    return appended;
}
