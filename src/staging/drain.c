/* Handing over: whole buffers while appends go on, the rest at a flush. See shared.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/backoff.h"
#include "staging/order.h"

static uint64_t published_now(struct quire__shared *shared)
{
    quire__spin_lock(&shared->order);
    quire__order_advance(shared);
    uint64_t published = shared->published;
    quire__spin_unlock(&shared->order);
    return published;
}

int quire__shared_drain_to(struct quire__shared *shared, uint64_t to)
{
    int rc = quire__progress_code(shared->progress);

    if (rc == 0 && to > shared->drained) {
        rc = shared->sink->ops->write(shared->sink, shared->drained, to);
        if (rc == 0)
            shared->drained = to;
    }
    return rc;
}

static int reap(struct quire__shared *shared, bool wait)
{
    return shared->sink->ops->reap ? shared->sink->ops->reap(shared->sink, wait) : 0;
}

int quire__shared_drain(struct quire__shared *shared)
{
    int rc = quire__shared_drain_to(shared, quire__round_down(published_now(shared), shared->buffer_bytes));

    return rc < 0 ? rc : reap(shared, false);
}

void quire__shared_free(struct quire__shared *shared, uint64_t offset)
{
    quire__spin_lock(&shared->order);
    shared->freed = offset;
    quire__order_set_limit(shared, quire__min(shared->freed + shared->capacity, shared->ceiling));
    quire__spin_unlock(&shared->order);
}

void quire__shared_set_ceiling(struct quire__shared *shared, uint64_t offset)
{
    shared->ceiling = offset;
    quire__shared_free(shared, shared->freed);
}

int quire__shared_await_published(struct quire__shared *shared, uint64_t target)
{
    struct quire__backoff backoff;

    quire__backoff_begin(&backoff, shared->claim_timeout_ms);
    while (published_now(shared) < target) {
        int code = quire__progress_code(shared->progress);
        if (code < 0)
            return code;
        if (!quire__backoff_again(&backoff))
            return QUIRE_E_CLAIM_OPEN;
    }
    return 0;
}

int quire__shared_room_in_ring(struct quire__shared *shared, uint64_t end)
{
    while (end > shared->freed + shared->capacity) {
        uint64_t before = shared->drained;
        int rc = quire__shared_drain(shared);
        if (rc == 0 && end > shared->freed + shared->capacity) {
            if (quire__progress_written(shared->progress) < shared->drained)
                rc = reap(shared, true);
            else if (before == shared->drained) /* a claim stands open in the oldest buffer */
                rc = quire__shared_await_published(shared, shared->drained + shared->buffer_bytes -
                                                               shared->drained % shared->buffer_bytes);
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}

int quire__shared_flush(struct quire__shared *shared)
{
    int open = quire__shared_await_published(shared, quire__shared_appended(shared));

    pthread_mutex_lock(&shared->drain);
    /* What lies before a claim that nobody published is flushed all the same. */
    int rc = quire__shared_drain_to(shared, published_now(shared));
    while (rc == 0 && quire__progress_written(shared->progress) < shared->drained)
        rc = reap(shared, true);
    pthread_mutex_unlock(&shared->drain);
    return rc < 0 ? rc : open;
}
