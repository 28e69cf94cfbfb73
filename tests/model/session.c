/* Opening, closing, and ending badly. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "log/log.h"
#include "model/world.h"

enum { OVER = 16 * 1024 /* what a segment has beside its blocks */, CLAIM_TIMEOUT_MS = 20 };

static uint32_t without(uint32_t codec)
{
#ifndef QUIRE__HAVE_ZSTD
    codec = codec == QUIRE_CODEC_ZSTD ? QUIRE_CODEC_NONE : codec;
#endif
#ifndef QUIRE__HAVE_LZ4
    codec = codec == QUIRE_CODEC_LZ4 ? QUIRE_CODEC_NONE : codec;
#endif
    return codec;
}

static uint32_t flags_of(const uint64_t *a)
{
    uint32_t flags = QUIRE_LOG_ALLOW_FALLBACK;

    flags |= a[OPEN_TIMES] ? QUIRE_LOG_RECORD_TIMES : 0;
    flags |= a[OPEN_QUIET] ? QUIRE_LOG_NO_LIVE : 0;
    flags |= a[OPEN_CONTINUE] ? QUIRE_LOG_CONTINUE : 0;
    flags |= a[OPEN_BACKGROUND] && !a[OPEN_CONTINUE] ? QUIRE_LOG_BACKGROUND : 0;
#ifdef QUIRE__HAVE_CRYPTO
    flags |= a[OPEN_CHAIN] && !a[OPEN_CONTINUE] ? QUIRE_LOG_CHAIN : 0;
#endif
    return flags;
}

/* After a power cut the log is opened once with care, and without care nothing is taken away: as documented. */
static struct quire_log_options options_of(const struct world *world, const uint64_t *a)
{
    static const uint32_t methods[] = {QUIRE_METHOD_PAGED, QUIRE_METHOD_WRITE, QUIRE_METHOD_MMAP, QUIRE_METHOD_URING};
    static const uint32_t policies[] = {QUIRE_SYNC_REQUEST, QUIRE_SYNC_EACH, QUIRE_SYNC_INTERVAL, QUIRE_SYNC_NONE};
    struct quire_log_options o = {.size = sizeof o, .flags = flags_of(a)};

    o.method = methods[a[OPEN_METHOD] % 4];
    o.sync_policy = policies[a[OPEN_SYNC] % 4];
    if (world->crashed && o.sync_policy == QUIRE_SYNC_NONE)
        o.sync_policy = QUIRE_SYNC_REQUEST;
    o.sync_interval_ms = o.sync_policy == QUIRE_SYNC_INTERVAL ? 5 : 0;
    o.block_bytes = 4096 * (1 + a[OPEN_BLOCK] % 8);
    o.block_count = 3 + (uint32_t)(a[OPEN_COUNT] % 8);
    o.segment_bytes = o.block_bytes + OVER + 4096 * (a[OPEN_EXTRA] % 64);
    if (o.flags & QUIRE_LOG_CONTINUE)
        o.segment_bytes += o.block_bytes * o.block_count;
    o.codec = without((uint32_t)(a[OPEN_CODEC] % 3));
    o.keep_segments = o.sync_policy == QUIRE_SYNC_NONE ? 0 : a[OPEN_KEEP] % 8;
    o.prepare = (uint32_t)(a[OPEN_PREPARE] % 4);
    if (o.prepare == QUIRE_LOG_PREPARE_NONE && o.method != QUIRE_METHOD_PAGED && o.method != QUIRE_METHOD_WRITE)
        o.prepare = QUIRE_LOG_PREPARE_DEFAULT;
    o.on_full = (uint32_t)(a[OPEN_FULL] % 3);
    o.rotate_ms = a[OPEN_ROTATE];
    o.claim_timeout_ms = CLAIM_TIMEOUT_MS;
    return o;
}

