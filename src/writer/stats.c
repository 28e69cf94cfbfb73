/* A snapshot of a writer's counters.
 *
 * SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "base/given.h"
#include "writer/writer.h"

static uint64_t read_counter(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* A batch that a lane handed over was counted as one append; it is as many as the lane was given. */
static void add_lanes(quire_writer *writer, struct quire_writer_stats *stats)
{
    pthread_mutex_lock(&writer->lanes_lock);
    stats->hand_overs = writer->lane_hand_overs;
    stats->appends += writer->lane_records;
    for (struct quire_lane *lane = writer->lanes; lane; lane = lane->next) {
        pthread_mutex_lock(&lane->core.hand);
        stats->hand_overs += lane->core.hand_overs;
        pthread_mutex_unlock(&lane->core.hand);
        stats->appends += read_counter(&lane->core.records);
        stats->append_bytes += quire__lane_pending(&lane->core);
        stats->memory_bytes += quire__lane_memory(lane->core.bytes);
        stats->lanes++;
    }
    pthread_mutex_unlock(&writer->lanes_lock);
    stats->appends -= stats->hand_overs;
}

int quire_writer_stats(quire_writer *writer, struct quire_writer_stats *stats)
{
    struct quire_writer_stats now = {.size = sizeof now};

    if (!writer || !stats)
        return QUIRE_E_ARGUMENT;
    if (!quire__given_holds(stats, offsetof(struct quire_writer_stats, fallback_reason)))
        return QUIRE_E_OPTIONS;

    writer->method->stats(writer, &now);
    now.append_bytes = writer->method->appended(writer) - writer->begin;
    add_lanes(writer, &now);
    now.method = writer->method->id;
    now.method_asked = writer->method_asked;
    now.fallback_reason = writer->fallback_reason;
    now.buffer_bytes = writer->options.buffer_bytes;
    now.buffer_count = writer->options.buffer_count;
    now.drops = read_counter(&writer->drops);
    now.drop_bytes = read_counter(&writer->drop_bytes);
    now.agains = read_counter(&writer->agains);
    now.writes = read_counter(&writer->writes);
    now.write_bytes = read_counter(&writer->write_bytes);
    now.tail_writes = read_counter(&writer->tail_writes);
    now.syncs = read_counter(&writer->syncs);
    now.sync_joins = read_counter(&writer->sync_joins);
    now.allocations = read_counter(&writer->allocations);
    quire__given_fill(stats, &now, sizeof now);
    return 0;
}
