/* The method mmap: appends are stored into a window of the file itself.
 *
 * A window's space is allocated before it is mapped, so a full disk is an error of the append that needed the space,
 * and never a SIGBUS; its pages are made present ahead of the appends, some at a time. When the window is full the next
 * one begins at the page where it ended, and the old one is kept until the last copy into it is done.
 *
 * SPDX-License-Identifier: MIT */
#include "io/retry.h"
#include "staging/order.h"
#include "writer/staged.h"
#include "writer/target.h"

/* Pages made present at a time: enough to make the call cheap per page, few enough that a sync of a short
 * file does not write megabytes of zeros. */
enum { POPULATE_STEP = 1024 * 1024 };

struct window {
    unsigned char *memory; /* NULL: none */
    uint64_t begin;        /* in the file; whole pages */
    uint64_t length;
};

struct mapped {
    struct quire__staged staged;
    struct window now;
    struct window before; /* kept for copies not yet done */
    uint64_t before_end;  /* claims that end beyond this are in the window of now */
    uint64_t present;     /* pages of now are present up to here */
};

static void unmap(struct mapped *mapped, struct window *window)
{
    struct quire__io *io = mapped->staged.writer->io;

    if (window->memory)
        io->ops->unmap(io, window->memory, window->length); /* of a range that we mapped: cannot fail */
    window->memory = NULL;
}

/* The old window goes when nobody can be storing into it any more. */
static int release_before(struct mapped *mapped)
{
    if (!mapped->before.memory)
        return 0;
    int rc = quire__shared_await_published(&mapped->staged.shared, mapped->before_end);
    if (rc == 0)
        unmap(mapped, &mapped->before);
    return rc;
}

/* Makes pages present so that a claim may end at end, and says so. */
static int populate(struct mapped *mapped, uint64_t end)
{
    struct quire__io *io = mapped->staged.writer->io;
    uint64_t window_end = mapped->now.begin + mapped->now.length;
    uint64_t to = quire__min(quire__round_up(end, QUIRE__PAGE) + POPULATE_STEP, window_end);

    if (to > mapped->present) {
        int rc =
            io->ops->populate(io, mapped->now.memory + (mapped->present - mapped->now.begin), to - mapped->present);
        if (rc < 0)
            return quire__progress_fail(&mapped->staged.writer->progress, rc, QUIRE_CALL_MAP, mapped->present);
        mapped->present = to;
    }
    return 0;
}

/* From here on claims are made in the new window. */
static void switch_to(struct mapped *mapped, const struct window *next)
{
    struct quire__shared *shared = &mapped->staged.shared;

    quire__spin_lock(&shared->order);
    mapped->before = mapped->now;
    mapped->before_end = shared->appended;
    mapped->now = *next;
    mapped->present = next->begin;
    shared->base = next->memory;
    shared->at = shared->appended - next->begin;
    /* Until its pages are present. */
    quire__order_set_limit(shared, shared->appended);
    quire__spin_unlock(&shared->order);
}

static int move_window(struct mapped *mapped, uint64_t end)
{
    quire_writer *writer = mapped->staged.writer;
    uint64_t begin = quire__round_down(quire__shared_appended(&mapped->staged.shared), QUIRE__PAGE);
    uint64_t length = quire__max(writer->options.buffer_bytes, quire__round_up(end - begin, QUIRE__PAGE));
    void *memory;

    int rc = release_before(mapped);
    if (rc == 0)
        rc = quire__target_extend(writer, begin + length);
    if (rc < 0)
        return rc;
    rc = writer->io->ops->map(writer->io, writer->file, begin, length, &memory);
    if (rc < 0)
        return rc; /* nothing was accepted, and it may work another time */
    switch_to(mapped, &(struct window){memory, begin, length});
    return 0;
}

static int mapped_room(struct quire__sink *sink, uint64_t end)
{
    struct mapped *mapped = (struct mapped *)quire__staged_of(sink);
    struct quire__shared *shared = &mapped->staged.shared;
    int rc = 0;

    if (!mapped->now.memory || end > mapped->now.begin + mapped->now.length)
        rc = move_window(mapped, end);
    if (rc == 0)
        rc = populate(mapped, end);
    if (rc < 0)
        return rc;
    quire__spin_lock(&shared->order);
    quire__order_set_limit(shared, mapped->present);
    quire__spin_unlock(&shared->order);
    return 0;
}

/* What is stored is in the page cache already. */
static int mapped_write(struct quire__sink *sink, uint64_t from, uint64_t to)
{
    (void)from;
    quire__progress_set_written(&quire__staged_of(sink)->writer->progress, to);
    return 0;
}

static const struct quire__sink_ops mapped_sink = {
    .write = mapped_write, .room = mapped_room, .reserve = quire__staged_reserve};

static void mapped_close(quire_writer *writer)
{
    struct mapped *mapped = writer->state;

    quire__staged_stop(writer);
    unmap(mapped, &mapped->before);
    unmap(mapped, &mapped->now);
    quire__staged_close(writer);
}

static int mapped_open(quire_writer *writer, enum quire_call *failed_call)
{
    int rc = quire__staged_open(writer, sizeof(struct mapped), &mapped_sink, false, failed_call);
    if (rc < 0)
        return rc;
    rc = quire__staged_start(writer, failed_call);
    if (rc < 0)
        quire__staged_close(writer);
    return rc;
}

static void mapped_stats(quire_writer *writer, struct quire_writer_stats *stats)
{
    quire__staged_stats(writer, stats);
    stats->memory_bytes = 2 * writer->options.buffer_bytes;
}

const struct quire__method quire__method_mmap = {
    .id = QUIRE_METHOD_MMAP,
    .name = "mmap",
    .open_how = QUIRE__IO_READ,
    .needs_space = true,
    .default_buffer_bytes = 8 * 1024 * 1024,
    .default_buffer_count = 2,
    .fixed_buffer_count = 2,
    .open = mapped_open,
    .close = mapped_close,
    QUIRE__STAGED_OPERATIONS,
    .stats = mapped_stats,
};
