/* Taking places in the order, and filling them. Handing over is in drain.c; the picture is in shared.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/shared.h"

#include <errno.h>
#include <string.h>

#include "staging/drainer.h"
#include "staging/order.h"

int quire__shared_init(struct quire__shared *shared, const struct quire__shared_setup *setup)
{
    uint64_t page = quire__round_down(setup->begin, QUIRE__PAGE);

    memset(shared, 0, sizeof *shared);
    shared->begin = setup->begin;
    shared->buffer_bytes = setup->buffer_bytes;
    shared->claim_most = setup->claim_most;
    shared->claim_timeout_ms = setup->claim_timeout_ms;
    shared->progress = setup->progress;
    shared->sink = setup->sink;
    shared->observer = setup->observer;
    shared->appended = shared->published = shared->drained = setup->begin;
    shared->stretch = setup->stretch;
    quire__order_set_seal(shared);
    shared->capacity = setup->capacity;
    shared->ceiling = setup->ceiling;
    shared->base = setup->ring;
    shared->wrap = setup->capacity ? setup->capacity : UINT64_MAX;
    /* A byte's place in memory has the alignment of its place in the file, and a buffer ends in both together. */
    shared->at = setup->capacity ? setup->begin % setup->capacity : setup->begin - page;
    shared->freed = quire__round_down(setup->begin, setup->buffer_bytes);
    shared->limit = setup->capacity ? quire__min(shared->freed + setup->capacity, setup->ceiling) : setup->begin;
    /* Not 0, and not what another writer counts from: a claim of its would not pass for one of ours. */
    shared->oldest = shared->next = (uint64_t)(uintptr_t)shared * 0x9E3779B97F4A7C15u;
    for (uint64_t i = 0; i < QUIRE__CLAIMS; i++)
        atomic_init(&shared->slots[(shared->next + i) % QUIRE__CLAIMS].state,
                    2 * (shared->next + i - QUIRE__CLAIMS) + 1);

    return -pthread_mutex_init(&shared->drain, NULL);
}

void quire__shared_destroy(struct quire__shared *shared)
{
    pthread_mutex_destroy(&shared->drain);
}

static __attribute__((noinline)) int place_slowly(struct quire__shared *shared, uint64_t length, bool wait,
                                                  struct quire_claim *claim, bool *crossed)
{
    int rc = 0;

    quire__spin_lock(&shared->order);
    while (rc == 0 && !quire__order_try_place(shared, length, claim))
        rc = quire__order_wait(shared, length, wait);
    if (rc == 0)
        *crossed = quire__order_takes_seal(shared);
    quire__spin_unlock(&shared->order);
    return rc;
}

/* The next length bytes: crossed says that there are buffers to hand over once they are published. */
static inline int place(struct quire__shared *shared, uint64_t length, bool wait, struct quire_claim *claim,
                        bool *crossed)
{
    quire__spin_lock(&shared->order);
    bool placed = quire__order_try_place(shared, length, claim);
    if (QUIRE__LIKELY(placed))
        *crossed = quire__order_takes_seal(shared);
    quire__spin_unlock(&shared->order);
    return QUIRE__LIKELY(placed) ? 0 : place_slowly(shared, length, wait, claim, crossed);
}

static int append_in_pieces(struct quire__shared *shared, const struct iovec *pieces, int count, uint64_t length,
                            bool wait, uint64_t *offset);

QUIRE__NO_STACK_PROTECTOR int quire__shared_append(struct quire__shared *shared, const void *data, uint64_t length,
                                                   bool wait, uint64_t *offset)
{
    struct quire_claim claim = {0};
    bool crossed = false;

    if (QUIRE__UNLIKELY(length > shared->claim_most))
        return append_in_pieces(shared, &(struct iovec){(void *)(uintptr_t)data, length}, 1, length, wait, offset);
    int rc = place(shared, length, wait, &claim, &crossed);
    if (QUIRE__UNLIKELY(rc < 0))
        return rc;
    memcpy(claim.memory, data, length);
    quire__order_publish(shared, claim.ticket);
    if (QUIRE__UNLIKELY(crossed))
        rc = quire__order_hand_over(shared);
    if (rc == 0 && offset)
        *offset = claim.offset;
    return rc;
}

int quire__shared_appendv(struct quire__shared *shared, const struct iovec *pieces, int count, uint64_t length,
                          bool wait, uint64_t *offset)
{
    struct quire_claim claim = {0};
    bool crossed = false;

    if (QUIRE__UNLIKELY(length > shared->claim_most))
        return append_in_pieces(shared, pieces, count, length, wait, offset);
    int rc = place(shared, length, wait, &claim, &crossed);
    if (rc < 0)
        return rc;
    unsigned char *to = claim.memory;
    for (int i = 0; i < count; i++) {
        if (pieces[i].iov_len > 0) /* a NULL base is fine for no bytes, but not for memcpy */
            memcpy(to, pieces[i].iov_base, pieces[i].iov_len);
        to += pieces[i].iov_len;
    }
    quire__order_publish(shared, claim.ticket);
    if (crossed)
        rc = quire__order_hand_over(shared);
    if (rc == 0 && offset)
        *offset = claim.offset;
    return rc;
}