/* What recovery made of it: not less than was durable, not more than was appended, and no batch in part. */
static void judge_recovery(struct world *world, const struct quire_recovery *recovery, uint64_t last)
{
    struct list *list = world->list;

    if (recovery->last_sequence != last)
        object(world, "open says that it found %" PRIu64 " records, and %" PRIu64 " are appended",
               recovery->last_sequence, last);
    if (recovery->durable_mark > last || recovery->gap_first != 0)
        object(world, "open found a mark of %" PRIu64 " in a log of %" PRIu64, recovery->durable_mark, last);
    if (last > list->count)
        object(world, "recovered %" PRIu64 " records, of %" PRIu64, last, list->count);
    else if (!world->crashed && last != list->count)
        object(world, "recovered %" PRIu64 " records of %" PRIu64 ", and nothing had happened", last, list->count);
    else if (last < world->floor)
        object(world, "recovered %" PRIu64 " records, and %" PRIu64 " were %s", last, world->floor,
               world->floor == list->durable ? "durable" : "written");
    else if (list->entries[last].joined)
        object(world, "a batch was recovered in part: up to %" PRIu64, last);
    for (uint64_t i = 1; i <= last && WELL(world); i++)
        if (list->entries[i].kind == ENTRY_CLAIMED)
            object(world, "recovered %" PRIu64 " records: %" PRIu64 " was claimed and not published", last, i);
}

static void begin_session(struct world *world)
{
    struct list *list = world->list;

    list_cut(list, world->marks.appended);
    world->exists = true;
    world->crashed = world->trimmed = false;
    world->floor = 0;
    world->accepted = world->accepted_bytes = world->dropped = 0;
    world->unchained |= !(world->options.flags & QUIRE_LOG_CHAIN);
    if (world->options.sync_policy == QUIRE_SYNC_NONE)
        world->careless = true;
    else if (world->marks.durable != world->marks.appended)
        object(world, "opened with %" PRIu64 " records, of which %" PRIu64 " are durable", world->marks.appended,
               world->marks.durable);
    else
        world->careless = false;
    world->began_at = 0;
}

void do_open(struct world *world, const uint64_t *arguments)
{
    struct quire_recovery recovery = {.size = sizeof recovery};
    struct quire_damage damage = {.code = 0};

    if (world->log)
        return;
    struct quire_log_options options = options_of(world, arguments);
    world->options = options;
    options.recovery = &recovery;
    options.damage = &damage;
    int rc = quire__log_open_on(world->io, world->directory, &options, &world->log);
    if (rc < 0) {
        object(world, "open: %s (segment %" PRIu64 ", offset %" PRIu64 ")", quire_strerror(rc), damage.segment,
               damage.offset);
        return;
    }
    quire_log_watermarks(world->log, &world->marks); /* of an open log: cannot fail */
    judge_recovery(world, &recovery, world->marks.appended);
    if (WELL(world))
        begin_session(world);
}

/* The lanes went with the log, and so did the claims. */
static void forget_session(struct world *world)
{
    world->log = NULL;
    memset(world->lanes, 0, sizeof world->lanes);
    memset(world->claims, 0, sizeof world->claims);
    world->marks = (struct quire_watermarks){0};
}

/* All that was accepted is there; what was dropped last is declared on the way out. */
static void judge_close(struct world *world)
{
    struct list *list = world->list;
    const char *why = list_extend(list, list_most(list));

    if (why)
        object(world, "close: %s", why);
    list_void_claims(list);
    list->written = list->count;
    if (world->options.sync_policy != QUIRE_SYNC_NONE)
        list->durable = list->count;
    if (world->options.keep_segments > 0)
        list->first_most = most(list->first_most, list->durable);
}

void do_close(struct world *world)
{
    if (!world->log)
        return;
    int should = has_open_claim(world) ? QUIRE_E_CLAIM_OPEN : 0;
    int rc = quire_log_close(world->log);
    if (rc != should)
        object(world, "close: %s, should be: %s", quire_strerror(rc), quire_strerror(should));
    judge_close(world);
    forget_session(world);
}

void do_crash(struct world *world, uint64_t state, bool stale)
{
    struct list *list = world->list;

    if (!storage_can_crash(world->storage)) {
        do_close(world);
        return;
    }
    if (state == UINT64_MAX && world->crashed)
        return; /* there is nobody to kill */
    if (!storage_cut(world->storage, state, stale)) {
        object(world, "the disk has no memory left for a power cut");
        return;
    }
    /* What it does from here on never was. */
    if (world->log)
        quire_log_close(world->log);
    forget_session(world);
    stop_following(world);
    const char *why = storage_fall(world->storage, world);
    if (why)
        object(world, "%s", why);
    world->floor = state == UINT64_MAX ? most(list->written, list->durable) : list->durable;
    /* A removal that was under way may not have come about. */
    list->first_seen = 0;
    world->crashed = true;
    world->torn |= state != UINT64_MAX;
}
