/* Records built in place: claims, and their publication.
 *
 * SPDX-License-Identifier: MIT */
#include "log/frame.h"
#include "log/places.h"
#include "log/settle.h"

/* A ticket is a number never used before in this log, times the number of entries, plus the entry. 0: no entry is
 * free. */
static uint64_t enter_claim(quire_log *log)
{
    struct quire__log_order *order = log->order;
    uint64_t ticket = 0;

    quire__spin_lock(&order->lock);
    for (uint64_t i = 0; i < QUIRE__LOG_CLAIMS && ticket == 0; i++)
        if (order->claims[i].ticket == 0)
            ticket = order->claims[i].ticket = ++order->tickets * QUIRE__LOG_CLAIMS + i;
    quire__spin_unlock(&order->lock);
    return ticket;
}

/* NULL if it was published before, or is not one of this log's. */
static struct quire__slot *leave_claim(quire_log *log, uint64_t ticket)
{
    struct quire__log_order *order = log->order;
    struct quire__open_claim *claim = &order->claims[ticket % QUIRE__LOG_CLAIMS];
    struct quire__slot *slot = NULL;

    quire__spin_lock(&order->lock);
    if (ticket != 0 && claim->ticket == ticket) {
        slot = claim->slot;
        claim->ticket = 0;
    }
    quire__spin_unlock(&order->lock);
    return slot;
}

int quire_log_claim(quire_log *log, uint64_t length, struct quire_log_claim *claim)
{
    struct quire__place place = {.slot = NULL};
    bool sealed;

    if (!log || !claim)
        return QUIRE_E_ARGUMENT;
    if (length > log->plain_most)
        return QUIRE_E_TOO_LARGE;
    uint64_t ticket = enter_claim(log);
    if (ticket == 0)
        return QUIRE_E_CLAIM_OPEN;
    int rc = quire__take(log, log->frame + length, 1, length, &place, &sealed);
    if (rc < 0) {
        leave_claim(log, ticket);
        return rc;
    }
    log->order->claims[ticket % QUIRE__LOG_CLAIMS].slot = place.slot; /* this entry is this thread's */
    /* Until it is published its record is void, should the block have to go without it. */
    unsigned char *memory = quire__put_frame(log, place.memory, length, place.delta, QUIRE__RECORD_VOID);
    *claim = (struct quire_log_claim){memory, length, place.sequence, ticket};
    /* What was sealed on the way lies before the claim, and is not kept waiting by it. */
    return sealed ? quire__places_hand_over(log) : 0;
}

int quire_log_publish(quire_log *log, const struct quire_log_claim *claim)
{
    int rc = quire__log_enter(log);
    if (rc < 0)
        return rc;
    if (!claim)
        return QUIRE_E_ARGUMENT;
    struct quire__place place = {.slot = leave_claim(log, claim->ticket)};
    if (!place.slot)
        return QUIRE_E_CLAIM_STALE;
    uint32_t word = (uint32_t)(claim->length + 1);
    memcpy((unsigned char *)claim->memory - log->frame, &word, sizeof word);
    quire__places_publish(&place, log->frame + claim->length);
    return quire__settle(log, claim->sequence, true);
}
