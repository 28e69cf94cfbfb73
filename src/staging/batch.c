/* A batch that lies in memory as it will lie in the file: its whole pages go to the sink from where they are.
 *
 * A lane that nobody got ahead of starts its next batch at the place within a page at which the file ends, so that the
 * batch need not be copied into the ring. What the file still lacks of the page before it is copied in front of it, and
 * the part of a page at its end into the ring.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "staging/order.h"

/* Below this a write of its own costs more than the copy. */
enum { BATCH_LEAST = 32 * 1024 };

/* With the drain lock: a place for the batch, if it is the next thing to hand over and has the file's alignment. */
static bool place_batch(struct quire__shared *shared, const void *data, uint64_t length, struct quire_claim *claim)
{
    quire__spin_lock(&shared->order);
    quire__order_advance(shared);
    bool placed = shared->published == shared->appended &&
                  quire__is_whole_pages((uint64_t)(uintptr_t)data - shared->appended) &&
                  quire__order_try_place(shared, length, claim);
    if (placed)
        quire__order_takes_seal(shared);
    quire__spin_unlock(&shared->order);
    return placed;
}

/* With the drain lock: everything before the claim is published. One write, from where the file ends up to the last
 * whole page: the part of a page at the end stays in the ring, at the front of a page and so of no more than one
 * piece. */
static int hand_over_batch(struct quire__shared *shared, unsigned char *data, const struct quire_claim *claim)
{
    uint64_t end = claim->offset + claim->length;
    uint64_t last = quire__round_down(end, QUIRE__PAGE);

    int rc = quire__shared_drain_to(shared, quire__round_down(claim->offset, QUIRE__PAGE));
    if (rc < 0)
        return rc;
    uint64_t before = claim->offset - shared->drained;
    memcpy(data - before, shared->base + shared->drained % shared->capacity, before);
    memcpy(shared->base + last % shared->capacity, data + (last - claim->offset), end - last);
    rc = shared->sink->ops->write_from(shared->sink, data - before, shared->drained, last);
    if (rc == 0)
        shared->drained = last;
    return rc;
}

int quire__shared_append_batch(struct quire__shared *shared, void *data, uint64_t length, bool wait, uint64_t *offset)
{
    struct quire_claim claim;

    if (!shared->sink->ops->write_from || shared->drainer || length < BATCH_LEAST ||
        pthread_mutex_trylock(&shared->drain) != 0)
        return quire__shared_append(shared, data, length, wait, offset);
    if (!place_batch(shared, data, length, &claim)) {
        pthread_mutex_unlock(&shared->drain);
        return quire__shared_append(shared, data, length, wait, offset);
    }
    int rc = hand_over_batch(shared, data, &claim);
    quire__order_publish_unused(shared, claim.ticket);
    pthread_mutex_unlock(&shared->drain);
    if (rc == 0 && offset)
        *offset = claim.offset;
    return rc;
}
