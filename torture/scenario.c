/* Drawing. See scenario.h.
 *
 * Small buffers and segments, so that a few dozen records come to every end there is.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/scenario.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "torture/random.h"

enum { SEGMENT_OVER = 16384, SEGMENT_SMALL = 128 * 1024 };

static uint32_t below(uint64_t *state, uint32_t count)
{
    return (uint32_t)(torture_random(state) % count);
}

static bool one_in(uint64_t *state, uint32_t count)
{
    return below(state, count) == 0;
}

static void draw_sizes(uint64_t *r, struct quire_log_options *o)
{
    o->block_bytes = 4096 * (1 + below(r, 3));
    o->block_count = 3 + below(r, 4);
    if (o->method == QUIRE_METHOD_URING && o->block_bytes < 8192)
        o->block_bytes = 8192;
    o->segment_bytes = o->block_bytes + 16384 + 4096 * below(r, 6);
    o->prepare = below(r, o->method == QUIRE_METHOD_PAGED || o->method == QUIRE_METHOD_WRITE ? 4 : 3);
}

static void draw_policies(uint64_t *r, struct quire_log_options *o)
{
    static const uint32_t policies[] = {QUIRE_SYNC_REQUEST, QUIRE_SYNC_REQUEST, QUIRE_SYNC_EACH, QUIRE_SYNC_INTERVAL,
                                        QUIRE_SYNC_NONE};
    static const struct {
        uint32_t flag, chance;
    } flags[] = {
        {QUIRE_LOG_RECORD_TIMES, 4}, {QUIRE_LOG_NO_LIVE, 5}, {QUIRE_LOG_CONTINUE, 3}, {QUIRE_LOG_BACKGROUND, 4},
#ifdef QUIRE__HAVE_CRYPTO
        {QUIRE_LOG_CHAIN, 4},
#endif
    };

    o->sync_policy = policies[below(r, 5)];
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (one_in(r, flags[i].chance))
            o->flags |= flags[i].flag;
    if (one_in(r, 3))
        o->codec = 1 + below(r, 2);
    /* Without any care for power cuts retention takes what was durable, and keeps what is not: as documented. */
    if (o->sync_policy != QUIRE_SYNC_NONE && one_in(r, 3))
        o->keep_segments = 2 + below(r, 3);
    if (one_in(r, 6))
        o->rotate_ms = 1 + below(r, 20);
    if (!(o->flags & QUIRE_LOG_CONTINUE))
        return;
    /* What is not durable yet must fit into the segment where it goes on, and has no digest there. */
    o->flags &= ~(QUIRE_LOG_CHAIN | QUIRE_LOG_BACKGROUND);
    o->segment_bytes += o->block_bytes * o->block_count;
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Sizes that were asked for; those that were not are made to fit them. */
static void take_sizes(const struct quire_log_options *asked, struct quire_log_options *o)
{
    if (asked->block_bytes)
        o->block_bytes = at_most(asked->block_bytes, TORTURE_BLOCK_MOST);
    if (asked->block_count)
        o->block_count = (uint32_t)at_most(asked->block_count, TORTURE_BLOCKS_MOST);
    if (asked->segment_bytes)
        o->segment_bytes = at_most(asked->segment_bytes, TORTURE_SEGMENT_MOST);
    else if (asked->block_bytes)
        o->segment_bytes += o->block_bytes;
    if (!asked->block_bytes && o->segment_bytes < o->block_bytes * o->block_count + SEGMENT_OVER)
        o->block_bytes = o->method == QUIRE_METHOD_URING ? 8192 : 4096;
    if (!asked->block_count && o->segment_bytes < o->block_bytes * o->block_count + SEGMENT_OVER)
        o->block_count = 3;
}

static void take_policies(const struct torture_given *given, struct quire_log_options *o)
{
    const struct quire_log_options *asked = given->options;

    if (given->sync) {
        o->sync_policy = asked->sync_policy;
        o->sync_interval_ms = asked->sync_interval_ms;
        if (o->sync_policy == QUIRE_SYNC_NONE)
            o->keep_segments = 0;
    }
    /* These two exclude each other. */
    if (asked->flags & QUIRE_LOG_CHAIN)
        o->flags &= ~QUIRE_LOG_CONTINUE;
    if (asked->flags & QUIRE_LOG_CONTINUE)
        o->flags &= ~(QUIRE_LOG_CHAIN | QUIRE_LOG_BACKGROUND);
    o->flags |= asked->flags;
    /* Retention without any care for power cuts takes what was durable and keeps what is not: docs/durability.md. */
    if ((asked->keep_segments || asked->keep_bytes) && o->sync_policy == QUIRE_SYNC_NONE)
        o->sync_policy = QUIRE_SYNC_REQUEST;
    if (asked->codec) {
        o->codec = asked->codec;
        o->codec_level = asked->codec_level;
    }
    if (asked->keep_segments || asked->keep_bytes) {
        o->keep_segments = asked->keep_segments;
        o->keep_bytes = asked->keep_bytes;
    }
    /* What is not durable yet must fit into the segment where it goes on. */
    if (o->flags & QUIRE_LOG_CONTINUE && o->segment_bytes < o->block_bytes * o->block_count + SEGMENT_OVER)
        o->segment_bytes += o->block_bytes * o->block_count;
}

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