int quire__shared_claim(struct quire__shared *shared, uint64_t length, bool wait, struct quire_claim *claim)
{
    struct quire_claim taken;
    bool crossed;

    if (length > shared->claim_most)
        return QUIRE_E_TOO_LARGE;
    int rc = place(shared, length, wait, &taken, &crossed);
    if (rc == 0)
        *claim = taken;
    return rc;
}

int quire__shared_publish(struct quire__shared *shared, const struct quire_claim *claim)
{
    struct quire__claim_slot *slot = &shared->slots[claim->ticket % QUIRE__CLAIMS];
    uint64_t end = claim->offset + claim->length;

    if (atomic_load_explicit(&slot->state, memory_order_relaxed) != 2 * claim->ticket)
        return QUIRE_E_CLAIM_STALE;
    quire__order_publish(shared, claim->ticket);
    if (end / shared->stretch != claim->offset / shared->stretch)
        return quire__order_hand_over(shared);
    return quire__progress_code(shared->progress);
}

/* While the order is this thread's alone, others see no room, and it sees what is ready. */
static int place_piece(struct quire__shared *shared, uint64_t length, struct quire_claim *claim, bool *crossed)
{
    int rc = 0;

    quire__spin_lock(&shared->order);
    for (;;) {
        shared->limit = shared->ready;
        bool placed = quire__order_try_place(shared, length, claim);
        shared->limit = shared->appended;
        if (placed) {
            *crossed = quire__order_takes_seal(shared);
            break;
        }
        rc = quire__order_unblock(shared, length, shared->ready);
        if (rc < 0)
            break;
    }
    quire__spin_unlock(&shared->order);
    return rc;
}

static int append_piece(struct quire__shared *shared, const void *data, uint64_t length)
{
    struct quire_claim claim = {0};
    bool crossed = false;

    int rc = place_piece(shared, length, &claim, &crossed);
    if (rc < 0)
        return rc;
    memcpy(claim.memory, data, length);
    quire__order_publish(shared, claim.ticket);
    return crossed ? quire__order_hand_over(shared) : 0;
}

static int append_pieces(struct quire__shared *shared, const struct iovec *pieces, int count)
{
    for (int i = 0; i < count; i++) {
        const unsigned char *from = pieces[i].iov_base;
        for (uint64_t left = pieces[i].iov_len; left > 0;) {
            uint64_t length = quire__min(left, quire__min(shared->buffer_bytes, shared->claim_most));
            int rc = append_piece(shared, from, length);
            if (rc < 0)
                return rc;
            from += length;
            left -= length;
        }
    }
    return 0;
}

/* What could refuse one of the pieces is asked before the first: no claim stands in the way, and there is space. */
static int prepare_pieces(struct quire__shared *shared, uint64_t begin, uint64_t length)
{
    if (length > QUIRE__FILE_MAX - begin)
        return -EFBIG;
    int rc = quire__shared_await_published(shared, begin);
    if (rc < 0 || !shared->sink->ops->reserve)
        return rc;
    pthread_mutex_lock(&shared->drain);
    rc = shared->sink->ops->reserve(shared->sink, begin + length);
    pthread_mutex_unlock(&shared->drain);
    return rc;
}

/* A record that no claim can hold: the order is held for it alone, so that its pieces land back to back. */
static int append_in_pieces(struct quire__shared *shared, const struct iovec *pieces, int count, uint64_t length,
                            bool wait, uint64_t *offset)
{
    if (!wait)
        return QUIRE_E_TOO_LARGE;

    uint64_t begin = 0;
    int rc = quire__order_begin_exclusive(shared, &begin);
    if (rc < 0)
        return rc;
    rc = prepare_pieces(shared, begin, length);
    if (rc == 0)
        rc = append_pieces(shared, pieces, count);
    /* Part of it has its place and cannot be taken back: no record may follow. */
    if (rc < 0 && quire__shared_appended(shared) != begin)
        rc = quire__progress_fail(shared->progress, rc, QUIRE_CALL_WRITE, begin);
    quire__order_end_exclusive(shared, rc == 0);
    if (rc == 0 && offset)
        *offset = begin;
    return rc;
}

uint64_t quire__shared_appended(struct quire__shared *shared)
{
    quire__spin_lock(&shared->order);
    uint64_t appended = shared->appended;
    quire__spin_unlock(&shared->order);
    return appended;
}

uint64_t quire__shared_appends(struct quire__shared *shared)
{
    quire__spin_lock(&shared->order);
    uint64_t appends = shared->appends;
    quire__spin_unlock(&shared->order);
    return appends;
}
