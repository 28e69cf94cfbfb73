/* The method paged: buffers of whole pages go into the page cache with large writes, at page-aligned offsets from
 * page-aligned memory. Only a flush writes part of a page, and what comes after begins there.
 *
 * SPDX-License-Identifier: MIT */
#include "writer/staged.h"

/* The device is told to begin with what is in the page cache once so much has gathered there, so that the sync in
 * the end finds most of it done. Measured: docs/benchmarks.md. */
enum { WRITEBACK_STEP = 4 * 1024 * 1024 };

struct paged {
    struct quire__staged staged;
    uint64_t started; /* writeback was begun up to here */
};

/* Who never asks for durability is not made to pay for it. */
static void start_writeback(quire_writer *writer, struct paged *paged, uint64_t to)
{
    if (writer->options.sync_policy == QUIRE_SYNC_NONE || to - paged->started < WRITEBACK_STEP)
        return;
    /* Only advice; should it fail, the sync will do the work and say so. */
    writer->io->ops->start_writeback(writer->io, writer->file, paged->started, to - paged->started);
    paged->started = to;
}

static int paged_write_from(struct quire__sink *sink, const void *memory, uint64_t from, uint64_t to)
{
    struct quire__staged *staged = quire__staged_of(sink);
    uint64_t done = 0;

    int rc = quire__writer_put(staged->writer, memory, to - from, from, &done);
    quire__progress_set_written(&staged->writer->progress, from + done);
    if (rc < 0)
        return rc;
    quire__shared_free(&staged->shared, to);
    start_writeback(staged->writer, (struct paged *)staged, to);
    return 0;
}

/* In two pieces around the end of the ring. */
static int paged_write(struct quire__sink *sink, uint64_t from, uint64_t to)
{
    struct quire__staged *staged = quire__staged_of(sink);
    int rc = 0;

    while (rc == 0 && from < to) {
        uint64_t at = from % staged->ring_bytes;
        uint64_t end = quire__min(to, from + staged->ring_bytes - at);
        rc = paged_write_from(sink, (const unsigned char *)staged->ring + at, from, end);
        from = end;
    }
    return rc;
}

static int paged_room(struct quire__sink *sink, uint64_t end)
{
    return quire__shared_room_in_ring(&quire__staged_of(sink)->shared, end);
}

static const struct quire__sink_ops paged_sink = {
    .write = paged_write, .write_from = paged_write_from, .room = paged_room};

static void paged_close(quire_writer *writer)
{
    quire__staged_stop(writer);
    quire__staged_close(writer);
}

static int paged_open(quire_writer *writer, enum quire_call *failed_call)
{
    int rc = quire__staged_open(writer, sizeof(struct paged), &paged_sink, true, failed_call);
    if (rc < 0)
        return rc;
    ((struct paged *)writer->state)->started = writer->begin;
    rc = quire__staged_start(writer, failed_call);
    if (rc < 0)
        quire__staged_close(writer);
    return rc;
}

const struct quire__method quire__method_paged = {
    .id = QUIRE_METHOD_PAGED,
    .name = "paged",
    .merges = true,
    .default_buffer_bytes = 256 * 1024,
    .default_buffer_count = 8,
    .open = paged_open,
    .close = paged_close,
    QUIRE__STAGED_OPERATIONS,
    .stats = quire__staged_stats,
};