/* None is larger than a segment, nor than the buffers where they keep what is not durable. */
static uint64_t largest_record(const struct quire_log_options *o)
{
    uint64_t most = o->segment_bytes < 28672 ? 2500 : UINT64_MAX;

    return o->flags & QUIRE_LOG_CONTINUE ? at_most(most, o->block_bytes * (o->block_count - 1) - TORTURE_PAGE) : most;
}

static void draw_work(uint64_t *r, struct torture_scenario *s)
{
    bool drops = one_in(r, 8) && s->options.method != QUIRE_METHOD_WRITE;
    bool careless = s->options.sync_policy == QUIRE_SYNC_NONE;

    /* What was never flushed is to be met by a later session, and by a sync of its. */
    s->sessions = one_in(r, careless ? 1 : 3) ? 2 : 1;
    s->threads = one_in(r, 4) || drops ? 2 + below(r, 3) : 1;
    s->records = (30 + below(r, 60)) / s->sessions / s->threads + 1;
    s->sync_every = (careless ? 10 : 1) + below(r, 25);
    s->rotate_every = one_in(r, 3) ? 5 + below(r, 20) : 0;
    s->trim_every = one_in(r, 6) && s->options.sync_policy != QUIRE_SYNC_NONE ? 10 + below(r, 20) : 0;
    s->lanes = s->threads > 1 && !drops && one_in(r, 2);
    s->claims = s->threads > 1 && !s->lanes;
    s->rules.length_most = one_in(r, s->lanes ? 2 : 3) || s->claims ? 50 + below(r, 900) : 5000;
    s->rules.length_most = at_most(s->rules.length_most, largest_record(&s->options));
    s->batch_most = s->threads == 1 && s->rules.length_most < 1000 && one_in(r, 3) ? 4 : 1;
    s->rules.lanes = s->lanes;
    s->rules.fixed_length = s->claims;
    if (drops) {
        s->options.on_full = QUIRE_FULL_DROP;
        s->rules.may_lose = true;
    }
    s->rules.may_trim = s->options.keep_segments > 0 || s->options.keep_bytes > 0 || s->trim_every > 0;
}

static void draw_fault(uint64_t *r, struct torture_scenario *s)
{
    static const int codes[] = {-EIO, -ENOSPC, -EDQUOT, -EFBIG};

    if (one_in(r, 2))
        return;
    s->fault = one_in(r, 2) ? TORTURE_FAIL_WRITE : TORTURE_FAIL_SYNC;
    s->fault_at = 1 + below(r, 60);
    s->fault_code = codes[below(r, 4)];
}

/* Of a segment that the records do not fill the end comes by itself. */
static void end_large_segments(uint64_t *r, struct torture_scenario *s)
{
    if (s->options.segment_bytes > SEGMENT_SMALL && s->rotate_every == 0)
        s->rotate_every = 5 + below(r, 20);
}

void torture_scenario_draw(uint64_t seed, uint32_t method, const struct torture_given *given,
                           struct torture_scenario *s)
{
    static const uint32_t methods[] = {QUIRE_METHOD_WRITE, QUIRE_METHOD_PAGED, QUIRE_METHOD_MMAP, QUIRE_METHOD_URING};
    uint64_t r = seed;

    *s = (struct torture_scenario){.seed = seed, .options = {.size = sizeof s->options}};
    s->options.method = methods[below(&r, 4)];
    if (method)
        s->options.method = method;
    draw_sizes(&r, &s->options);
    if (given->options)
        take_sizes(given->options, &s->options);
    draw_policies(&r, &s->options);
    if (given->options)
        take_policies(given, &s->options);
    s->options.codec = without(s->options.codec);
    s->rules.seed = seed;
    draw_work(&r, s);
    if (given->options)
        end_large_segments(&r, s);
    draw_fault(&r, s);
    /* A claim that the failure overtook is void. */
    s->rules.may_lose |= s->claims && s->fault != TORTURE_NO_FAULT;
    s->stale = one_in(&r, 4);
    /* Of a disk that shows what a removed file held, too much would be asked. */
    s->rules.repeats = !s->stale && one_in(&r, 4);
}

void torture_scenario_print(const struct torture_scenario *s, char *line, uint64_t room)
{
    static const char *const methods[] = {"default", "write", "stdio", "paged", "mmap", "uring"};
    static const char *const policies[] = {"request", "none", "interval", "each"};
    static const char *const faults[] = {"", ", a write fails", ", a flush fails"};
    const struct quire_log_options *o = &s->options;

    snprintf(line, room,
             "%s, sync %s, blocks %" PRIu64 " x %" PRIu32 ", segments %" PRIu64 ", codec %" PRIu32 ", flags %" PRIu32
             ", keep %" PRIu64 ", prepare %" PRIu32 ", %" PRIu32 " x %" PRIu32 " x %" PRIu32 " records up to %" PRIu64
             " bytes%s%s%s%s",
             methods[o->method], policies[o->sync_policy], o->block_bytes, o->block_count, o->segment_bytes, o->codec,
             o->flags, o->keep_segments, o->prepare, s->sessions, s->threads, s->records, s->rules.length_most,
             s->lanes            ? ", lanes"
             : s->rules.may_lose ? ", drops"
                                 : "",
             faults[s->fault], s->stale ? ", stale disk" : "", s->rules.repeats ? ", random numbers repeat" : "");
}
