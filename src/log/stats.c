/* Watermarks, the first failure, and a snapshot of a log's counters.
 *
 * SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "base/given.h"
#include "log/drain.h"
#include "log/lane.h"

static uint64_t read_counter(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

int quire_log_watermarks(quire_log *log, struct quire_watermarks *watermarks)
{
    int rc = quire__log_enter(log);
    if (rc < 0)
        return rc;
    if (!watermarks)
        return QUIRE_E_ARGUMENT;
    /* In this order: each was not more than the next when it was read. */
    watermarks->durable = quire__progress_durable(&log->progress);
    watermarks->written = quire__progress_written(&log->progress);
    watermarks->appended = quire__log_appended(log);
    return 0;
}

int quire_log_failure(quire_log *log, struct quire_failure *failure)
{
    int rc = quire__log_enter(log);
    if (rc < 0)
        return rc;
    if (!failure)
        return QUIRE_E_ARGUMENT;
    pthread_mutex_lock(&log->progress.lock);
    *failure = log->progress.failure;
    pthread_mutex_unlock(&log->progress.lock);
    return 0;
}

/* Records in the order's blocks, the open one included. */
static void add_order(quire_log *log, struct quire_log_stats *stats)
{
    struct quire__log_order *order = log->order;

    quire__spin_lock(&order->lock);
    stats->append_bytes = order->payload;
    if (order->open)
        stats->append_bytes += order->open->bytes - QUIRE__BLOCK_HEADER - order->open->records * log->frame;
    stats->appends = order->next_sequence - log->begin_sequence - order->declared_lost;
    stats->segment = order->segment->number;
    quire__spin_unlock(&order->lock);
}

static void add_lanes(quire_log *log, struct quire_log_stats *stats)
{
    pthread_mutex_lock(&log->lanes_lock);
    for (quire_log_lane *lane = log->lanes; lane; lane = lane->next) {
        stats->memory_bytes += quire__lane_memory(lane->core.bytes);
        stats->lanes++;
    }
    pthread_mutex_unlock(&log->lanes_lock);
}

int quire_log_stats(quire_log *log, struct quire_log_stats *stats)
{
    struct quire_log_stats now = {.size = sizeof now};

    int rc = quire__log_enter(log);
    if (rc < 0)
        return rc;
    if (!stats)
        return QUIRE_E_ARGUMENT;
    if (!quire__given_holds(stats, offsetof(struct quire_log_stats, fallback_reason)))
        return QUIRE_E_OPTIONS;
    now.method = log->method->id;
    now.method_asked = log->method_asked;
    now.fallback_reason = log->fallback_reason;
    now.direct = log->method->direct;
    now.registered = log->registered;
    now.block_bytes = log->options.block_bytes;
    now.block_count = log->options.block_count;
    now.memory_bytes = log->memory_bytes;
    add_order(log, &now);
    add_lanes(log, &now);
    now.drops = read_counter(&log->drops);
    now.drop_bytes = read_counter(&log->drop_bytes);
    now.agains = read_counter(&log->agains);
    now.waits = read_counter(&log->waits);
    now.hand_overs = read_counter(&log->hand_overs);
    now.blocks = read_counter(&log->blocks);
    now.block_payload = read_counter(&log->block_payload);
    now.gaps = read_counter(&log->gaps);
    now.writes = read_counter(&log->writes);
    now.write_bytes = read_counter(&log->write_bytes);
    now.syncs = read_counter(&log->syncs);
    now.sync_joins = read_counter(&log->sync_joins);
    now.rotations = read_counter(&log->rotations);
    now.rotation_waits = read_counter(&log->rotation_waits);
    now.recycled = read_counter(&log->recycled);
    now.trimmed = read_counter(&log->trimmed);
    now.continued = read_counter(&log->continued);
    now.in_flight_most = read_counter(&log->in_flight_most);
    quire__given_fill(stats, &now, sizeof now);
    return 0;
}
