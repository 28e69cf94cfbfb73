/* A batch that lies in memory as it will lie in the file: its whole pages go to the sink from where they are.
 *
 * A lane that nobody got ahead of starts its next batch at the place within a page at which the file ends, so that
 * the batch need not be copied into the ring. Only the parts of pages at its two ends are.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "staging/order.h"

/* Below this the extra write that ends the ring's last page costs more than the copy. */
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

/* With the drain lock: everything before the claim is published, and what follows it is not handed over yet. */
static int hand_over_batch(struct quire__shared *shared, const unsigned char *data, const struct quire_claim *claim)
{
    uint64_t end = claim->offset + claim->length;
    uint64_t first = quire__round_up(claim->offset, QUIRE__PAGE);
    uint64_t last = quire__round_down(end, QUIRE__PAGE);

    /* Neither part reaches beyond the end of the ring: the one ends with a page, the other begins one. */
    memcpy(claim->memory, data, first - claim->offset);
    memcpy(shared->base + last % shared->capacity, data + (last - claim->offset), end - last);
    int rc = quire__shared_drain_to(shared, first);
    if (rc == 0)
        rc = shared->sink->ops->write_from(shared->sink, data + (first - claim->offset), first, last);
    if (rc == 0)
        shared->drained = last;
    return rc;
}

int quire__shared_append_batch(struct quire__shared *shared, const void *data, uint64_t length, bool wait,
                               uint64_t *offset)
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
