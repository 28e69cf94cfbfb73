/* Records into lanes, whose sequences come later. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>

#include "model/world.h"

enum { NAMED = 8 /* bytes: a record of a lane says which it is */, TIMES_MOST = 32, PIECES = 3 };

static unsigned char memory[LIST_RECORD_MOST];

static struct world_lane *lane_of(struct world *world, uint64_t which)
{
    struct world_lane *lane = &world->lanes[which % WORLD_LANES];

    return world->log && lane->lane ? lane : NULL;
}

void do_lane_open(struct world *world)
{
    /* What is dropped has no place in a lane's order that could be told. */
    if (!world->log || world->options.on_full == QUIRE_FULL_DROP)
        return;
    for (int i = 0; i < WORLD_LANES; i++) {
        struct world_lane *lane = &world->lanes[i];
        if (lane->lane)
            continue;
        int rc = quire_log_lane_open(world->log, &lane->lane);
        if (rc < 0)
            object(world, "opening a lane: %s", quire_strerror(rc));
        lane->serial = ++world->lane_serial;
        lane->records = 0;
        return;
    }
}

static uint64_t next_id(const struct world_lane *lane)
{
    return lane->serial << 32 | (lane->records + 1);
}

static void add_record(struct world *world, struct world_lane *lane, uint64_t length)
{
    struct list *list = world->list;

    if (list->lane_record_count == LIST_MOST) {
        object(world, "more records of lanes than there is room for");
        return;
    }
    list->lane_records[list->lane_record_count++] = (struct lane_record){.id = next_id(lane), .length = length};
    lane->records++;
    list->unplaced++;
    world->accepted++;
    world->accepted_bytes += length;
}

/* With a claim in the way a record may come back, or be there and not yet safe: only how far the log has come tells. */
static void account(struct world *world, struct world_lane *lane, int rc, uint64_t length)
{
    struct quire_watermarks marks;
    struct list *list = world->list;

    quire_log_watermarks(world->log, &marks);
    bool excused = (rc == -EAGAIN && world->options.on_full == QUIRE_FULL_AGAIN) ||
                   (rc == QUIRE_E_CLAIM_OPEN && has_open_claim(world));
    if (rc != 0 && !excused)
        object(world, "an append to a lane: %s", quire_strerror(rc));
    else if (rc == 0 || marks.appended > list->count + list->unplaced)
        add_record(world, lane, length);
}

static int append(const struct world_lane *lane, uint64_t length, bool in_pieces)
{
    struct iovec parts[PIECES];
    uint64_t each = length / PIECES;

    if (!in_pieces)
        return quire_log_lane_append(lane->lane, memory, length);
    for (uint64_t i = 0; i < PIECES; i++)
        parts[i] = (struct iovec){memory + i * each, i + 1 < PIECES ? each : length - i * each};
    return quire_log_lane_appendv(lane->lane, parts, PIECES);
}

void do_lane_append(struct world *world, const uint64_t *arguments)
{
    struct world_lane *lane = lane_of(world, arguments[0]);
    uint64_t times = 1 + least(arguments[2], TIMES_MOST);

    for (uint64_t i = 0; lane && i < times && WELL(world); i++) {
        uint64_t length = most(NAMED, least(arguments[1], record_most(world)));
        list_fill(next_id(lane), length, memory);
        account(world, lane, append(lane, length, arguments[3] > 0), length);
    }
}

void do_lane_claim(struct world *world, const uint64_t *arguments)
{
    struct world_lane *lane = lane_of(world, arguments[0]);
    struct quire_log_claim claim;

    if (!lane)
        return;
    uint64_t length = NAMED + least(arguments[1], least(record_most(world), 3000));
    uint64_t used = length - least(arguments[2], length - NAMED);
    int rc = quire_log_lane_claim(lane->lane, length, &claim);
    if (rc < 0) {
        account(world, lane, rc, used);
        return;
    }
    list_fill(next_id(lane), used, claim.memory);
    if (arguments[3])
        return; /* taken back */
    account(world, lane, quire_log_lane_publish(lane->lane, &claim, used), used);
    if (quire_log_lane_publish(lane->lane, &claim, used) != QUIRE_E_CLAIM_STALE)
        object(world, "a lane's claim was published twice");
}

/* The sequence that a lane says its last record has. */
static void note_last(struct world *world, const struct world_lane *lane, uint64_t sequence)
{
    struct quire_watermarks marks;
    struct list *list = world->list;

    quire_log_watermarks(world->log, &marks);
    const char *why = list_extend(list, marks.appended);
    if (why)
        object(world, "flush of a lane: %s", why);
    if (sequence > list->count || (sequence == 0) != (lane->records == 0)) {
        object(world, "a lane says that its last record is %" PRIu64 " of %" PRIu64, sequence, list->count);
        return;
    }
    uint64_t last = lane->serial << 32 | lane->records;
    struct entry *entry = &list->entries[sequence];
    if (sequence == 0)
        return;
    if (entry->id && entry->id != last)
        object(world, "two lanes have the last sequence %" PRIu64, sequence);
    if (entry->kind == ENTRY_LANE)
        entry->id = last;
}

void do_lane_flush(struct world *world, uint64_t which)
{
    struct world_lane *lane = lane_of(world, which);
    uint64_t sequence = 0;

    if (!lane)
        return;
    int rc = quire_log_lane_flush(lane->lane, &sequence);
    if (rc == 0)
        note_last(world, lane, sequence);
    else if (!(rc == QUIRE_E_CLAIM_OPEN && has_open_claim(world)))
        object(world, "flush of a lane: %s", quire_strerror(rc));
}

void do_lane_close(struct world *world, uint64_t which)
{
    struct world_lane *lane = lane_of(world, which);

    /* While a claim is open a lane may not be able to hand over, and its records are gone with it. */
    if (!lane || has_open_claim(world))
        return;
    int rc = quire_log_lane_close(lane->lane);
    lane->lane = NULL;
    if (rc < 0)
        object(world, "closing a lane: %s", quire_strerror(rc));
}
