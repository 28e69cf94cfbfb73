/* The methods paged and write: blocks go through the page cache.
 *
 * write differs in when: append hands each record to the kernel before it returns, in a block of its own.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "io/retry.h"
#include "log/go_on.h"
#include "log/plain.h"

/* So many bytes at a time the kernel is asked to begin writing to the device, so that the flush finds most of it
 * done. */
enum { WRITEBACK_STEP = 4 * 1024 * 1024 };

int quire__log_write_plain(quire_log *log, struct quire__segment *segment, const void *from, uint64_t length,
                           uint64_t offset)
{
    uint64_t done = 0;
    uint64_t calls = 0;

    uint64_t begun = QUIRE__OBSERVE_BEGIN(&log->observer, write, offset, length);
    int rc = quire__io_write_all(log->io, segment->file, from, length, offset, &done, &calls);
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_WRITE, write, begun, offset, rc < 0 ? length : done, rc);
    quire__log_count(&log->writes, calls);
    quire__log_count(&log->write_bytes, done);
    return rc < 0 ? quire__log_trouble(log, rc, QUIRE_CALL_WRITE, offset + done) : 0;
}

int quire__log_write_durably(quire_log *log, int file, const struct quire__slot *slot, uint64_t *done)
{
    uint64_t begun = QUIRE__OBSERVE_BEGIN(&log->observer, write, slot->offset, slot->length);
    int rc = log->io->ops->write_durably(log->io, file, slot->memory, slot->length, slot->offset, done);
    bool again = rc == -EINTR || rc == -EAGAIN;
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_WRITE, write, begun, slot->offset, again ? 0 : slot->length,
                       again ? 0 : rc);
    if (rc < 0 && !again)
        return quire__log_trouble(log, rc, QUIRE_CALL_WRITE, slot->offset);
    quire__log_count(&log->writes, 1);
    quire__log_count(&log->write_bytes, *done);
    /* The flush was part of it; what it fell short of is written, and flushed, as ever. */
    slot->segment->dirty = *done < slot->length;
    quire__log_count(&log->syncs, *done == slot->length);
    return 0;
}

/* Who never asks for durability is not made to pay for it. */
static void start_writeback(quire_log *log, struct quire__segment *segment, uint64_t to)
{
    if (log->options.sync_policy == QUIRE_SYNC_NONE || to - segment->started < WRITEBACK_STEP)
        return;
    /* Only advice; should it fail, the sync will do the work and say so. */
    log->io->ops->start_writeback(log->io, segment->file, segment->started, to - segment->started);
    segment->started = to;
}

static int paged_write(quire_log *log, struct quire__segment *segment, uint64_t first, uint64_t last)
{
    const struct quire__slot *slot = quire__log_slot(log, first);
    uint64_t length = 0;
    uint64_t done = 0;
    int rc = 0;

    for (uint64_t i = first; i < last; i++)
        length += quire__log_slot(log, i)->length;
    if (log->hurry && last - first == 1)
        rc = quire__log_write_durably(log, segment->file, slot, &done);
    if (rc == 0 && done < length)
        rc = quire__log_write_plain(log, segment, slot->memory + done, length - done, slot->offset + done);
    if (rc < 0)
        return rc;
    for (uint64_t i = first; i < last; i++)
        quire__log_slot(log, i)->done = true;
    start_writeback(log, segment, slot->offset + length);
    return 0;
}

const struct quire__log_method quire__log_method_paged = {
    .id = QUIRE_METHOD_PAGED,
    .name = "paged",
    .merges = true,
    .default_block_bytes = 256 * 1024,
    .default_block_count = 8,
    .write = paged_write,
};

const struct quire__log_method quire__log_method_write = {
    .id = QUIRE_METHOD_WRITE,
    .name = "write",
    .each = true,
    .default_block_bytes = 256 * 1024,
    .default_block_count = 4,
    .write = paged_write,
};
