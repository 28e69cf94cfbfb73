/* Checking options and filling in defaults. The limits are those that quire/writer.h states.
 *
 * SPDX-License-Identifier: MIT */
#include "writer/options.h"

#include <stddef.h>
#include <string.h>

#include "base/align.h"
#include "base/given.h"

enum {
    BUFFER_LEAST = 4 * 1024,
    BUFFER_MOST = 64 * 1024 * 1024,
    COUNT_LEAST = 2,
    COUNT_MOST = 1024,
    LANE_DEFAULT = 256 * 1024,
    INTERVAL_DEFAULT_MS = 1000,
    INTERVAL_MOST_MS = 3600 * 1000,
    CLAIM_TIMEOUT_DEFAULT_MS = 1000,
    FILE_MODE_DEFAULT = 0600,
    FILE_MODE_BITS = 0777,
};

#define MEMORY_MOST (UINT64_C(1) << 30)
#define FLAGS_KNOWN (QUIRE_OPEN_EXISTING | QUIRE_OPEN_EXCLUSIVE | QUIRE_OPEN_ALLOW_FALLBACK)
#define SIZE_LEAST (offsetof(struct quire_writer_options, flags) + sizeof(uint32_t))

int quire__options_take(const struct quire_writer_options *given, struct quire_writer_options *options)
{
    struct quire_writer_options taken;

    int rc = quire__given_take(given, SIZE_LEAST, &taken, sizeof taken);
    if (rc == 0)
        *options = taken;
    return rc;
}

static bool contradictory(const struct quire_writer_options *o)
{
    if (o->flags & ~FLAGS_KNOWN || o->reserved != 0)
        return true;
    if (o->flags & QUIRE_OPEN_EXISTING && o->flags & QUIRE_OPEN_EXCLUSIVE)
        return true;
    if (o->on_full > QUIRE_FULL_DROP || o->sync_policy > QUIRE_SYNC_EACH || o->prepare > QUIRE_PREPARE_WRITTEN)
        return true;
    if ((o->prepare == QUIRE_PREPARE_NONE) != (o->prepare_bytes == 0) || o->prepare_bytes > QUIRE__FILE_MAX)
        return true;
    if (o->sync_interval_ms > INTERVAL_MOST_MS || (o->sync_interval_ms && o->sync_policy != QUIRE_SYNC_INTERVAL))
        return true;
    return o->file_mode & ~(unsigned)FILE_MODE_BITS;
}

static int check_buffers(const struct quire_writer_options *o)
{
    if (!quire__is_whole_pages(o->buffer_bytes) || o->buffer_bytes < BUFFER_LEAST || o->buffer_bytes > BUFFER_MOST)
        return QUIRE_E_BUFFER_SIZE;
    if (o->buffer_count < COUNT_LEAST || o->buffer_count > COUNT_MOST ||
        o->buffer_bytes * o->buffer_count > MEMORY_MOST)
        return QUIRE_E_BUFFER_COUNT;
    if (!quire__is_whole_pages(o->lane_bytes) || o->lane_bytes > o->buffer_bytes * (o->buffer_count - 1))
        return QUIRE_E_BUFFER_SIZE;
    return 0;
}

int quire__options_settle(const struct quire__method *method, struct quire_writer_options *options)
{
    struct quire_writer_options o = *options;

    if (contradictory(&o))
        return QUIRE_E_OPTIONS;
    if (o.buffer_bytes == 0)
        o.buffer_bytes = method->default_buffer_bytes;
    if (method->fixed_buffer_count && o.buffer_count && o.buffer_count != method->fixed_buffer_count)
        return QUIRE_E_BUFFER_COUNT;
    if (o.buffer_count == 0)
        o.buffer_count = method->default_buffer_count;
    if (o.lane_bytes == 0)
        o.lane_bytes = quire__min(o.buffer_bytes, LANE_DEFAULT);
    int rc = check_buffers(&o);
    if (rc < 0)
        return rc;
    if (o.sync_policy == QUIRE_SYNC_INTERVAL && o.sync_interval_ms == 0)
        o.sync_interval_ms = INTERVAL_DEFAULT_MS;
    if (o.file_mode == 0)
        o.file_mode = FILE_MODE_DEFAULT;
    if (o.claim_timeout_ms == 0)
        o.claim_timeout_ms = CLAIM_TIMEOUT_DEFAULT_MS;
    o.failure = NULL;
    *options = o;
    return 0;
}
