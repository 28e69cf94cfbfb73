/* Flushing, syncing, rotating, trimming, and what the log says of itself. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>

#include "model/world.h"

static void judge_order(struct world *world, const struct quire_watermarks *marks)
{
    const struct quire_watermarks *before = &world->marks;

    if (marks->appended < marks->written || marks->written < marks->durable)
        object(world, "watermarks: %" PRIu64 " appended, %" PRIu64 " written, %" PRIu64 " durable", marks->appended,
               marks->written, marks->durable);
    if (marks->appended < before->appended || marks->written < before->written || marks->durable < before->durable)
        object(world, "a watermark went back");
}

void look_at_marks(struct world *world)
{
    struct quire_watermarks marks;
    struct list *list = world->list;

    if (!world->log)
        return;
    int rc = quire_log_watermarks(world->log, &marks);
    if (rc < 0)
        object(world, "watermarks: %s", quire_strerror(rc));
    judge_order(world, &marks);
    const char *why = list_extend(list, marks.appended);
    if (why)
        object(world, "%" PRIu64 " appended, of %" PRIu64 ": %s", marks.appended, list->count, why);
    else if (marks.appended != list->count)
        object(world, "%" PRIu64 " appended, of %" PRIu64, marks.appended, list->count);
    world->marks = marks;
    list->written = most(list->written, marks.written);
    list->durable = most(list->durable, marks.durable);
    /* The segment with the last durable record stays. */
    if (world->options.keep_segments > 0)
        list->first_most = most(list->first_most, marks.durable);
    if (world->options.sync_policy != QUIRE_SYNC_NONE && marks.durable == marks.appended)
        world->careless = false;
}

/* 0; or a claim is in the way. */
static bool went_well(struct world *world, int rc, const char *what)
{
    if (rc != 0 && !(rc == QUIRE_E_CLAIM_OPEN && has_open_claim(world)))
        return object(world, "%s: %s", what, quire_strerror(rc));
    return rc == 0;
}

/* All lanes were handed over. */
static void judge_gathered(struct world *world, const struct quire_watermarks *marks, const char *what)
{
    struct list *list = world->list;

    if (marks->appended != list->count + list->unplaced && world->options.on_full != QUIRE_FULL_DROP)
        object(world, "%s: %" PRIu64 " appended, of %" PRIu64 " and %" PRIu64 " in lanes", what, marks->appended,
               list->count, list->unplaced);
}

void do_flush(struct world *world)
{
    struct quire_watermarks marks;

    if (!world->log || !went_well(world, quire_log_flush(world->log), "flush"))
        return;
    quire_log_watermarks(world->log, &marks);
    if (marks.written != marks.appended)
        object(world, "flush: %" PRIu64 " written, of %" PRIu64, marks.written, marks.appended);
    judge_gathered(world, &marks, "flush");
}

/* back: so many records before the last; 0: all. */
void do_sync(struct world *world, uint64_t back, bool wait)
{
    struct quire_watermarks marks;
    uint64_t sequence = back > 0 && back < world->list->count ? world->list->count - back : 0;

    if (!world->log)
        return;
    if (wait)
        sequence = sequence ? sequence : world->list->count;
    int rc = wait ? quire_log_wait_durable(world->log, sequence) : quire_log_sync(world->log, sequence);
    if (!went_well(world, rc, wait ? "wait" : "sync"))
        return;
    quire_log_watermarks(world->log, &marks);
    if (marks.durable < (sequence ? sequence : marks.appended))
        object(world, "sync of %" PRIu64 ": %" PRIu64 " durable, of %" PRIu64, sequence, marks.durable, marks.appended);
    if (!wait && sequence == 0)
        judge_gathered(world, &marks, "sync");
    if (quire_log_sync(world->log, list_most(world->list) + 1) != QUIRE_E_RANGE)
        object(world, "a sync of what was not appended did not say so");
}

void do_rotate(struct world *world)
{
    if (world->log)
        went_well(world, quire_log_rotate(world->log), "rotate");
}

/* What is below goes, but not the segment with the last durable record. */
void do_trim(struct world *world, uint64_t back)
{
    struct list *list = world->list;
    uint64_t segments = 0;

    if (!world->log) {
        do_outside_trim(world, back);
        return;
    }
    if (world->options.sync_policy == QUIRE_SYNC_NONE || list->count == 0)
        return;
    uint64_t sequence = back < list->count ? list->count - back : 1;
    int rc = quire_log_trim(world->log, sequence, &segments);
    if (rc < 0)
        object(world, "trim: %s", quire_strerror(rc));
    struct quire_watermarks marks;
    quire_log_watermarks(world->log, &marks);
    list->first_most = most(list->first_most, least(sequence, most(marks.durable, 1)));
    world->trimmed = true;
}

void do_stats(struct world *world)
{
    struct quire_log_stats stats = {.size = sizeof stats};
    struct quire_failure failure = {.code = 0};

    if (!world->log)
        return;
    int rc = quire_log_stats(world->log, &stats);
    if (rc < 0)
        object(world, "stats: %s", quire_strerror(rc));
    /* Records in lanes count once they are handed over, and that may be at any time. */
    uint64_t records = world->accepted - world->list->unplaced;
    if (stats.appends < records || stats.appends > world->accepted ||
        (world->list->unplaced == 0 && stats.append_bytes != world->accepted_bytes))
        object(world, "stats: %" PRIu64 " records of %" PRIu64 " bytes, should be %" PRIu64 " of %" PRIu64,
               stats.appends, stats.append_bytes, records, world->accepted_bytes);
    if (stats.drops != world->dropped)
        object(world, "stats: %" PRIu64 " drops, should be %" PRIu64, stats.drops, world->dropped);
    if (quire_log_failure(world->log, &failure) < 0 || failure.code != 0)
        object(world, "a failure, with nothing that fails: %s", quire_strerror(failure.code));
}
