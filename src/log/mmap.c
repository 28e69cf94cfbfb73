/* The method mmap: blocks are stored into the segment itself, which is mapped as a whole.
 *
 * Its space is allocated when it is made, and its pages are made present ahead of the stores, some at a time: so a full
 * disk is an error, and never a SIGBUS.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "log/go_on.h"

/* Pages made present at a time: enough to make the call cheap per page, few enough that a sync of a short log does
 * not write megabytes of zeros. */
enum { POPULATE_STEP = 1024 * 1024 };

static int map(quire_log *log, struct quire__segment *segment)
{
    void *memory;

    if (segment->window)
        return 0;
    int rc = log->io->ops->map(log->io, segment->file, 0, segment->bytes, &memory);
    if (rc < 0)
        return quire__log_trouble(log, rc, QUIRE_CALL_MAP, 0);
    segment->window = memory;
    segment->present = quire__round_down(segment->end, QUIRE__PAGE);
    return 0;
}

static int populate(quire_log *log, struct quire__segment *segment, uint64_t begin, uint64_t end)
{
    uint64_t from = quire__min(segment->present, begin);
    uint64_t to = quire__min(quire__round_up(end, QUIRE__PAGE) + POPULATE_STEP, segment->bytes);

    if (end <= segment->present)
        return 0;
    int rc = log->io->ops->populate(log->io, segment->window + from, to - from);
    if (rc < 0)
        return quire__log_trouble(log, rc, QUIRE_CALL_MAP, from);
    segment->present = to;
    return 0;
}

static int mapped_write(quire_log *log, struct quire__segment *segment, uint64_t first, uint64_t last)
{
    struct quire__slot *slot = quire__log_slot(log, first);

    (void)last; /* one: it does not merge */
    int rc = map(log, segment);
    if (rc == 0)
        rc = populate(log, segment, slot->offset, slot->offset + slot->length);
    if (rc < 0)
        return rc;
    memcpy(segment->window + slot->offset, slot->memory, slot->length);
    slot->done = true;
    return 0;
}

static void mapped_leave(quire_log *log, struct quire__segment *segment)
{
    if (segment->window)
        log->io->ops->unmap(log->io, segment->window, segment->bytes); /* of a range that we mapped: cannot fail */
    segment->window = NULL;
}

static void mapped_close(quire_log *log)
{
    mapped_leave(log, log->writing);
}

const struct quire__log_method quire__log_method_mmap = {
    .id = QUIRE_METHOD_MMAP,
    .name = "mmap",
    .reads = true,
    .default_block_bytes = 256 * 1024,
    .default_block_count = 4,
    .close = mapped_close,
    .write = mapped_write,
    .leave = mapped_leave,
};
