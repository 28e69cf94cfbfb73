/* The slow halves of taking a place and of paying for it, and refusing. See settle.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/settle.h"

#include <errno.h>

#include "log/commit.h"
#include "log/drain.h"

static void remember_loss(quire_log *log, uint64_t records, uint64_t bytes)
{
    struct quire__log_order *order = log->order;

    quire__spin_lock(&order->lock);
    if (order->lost == 0)
        order->lost_first_time = quire__places_now(order);
    order->lost += records;
    order->lost_bytes += bytes;
    quire__spin_unlock(&order->lock);
}

int quire__log_refuse(quire_log *log, int rc, uint64_t records, uint64_t bytes)
{
    if (rc != -EAGAIN)
        return rc;
    if (log->options.on_full != QUIRE_FULL_DROP) {
        quire__log_count(&log->agains, records);
        return rc;
    }
    quire__log_count(&log->drops, records);
    quire__log_count(&log->drop_bytes, bytes);
    remember_loss(log, records, bytes);
    return QUIRE_E_DROPPED;
}

int quire__take_slowly(quire_log *log, uint64_t bytes, uint64_t count, uint64_t length, struct quire__place *place,
                       bool *sealed)
{
    int rc = quire__places_take(log, bytes, count, log->wait, false, place, sealed);

    return rc < 0 ? quire__log_refuse(log, rc, count, length) : 0;
}

int quire__settle_debts(quire_log *log, uint64_t last)
{
    if (log->each)
        return quire__commit_up_to(log, last);
    if (log->method->each)
        return quire__drain_all(log);
    return quire__places_hand_over(log);
}
