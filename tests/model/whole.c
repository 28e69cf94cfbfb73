/* Looking at all of a log at once, and changing it while nobody has it open. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <pthread.h>

#include "mend/mend.h"
#include "model/world.h"
#include "reader/whole.h"

enum { THREADS = 2 };

/* May anybody look? */
static bool can_look(const struct world *world)
{
    return world->exists && !world->crashed;
}

struct seen {
    struct world *world;
    pthread_mutex_t lock;
    uint64_t records, first, last;
};

static int see_record(void *context, uint32_t thread, const struct quire_record *record)
{
    struct seen *seen = context;
    uint64_t next = 0;

    (void)thread;
    pthread_mutex_lock(&seen->lock);
    const char *why = list_see(seen->world->list, record, &next);
    if (why)
        object(seen->world, "scan: sequence %" PRIu64 ": %s", record->sequence, why);
    else
        seen->records += next - record->sequence;
    seen->first = seen->first == 0 ? record->sequence : least(seen->first, record->sequence);
    seen->last = most(seen->last, why ? 0 : next - 1);
    pthread_mutex_unlock(&seen->lock);
    return why != NULL;
}

/* Segments come in any order, so what lanes left is to be known already. */
void do_scan(struct world *world)
{
    struct seen seen = {.world = world};

    if (!can_look(world) || world->log)
        return;
    do_read(world, false);
    if (!WELL(world))
        return;
    pthread_mutex_init(&seen.lock, NULL);
    int rc = quire__scan_on(world->io, world->directory, NULL, THREADS, see_record, &seen);
    pthread_mutex_destroy(&seen.lock);
    if (rc < 0)
        object(world, "scan: %s", quire_strerror(rc));
    else if (WELL(world) && seen.records > 0 && seen.records != seen.last - seen.first + 1)
        object(world, "scan: %" PRIu64 " records from %" PRIu64 " to %" PRIu64, seen.records, seen.first, seen.last);
    else if (WELL(world) && seen.last != world->list->count)
        object(world, "scan: up to %" PRIu64 ", of %" PRIu64, seen.last, world->list->count);
}

static int count_sealed(void *context, const struct quire_segment_info *segment)
{
    *(uint64_t *)context += segment->sealed;
    return 0;
}

/* The chain goes through sealed segments. */
static uint32_t chain_flag(struct world *world)
{
    struct quire_log_info info = {.size = sizeof info};
    uint64_t sealed = 0;

    if (world->unchained || quire__inspect_on(world->io, world->directory, count_sealed, &sealed, &info) < 0)
        return 0;
    return sealed > 0 ? QUIRE_VERIFY_CHAIN : 0;
}

void do_verify(struct world *world)
{
    struct quire_verify_options o = {.size = sizeof o, .threads = THREADS};
    struct quire_verify_result result = {.size = sizeof result};
    const struct list *list = world->list;

    if (!can_look(world))
        return;
    o.flags = chain_flag(world);
    int rc = quire__verify_on(world->io, world->directory, &o, &result);
    if (rc == QUIRE_E_NO_CHAIN && may_be_trimmed(world, QUIRE_E_TRIMMED))
        rc = 0; /* retention took the last sealed segment meanwhile, and there is no other */
    if (rc < 0)
        object(world, "verify: %s, %" PRIu64 " places", quire_strerror(rc), result.damaged);
    else if (!world->log && result.last_sequence != list->count)
        object(world, "verify: up to %" PRIu64 ", of %" PRIu64, result.last_sequence, list->count);
    else if (result.last_sequence > 0 && !may_be_trimmed(world, QUIRE_E_TRIMMED) &&
             result.records + result.lost != result.last_sequence - result.first_sequence + 1)
        object(world, "verify: %" PRIu64 " records and %" PRIu64 " lost from %" PRIu64 " to %" PRIu64, result.records,
               result.lost, result.first_sequence, result.last_sequence);
}

void do_inspect(struct world *world)
{
    struct quire_log_info info = {.size = sizeof info};
    const struct list *list = world->list;

    if (!can_look(world))
        return;
    int rc = quire__inspect_on(world->io, world->directory, NULL, NULL, &info);
    if (rc < 0)
        object(world, "inspect: %s", quire_strerror(rc));
    else if (info.locked != (world->log != NULL))
        object(world, "inspect: a writer that is not there, or is");
    else if (world->log ? info.last_sequence > world->list->count : info.last_sequence != list->count)
        object(world, "inspect: up to %" PRIu64 ", of %" PRIu64, info.last_sequence, list->count);
    else if (info.first_sequence > list->first_most && !may_be_trimmed(world, QUIRE_E_TRIMMED))
        object(world, "inspect: from %" PRIu64 " on, and %" PRIu64 " is to be there", info.first_sequence,
               list->first_most);
}

void do_truncate(struct world *world, uint64_t back)
{
    struct list *list = world->list;
    uint64_t sequence = back <= list->count ? list->count - back : list->count + 1;
    uint64_t records = 0;

    if (!can_look(world) || world->log)
        return;
    stop_following(world);
    int rc = quire__truncate_on(world->io, world->directory, sequence, &records);
    if (sequence > list->count && rc != QUIRE_E_RANGE)
        object(world, "truncate to %" PRIu64 " of %" PRIu64 ": %s", sequence, list->count, quire_strerror(rc));
    if (sequence > list->count)
        return;
    /* Unless the log begins at its beginning a record stays. */
    if (rc == QUIRE_E_TRIMMED && sequence < list->first_most)
        return;
    if (rc < 0)
        object(world, "truncate to %" PRIu64 " of %" PRIu64 ": %s", sequence, list->count, quire_strerror(rc));
    else if (records != list->count - sequence)
        object(world, "truncate: %" PRIu64 " records went, of %" PRIu64, records, list->count - sequence);
    world->unchained |= records > 0;
    list_cut(list, sequence);
    do_read(world, false);
}

/* What lies behind the end of a segment costs nothing, and may be cut off. */
static int see_step(void *context, const struct quire_repair_step *step)
{
    struct world *world = context;

    if (world->torn && step->kind == QUIRE_REPAIR_CUT_TAIL)
        return 0;
    object(world,
           "repair of a log that is whole: step %" PRIu32 ", segment %" PRIu64 ", offset %" PRIu64 ", %" PRIu64
           " bytes",
           step->kind, step->segment, step->offset, step->bytes);
    return 0;
}

/* A log that is whole: nothing to do. */
void do_repair(struct world *world)
{
    uint64_t steps = 0;

    if (!can_look(world) || world->log)
        return;
    int rc = quire__repair_on(world->io, world->directory, 1, see_step, world, &steps);
    if (rc < 0)
        object(world, "repair of a log that is whole: %s", quire_strerror(rc));
}

void do_outside_trim(struct world *world, uint64_t back)
{
    struct list *list = world->list;
    uint64_t segments = 0;

    /* With what is not durable the sequence could be forgotten. */
    if (!can_look(world) || list->count == 0 || list->durable < list->count)
        return;
    do_read(world, false);
    uint64_t sequence = back < list->count ? list->count - back : 1;
    int rc = quire__trim_on(world->io, world->directory, sequence, &segments);
    if (rc < 0)
        object(world, "trim: %s", quire_strerror(rc));
    uint64_t before = list->first_seen;
    list->first_most = most(list->first_most, sequence);
    do_read(world, false);
    if (WELL(world) && before > 0 && list->first_seen > before && segments == 0)
        object(world, "trim took records away, and no segment");
}
