/* The method write: one write(2) per append, nothing held back. What an append accepted is in the kernel when it
 * returns. Records in pieces are gathered first, so that they are one call too while they fit a buffer.
 *
 * SPDX-License-Identifier: MIT */
#include "writer/unstaged.h"

static int write_put(quire_writer *writer, const void *from, uint64_t length)
{
    uint64_t at = quire__progress_written(&writer->progress);
    uint64_t done = 0;

    int rc = quire__writer_put(writer, from, length, at, &done);
    if (rc < 0) {
        /* Part of a record may have gone out: it is cut off at close. */
        writer->overhang = true;
        return rc;
    }
    quire__progress_set_written(&writer->progress, at + length);
    return 0;
}

static int write_open(quire_writer *writer, enum quire_call *failed_call)
{
    return quire__unstaged_open(writer, sizeof(struct quire__unstaged), write_put, failed_call);
}

/* There is nothing to flush, but a claim may be open that came before. */
static int write_flush(quire_writer *writer)
{
    int rc = quire__unstaged_enter(writer, true);

    if (rc == 0)
        quire__unstaged_leave(writer);
    return rc;
}

const struct quire__method quire__method_write = {
    .id = QUIRE_METHOD_WRITE,
    .name = "write",
    .default_buffer_bytes = 64 * 1024,
    .default_buffer_count = 2,
    .open = write_open,
    .close = quire__unstaged_close,
    QUIRE__UNSTAGED_OPERATIONS,
    .flush = write_flush,
};
