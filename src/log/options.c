/* Checking options and filling in defaults. The limits are those that quire/log.h states.
 *
 * SPDX-License-Identifier: MIT */
#include "log/options.h"

#include "base/given.h"
#include "log/codec.h"
#include "log/frame.h"

enum {
    BLOCK_LEAST = 4 * 1024,
    BLOCK_MOST = 64 * 1024 * 1024,
    COUNT_LEAST = 3,
    COUNT_MOST = 1024,
    SEGMENT_DEFAULT = 64 * 1024 * 1024,
    SEGMENT_OVER = 16 * 1024, /* what a segment has beside its blocks: header, gap, footer */
    INTERVAL_DEFAULT_MS = 1000,
    INTERVAL_MOST_MS = 3600 * 1000,
    CLAIM_TIMEOUT_DEFAULT_MS = 1000,
    RESERVE_DEFAULT = 64 * 1024,
    FILE_MODE_DEFAULT = 0600,
    FILE_MODE_BITS = 0777,
    ZSTD_MOST = 19,
};

#define MEMORY_MOST (UINT64_C(1) << 30)
#define SEGMENT_MOST (UINT64_C(1) << 40)
#define FLAGS_KNOWN (UINT32_C(511))
#define SIZE_LEAST (offsetof(struct quire_log_options, flags) + sizeof(uint32_t))

int quire__log_options_take(const struct quire_log_options *given, struct quire_log_options *options)
{
    struct quire_log_options taken;

    int rc = quire__given_take(given, SIZE_LEAST, &taken, sizeof taken);
    if (rc == 0)
        *options = taken;
    return rc;
}

static bool contradictory(const struct quire_log_options *o)
{
    if (o->flags & ~FLAGS_KNOWN || o->reserved != 0)
        return true;
    if (o->flags & QUIRE_LOG_EXISTING && o->flags & QUIRE_LOG_EXCLUSIVE)
        return true;
    /* The digest of what went on elsewhere is not to be had again. */
    if (o->flags & QUIRE_LOG_CONTINUE && o->flags & QUIRE_LOG_CHAIN)
        return true;
    /* Where buffers are kept until they are durable, writing frees none. */
    if (o->flags & QUIRE_LOG_CONTINUE && o->flags & QUIRE_LOG_BACKGROUND)
        return true;
    if (o->on_full > QUIRE_FULL_DROP || o->sync_policy > QUIRE_SYNC_EACH || o->prepare > QUIRE_LOG_PREPARE_NONE)
        return true;
    if (o->sync_interval_ms > INTERVAL_MOST_MS || (o->sync_interval_ms && o->sync_policy != QUIRE_SYNC_INTERVAL))
        return true;
    if (o->codec_level < 0 || (o->codec == QUIRE_CODEC_ZSTD && o->codec_level > ZSTD_MOST) ||
        (o->codec == QUIRE_CODEC_NONE && o->codec_level != 0))
        return true;
    if (o->rotate_ms > UINT64_MAX / 1000000u || o->keep_ms > UINT64_MAX / 1000000u / 2)
        return true;
    return o->file_mode & ~(unsigned)FILE_MODE_BITS;
}

static int check_sizes(const struct quire_log_options *o)
{
    if (!quire__is_whole_pages(o->block_bytes) || o->block_bytes < BLOCK_LEAST || o->block_bytes > BLOCK_MOST)
        return QUIRE_E_BUFFER_SIZE;
    if (o->block_count < COUNT_LEAST || o->block_count > COUNT_MOST || o->block_bytes * o->block_count > MEMORY_MOST)
        return QUIRE_E_BUFFER_COUNT;
    if (!quire__is_whole_pages(o->lane_bytes) || o->lane_bytes > o->block_bytes)
        return QUIRE_E_BUFFER_SIZE;
    if (!quire__is_whole_pages(o->segment_bytes) || o->segment_bytes < o->block_bytes + SEGMENT_OVER ||
        o->segment_bytes > SEGMENT_MOST)
        return QUIRE_E_OPTIONS;
    /* What is not durable yet must fit where it would go. */
    if (o->flags & QUIRE_LOG_CONTINUE && o->segment_bytes < o->block_bytes * o->block_count + SEGMENT_OVER)
        return QUIRE_E_OPTIONS;
    return o->record_most > QUIRE__RECORD_MOST ? QUIRE_E_OPTIONS : 0;
}

static void fill_in_sizes(const struct quire__log_method *method, struct quire_log_options *o)
{
    if (o->block_bytes == 0)
        o->block_bytes = method->default_block_bytes;
    if (o->block_count == 0)
        o->block_count = method->default_block_count;
    if (o->lane_bytes == 0)
        o->lane_bytes = o->block_bytes;
    if (o->segment_bytes == 0)
        o->segment_bytes =
            quire__max(SEGMENT_DEFAULT, quire__round_up(o->block_bytes * o->block_count + SEGMENT_OVER, QUIRE__PAGE));
}

/* The largest record that a segment, or where they must be kept the buffers, can hold. */
static void limit_records(struct quire_log_options *o)
{
    uint64_t room = o->segment_bytes - SEGMENT_OVER - QUIRE__BLOCK_HEADER - quire__frame_bytes(o->flags);

    if (o->flags & QUIRE_LOG_CONTINUE)
        room = quire__min(room, o->block_bytes * (o->block_count - 1) - QUIRE__PAGE);
    room = quire__min(room, QUIRE__RECORD_MOST);
    o->record_most = o->record_most ? quire__min(o->record_most, room) : room;
}

static uint32_t prepare_by_policy(const struct quire__log_method *method, const struct quire_log_options *o)
{
    return method->direct || o->sync_policy == QUIRE_SYNC_EACH ? QUIRE_LOG_PREPARE_WRITTEN
                                                               : QUIRE_LOG_PREPARE_ALLOCATED;
}

int quire__log_options_settle(const struct quire__log_method *method, struct quire_log_options *options)
{
    struct quire_log_options o = *options;

    if (contradictory(&o))
        return QUIRE_E_OPTIONS;
    if (!quire__codec_is_known(o.codec))
        return o.codec > QUIRE_CODEC_LZ4 ? QUIRE_E_OPTIONS : QUIRE_E_NO_CODEC;
    fill_in_sizes(method, &o);
    int rc = check_sizes(&o);
    if (rc < 0)
        return rc;
    limit_records(&o);
    /* A mapping cannot reach beyond the end of a file, and direct writes beyond it are carried out one at a time. */
    if (o.prepare == QUIRE_LOG_PREPARE_NONE && (method->reads || method->direct))
        return QUIRE_E_OPTIONS;
    if (o.prepare == QUIRE_LOG_PREPARE_DEFAULT)
        o.prepare = prepare_by_policy(method, &o);
    if (o.sync_policy == QUIRE_SYNC_INTERVAL && o.sync_interval_ms == 0)
        o.sync_interval_ms = INTERVAL_DEFAULT_MS;
    if (o.file_mode == 0)
        o.file_mode = FILE_MODE_DEFAULT;
    if (o.reserve_bytes == 0)
        o.reserve_bytes = RESERVE_DEFAULT;
    if (o.claim_timeout_ms == 0)
        o.claim_timeout_ms = CLAIM_TIMEOUT_DEFAULT_MS;
    o.failure = NULL;
    o.damage = NULL;
    o.recovery = NULL;
    *options = o;
    return 0;
}
