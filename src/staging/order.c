/* Waiting for one's turn: room, open claims, an append in pieces, the end. See order.h and shared.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/order.h"

#include <errno.h>

#include "staging/backoff.h"
#include "staging/drainer.h"

bool quire__order_advance(struct quire__shared *shared)
{
    uint64_t oldest = shared->oldest;
    uint64_t published = shared->published;

    while (oldest != shared->next) {
        struct quire__claim_slot *slot = &shared->slots[oldest % QUIRE__CLAIMS];
        /* Pairs with the release in publish: whoever hands these bytes over sees them. */
        if (atomic_load_explicit(&slot->state, memory_order_acquire) != 2 * oldest + 1)
            break;
        published = slot->end;
        oldest++;
    }
    bool advanced = oldest != shared->oldest;
    shared->oldest = oldest;
    shared->published = published;
    return advanced;
}

void quire__order_set_seal(struct quire__shared *shared)
{
    shared->seal = quire__round_down(shared->appended, shared->stretch) + shared->stretch;
}

void quire__order_set_limit(struct quire__shared *shared, uint64_t limit)
{
    shared->ready = limit;
    shared->limit = shared->exclusive ? shared->appended : limit;
}

static int make_room(struct quire__shared *shared, uint64_t length)
{
    if (length > QUIRE__FILE_MAX - shared->appended)
        return -EFBIG;
    uint64_t appended = shared->appended;
    quire__spin_unlock(&shared->order);

    atomic_fetch_add_explicit(&shared->waits, 1, memory_order_relaxed);
    uint64_t begun = QUIRE__OBSERVE_BEGIN(shared->observer, wait, appended, length);
    pthread_mutex_lock(&shared->drain);
    /* Others may take places meanwhile; then this is looked at again. */
    uint64_t end = quire__shared_appended(shared) + length;
    int rc = quire__progress_code(shared->progress);
    if (rc == 0)
        rc = shared->sink->ops->room(shared->sink, end);
    pthread_mutex_unlock(&shared->drain);
    QUIRE__OBSERVE_END(shared->observer, QUIRE_EVENT_WAIT, wait, begun, appended, length, rc);

    quire__spin_lock(&shared->order);
    return rc;
}

/* Somebody else appends a record in pieces: as long as that takes. With the order lock. */
static void wait_for_turn(struct quire__shared *shared)
{
    struct quire__backoff backoff;

    quire__backoff_begin(&backoff, 0);
    while (shared->exclusive) {
        quire__spin_unlock(&shared->order);
        quire__backoff_again(&backoff);
        quire__spin_lock(&shared->order);
    }
}

/* All slots of the table are open claims. */
static int wait_for_slot(struct quire__shared *shared)
{
    struct quire__backoff backoff;

    quire__backoff_begin(&backoff, shared->claim_timeout_ms);
    quire__order_advance(shared);
    while (shared->next - shared->oldest == QUIRE__CLAIMS) {
        quire__spin_unlock(&shared->order);
        bool again = quire__backoff_again(&backoff);
        quire__spin_lock(&shared->order);
        if (!again)
            return QUIRE_E_CLAIM_OPEN;
        quire__order_advance(shared);
    }
    return 0;
}

int quire__order_unblock(struct quire__shared *shared, uint64_t length, uint64_t limit)
{
    return length > limit - shared->appended ? make_room(shared, length) : wait_for_slot(shared);
}

int quire__order_wait(struct quire__shared *shared, uint64_t length, bool wait)
{
    int code = quire__progress_code(shared->progress);

    if (code < 0)
        return code;
    if (!wait) /* then there is one who makes room */
        return quire__drainer_ask(shared->drainer, shared->appended + length);
    if (shared->exclusive) {
        wait_for_turn(shared);
        return 0;
    }
    return quire__order_unblock(shared, length, shared->limit);
}

int quire__order_hand_over(struct quire__shared *shared)
{
    if (shared->drainer) {
        quire__drainer_wake(shared->drainer);
        return quire__progress_code(shared->progress);
    }
    /* Whoever has the lock is handing over, or making room, which is the same; the next to cross comes by soon. */
    if (pthread_mutex_trylock(&shared->drain) != 0)
        return quire__progress_code(shared->progress);
    int rc = quire__shared_drain(shared);
    pthread_mutex_unlock(&shared->drain);
    return rc;
}

int quire__order_begin_exclusive(struct quire__shared *shared, uint64_t *begin_offset)
{
    quire__spin_lock(&shared->order);
    wait_for_turn(shared);
    int rc = quire__progress_code(shared->progress);
    if (rc == 0) {
        shared->exclusive = true;
        shared->ready = shared->limit;
        shared->limit = shared->appended;
        shared->appends_before = shared->appends;
        *begin_offset = shared->appended;
    }
    quire__spin_unlock(&shared->order);
    return rc;
}

void quire__order_end_exclusive(struct quire__shared *shared, bool whole)
{
    quire__spin_lock(&shared->order);
    shared->exclusive = false;
    /* The pieces were one record. */
    shared->appends = shared->appends_before + (whole ? 1 : 0);
    quire__order_set_limit(shared, shared->ready);
    quire__spin_unlock(&shared->order);
}
