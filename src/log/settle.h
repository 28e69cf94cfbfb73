/* Before and after a record is copied: taking its place under the policies, and paying what the append owes.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_SETTLE_H
#define QUIRE_LOG_SETTLE_H

#include "log/places.h"

/* quire__places_take by the policy on_full, with what is refused counted. length: of the records alone. */
int quire__take_slowly(quire_log *log, uint64_t bytes, uint64_t count, uint64_t length, struct quire__place *place,
                       bool *sealed);

static inline int quire__take(quire_log *log, uint64_t bytes, uint64_t count, uint64_t length,
                              struct quire__place *place, bool *sealed)
{
    struct quire__log_order *order = log->order;

    *sealed = false;
    if (QUIRE__LIKELY(log->frame == QUIRE__RECORD_WORD)) {
        quire__spin_lock(&order->lock);
        bool taken = quire__places_try(order, bytes, count, place);
        quire__spin_unlock(&order->lock);
        if (QUIRE__LIKELY(taken))
            return 0;
    }
    return quire__take_slowly(log, bytes, count, length, place, sealed);
}

/* What an append owes when its records are published: the hand-over of blocks sealed on the way, and what the method
 * and the sync policy promise up to the sequence last. */
int quire__settle_debts(quire_log *log, uint64_t last);

static inline int quire__settle(quire_log *log, uint64_t last, bool sealed)
{
    return QUIRE__UNLIKELY(sealed || log->owes) ? quire__settle_debts(log, last) : 0;
}

/* Turns -EAGAIN into what the policy on_full says, and counts it; a drop is declared with the next block. Other codes
 * are passed on. */
int quire__log_refuse(quire_log *log, int rc, uint64_t records, uint64_t bytes);

#endif
