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

/* How often what lanes hold and what they handed over is summed up anew because a batch moved meanwhile. */
enum { LOOKS_MOST = 8 };

struct lanes {
    uint64_t hand_overs, records, pending, memory;
    uint32_t count;
};

static struct lanes sum_lanes(quire_writer *writer)
{
    struct lanes sum = {.count = 0};

    pthread_mutex_lock(&writer->lanes_lock);
    sum.hand_overs = writer->lane_hand_overs;
    sum.records = writer->lane_records;
    for (struct quire_lane *lane = writer->lanes; lane; lane = lane->next) {
        uint64_t pending, hand_overs;
        quire__lane_count(&lane->core, &pending, &hand_overs);
        sum.pending += pending;
        sum.hand_overs += hand_overs;
        sum.records += read_counter(&lane->core.records);
        sum.memory += quire__lane_memory(lane->core.bytes);
        sum.count++;
    }
    pthread_mutex_unlock(&writer->lanes_lock);
    return sum;
}

/* A batch is in a lane or in the writer. It moves with the lane's lock, so where no hand-over was counted between two
 * sums, what the writer has in between fits both. */
static void add_appends(quire_writer *writer, struct quire_writer_stats *stats)
{
    struct lanes sum = sum_lanes(writer);
    uint64_t before = sum.hand_overs + 1;

    for (int look = 0; look < LOOKS_MOST && sum.hand_overs != before; look++) {
        before = sum.hand_overs;
        writer->method->stats(writer, stats);
        stats->append_bytes = writer->method->appended(writer) - writer->begin;
        sum = sum_lanes(writer);
    }
    stats->append_bytes += sum.pending;
    /* A batch that a lane handed over was counted as one append; it is as many as the lane was given. */
    stats->appends += sum.records - sum.hand_overs;
    stats->hand_overs = sum.hand_overs;
    stats->memory_bytes += sum.memory;
    stats->lanes = sum.count;
}

int quire_writer_stats(quire_writer *writer, struct quire_writer_stats *stats)
{
    struct quire_writer_stats now = {.size = sizeof now};

    if (!writer || !stats)
        return QUIRE_E_ARGUMENT;
    if (!quire__given_holds(stats, offsetof(struct quire_writer_stats, fallback_reason)))
        return QUIRE_E_OPTIONS;

    add_appends(writer, &now);
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
