/* Records into the log itself: appends, batches, claims. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "model/world.h"

enum { SLACK = 256, BATCH_MOST = 16, TIMES_MOST = 64, PIECES_MOST = 8 };

static unsigned char memory[BATCH_MOST][LIST_RECORD_MOST];

bool has_open_claim(const struct world *world)
{
    for (int i = 0; i < WORLD_CLAIMS; i++)
        if (world->claims[i].open)
            return true;
    return false;
}

uint64_t record_most(const struct world *world)
{
    const struct quire_log_options *o = &world->options;
    uint64_t room = o->segment_bytes - 16 * 1024 - SLACK;

    if (o->flags & QUIRE_LOG_CONTINUE)
        room = least(room, o->block_bytes * (o->block_count - 1) - 4096 - SLACK);
    if (o->on_full != QUIRE_FULL_BLOCK)
        room = least(room, o->block_bytes - SLACK);
    return least(room, LIST_RECORD_MOST);
}

/* May an append of what fits give this code? With each the record is there all the same: its sequence says so. */
static bool is_excused(const struct world *world, int rc)
{
    switch (rc) {
    case 0:
        return true;
    case -EAGAIN:
        return world->options.on_full == QUIRE_FULL_AGAIN;
    case QUIRE_E_DROPPED:
        return world->options.on_full == QUIRE_FULL_DROP;
    case QUIRE_E_CLAIM_OPEN:
        return has_open_claim(world);
    default:
        return false;
    }
}

/* Of count records what came: they are in the list, or they are not. */
static void account(struct world *world, int rc, uint64_t first, uint32_t count, const struct entry *entries)
{
    if (!is_excused(world, rc)) {
        object(world, "an append: %s", quire_strerror(rc));
        return;
    }
    if (rc == QUIRE_E_DROPPED) {
        world->list->undeclared += count;
        world->dropped += count;
    }
    if (rc == 0 && first == 0)
        object(world, "an append gave no sequence");
    if (first == 0)
        return;
    if (rc != 0 && rc != QUIRE_E_CLAIM_OPEN)
        object(world, "an append gave a sequence, and: %s", quire_strerror(rc));
    for (uint32_t i = 0; i < count; i++) {
        const char *why = list_add(world->list, first + i, entries[i]);
        if (why)
            object(world, "an append got sequence %" PRIu64 " behind %" PRIu64 ": %s", first + i, world->list->count,
                   why);
        world->accepted++;
        world->accepted_bytes += entries[i].length;
    }
}

/* What is acknowledged is as safe as the policy and the method say. */
static void judge_promise(struct world *world, uint64_t last)
{
    struct quire_watermarks marks;

    quire_log_watermarks(world->log, &marks);
    if (world->options.sync_policy == QUIRE_SYNC_EACH && marks.durable < last)
        object(world, "each append is to be durable, and of %" PRIu64 " only %" PRIu64 " are", last, marks.durable);
    if (world->options.method == QUIRE_METHOD_WRITE && marks.written < last)
        object(world, "each append is to be written, and of %" PRIu64 " only %" PRIu64 " are", last, marks.written);
}

static struct entry new_entry(struct world *world, uint64_t length, unsigned char *to)
{
    struct entry entry = {.kind = ENTRY_DATA, .id = list_name(world->list), .length = length};

    list_fill(entry.id, length, to);
    return entry;
}

static int append_in_pieces(struct world *world, unsigned char *from, uint64_t length, uint64_t pieces,
                            uint64_t *sequence)
{
    struct iovec parts[PIECES_MOST];
    int count = (int)least(pieces, PIECES_MOST);
    uint64_t each = length / (uint64_t)count;

    for (int i = 0; i < count; i++)
        parts[i] = (struct iovec){from + (uint64_t)i * each, i + 1 < count ? each : length - (uint64_t)i * each};
    return quire_log_appendv(world->log, parts, count, sequence);
}

static void append_one(struct world *world, uint64_t length, uint64_t pieces)
{
    uint64_t sequence = 0;
    struct entry entry = new_entry(world, length, memory[0]);
    int rc = pieces ? append_in_pieces(world, memory[0], length, pieces, &sequence)
                    : quire_log_append(world->log, memory[0], length, &sequence);

    account(world, rc, sequence, 1, &entry);
    if (rc == 0)
        judge_promise(world, sequence);
}

void do_append(struct world *world, const uint64_t *arguments)
{
    uint64_t times = 1 + least(arguments[1], TIMES_MOST);

    for (uint64_t i = 0; i < times && world->log && WELL(world); i++)
        append_one(world, least(arguments[0], record_most(world)), arguments[2]);
}

void do_batch(struct world *world, const uint64_t *arguments)
{
    uint32_t count = 1 + (uint32_t)least(arguments[1], BATCH_MOST - 1);
    struct entry entries[BATCH_MOST];
    struct iovec records[BATCH_MOST];
    uint64_t first = 0;

    if (!world->log)
        return;
    uint64_t room = (record_most(world) - SLACK) / count;
    for (uint32_t i = 0; i < count; i++) {
        /* Of several sizes. */
        uint64_t length = least(arguments[0] + i * 7, room - 16);
        entries[i] = new_entry(world, length, memory[i]);
        entries[i].joined = i + 1 < count;
        records[i] = (struct iovec){memory[i], length};
    }
    int rc = quire_log_append_batch(world->log, records, (int)count, &first);
    account(world, rc, first, count, entries);
    if (rc == 0)
        judge_promise(world, first + count - 1);
}

static struct world_claim *free_claim(struct world *world)
{
    for (int i = 0; i < WORLD_CLAIMS; i++)
        if (!world->claims[i].open)
            return &world->claims[i];
    return NULL;
}

void do_claim(struct world *world, uint64_t bytes)
{
    struct world_claim *place = world->log ? free_claim(world) : NULL;

    if (!place)
        return;
    uint64_t length = least(bytes, least(record_most(world), world->options.block_bytes - SLACK));
    struct world_claim claim = {.id = list_name(world->list), .open = true};
    struct entry entry = {.kind = ENTRY_CLAIMED, .id = claim.id, .length = length};
    int rc = quire_log_claim(world->log, length, &claim.claim);
    account(world, rc, rc == 0 ? claim.claim.sequence : 0, 1, &entry);
    if (rc == 0)
        *place = claim;
}

void do_publish(struct world *world, uint64_t which)
{
    struct world_claim *claim = &world->claims[which % WORLD_CLAIMS];

    if (!world->log || !claim->open)
        return;
    claim->open = false;
    list_fill(claim->id, claim->claim.length, claim->claim.memory);
    int rc = quire_log_publish(world->log, &claim->claim);
    if (rc != 0 && !(rc == QUIRE_E_CLAIM_OPEN && has_open_claim(world)))
        object(world, "publish: %s", quire_strerror(rc));
    struct entry *entry = &world->list->entries[claim->claim.sequence];
    if (entry->kind == ENTRY_CLAIMED)
        entry->kind = ENTRY_DATA;
    if (rc == 0)
        judge_promise(world, claim->claim.sequence);
    if (quire_log_publish(world->log, &claim->claim) != QUIRE_E_CLAIM_STALE)
        object(world, "a claim was published twice");
}
