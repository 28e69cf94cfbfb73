/* The method uring: whole pages go to the device past the page cache, several buffers at once.
 *
 * Every byte is given to the kernel once. Whole pages go by O_DIRECT. A flush in the middle of a page sends what is
 * there of it through the page cache, by the first descriptor, and the rest of that page goes the same way when it
 * comes: so no byte that was reported durable is written again, and nothing is padded. The file's size is kept ahead of
 * the writes, since ext4 carries out direct writes beyond it one at a time.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "io/retry.h"
#include "writer/staged.h"
#include "writer/target.h"

/* A write handed over; they come to their end in any order, and only the contiguous prefix counts. */
struct flight {
    uint64_t from, to;
    uint64_t begun; /* when the device was asked; of the observer's clock */
    bool done;
};

struct direct {
    struct quire__staged staged;
    int file; /* past the page cache */
    struct quire__queue *queue;
    struct flight *flights; /* a ring: first in, first out */
    uint64_t flights_most;
    uint64_t first, next;
    uint64_t under_way;              /* asked of the queue and not completed */
    _Atomic uint64_t under_way_most; /* read by the statistics, which must not wait for the device */
};

static struct flight *flight_at(struct direct *direct, uint64_t number)
{
    return &direct->flights[number % direct->flights_most];
}

static const unsigned char *memory_of(struct direct *direct, uint64_t offset)
{
    return (const unsigned char *)direct->staged.ring + offset % direct->staged.ring_bytes;
}

static int fail(struct direct *direct, int rc, uint64_t offset)
{
    return quire__progress_fail(&direct->staged.writer->progress, rc, QUIRE_CALL_WRITE, offset);
}

/* What has been written without a hole is written, and its memory free. */
static void advance(struct direct *direct)
{
    uint64_t before = direct->first;

    while (direct->first != direct->next && flight_at(direct, direct->first)->done)
        direct->first++;
    if (direct->first == before)
        return;
    uint64_t to = flight_at(direct, direct->first - 1)->to;
    quire__progress_set_written(&direct->staged.writer->progress, to);
    quire__shared_free(&direct->staged.shared, to);
}

/* A completion that is short, or was told to try again: the rest goes the plain way, which also says why not. */
static int finish_plainly(struct direct *direct, const struct flight *flight, uint64_t from)
{
    uint64_t done;

    return quire__writer_put(direct->staged.writer, memory_of(direct, from), flight->to - from, from, &done);
}

static int complete(struct direct *direct, const struct quire__completion *completion)
{
    struct flight *flight = flight_at(direct, completion->tag);
    quire_writer *writer = direct->staged.writer;
    uint64_t length = flight->to - flight->from;
    int64_t result = completion->result;
    int rc = 0;

    direct->under_way--;
    bool failed = result < 0 && result != -EINTR && result != -EAGAIN;
    uint64_t written = result > 0 ? quire__min((uint64_t)result, length) : 0;
    QUIRE__OBSERVE_END(&writer->observer, QUIRE_EVENT_WRITE, write, flight->begun, flight->from,
                       failed ? length : written, failed ? (int)result : 0);
    if (failed)
        return fail(direct, (int)result, flight->from);
    quire__count(&writer->writes, 1);
    quire__count(&writer->write_bytes, written);
    if (written < length)
        rc = finish_plainly(direct, flight, flight->from + written);
    flight->done = rc == 0;
    return rc;
}

static int uring_reap(struct quire__sink *sink, bool wait)
{
    struct direct *direct = (struct direct *)quire__staged_of(sink);
    const struct quire__observer *observer = &direct->staged.writer->observer;
    struct quire__completion completions[16];
    uint32_t count = 0;
    int failed = 0;

    do {
        if (direct->under_way == 0)
            break;
        uint64_t oldest = flight_at(direct, direct->first)->from;
        uint64_t begun = QUIRE__OBSERVE_BEGIN(observer, reap, oldest, direct->under_way);
        int rc = direct->queue->ops->reap(direct->queue, wait, completions, 16, &count);
        QUIRE__OBSERVE_END(observer, QUIRE_EVENT_REAP, reap, begun, oldest, rc < 0 ? 0 : count, rc);
        if (rc < 0)
            return fail(direct, rc, oldest);
        for (uint32_t i = 0; i < count; i++) {
            rc = complete(direct, &completions[i]);
            failed = failed ? failed : rc;
        }
        wait = false;
    } while (count == 16);
    advance(direct);
    return failed;
}

static int begin_flight(struct direct *direct, uint64_t from, uint64_t to, struct flight **flight)
{
    while (direct->next - direct->first == direct->flights_most) {
        int rc = uring_reap(&direct->staged.sink, true);
        if (rc < 0)
            return rc;
    }
    *flight = flight_at(direct, direct->next++);
    **flight = (struct flight){.from = from, .to = to};
    return 0;
}

/* Part of a page, through the page cache. */
static int write_part(struct direct *direct, uint64_t from, uint64_t to)
{
    struct flight *flight;
    uint64_t done;

    int rc = begin_flight(direct, from, to, &flight);
    if (rc == 0)
        rc = quire__writer_put(direct->staged.writer, memory_of(direct, from), to - from, from, &done);
    if (rc < 0)
        return rc;
    flight->done = true;
    advance(direct);
    return 0;
}

static int submit(struct direct *direct, struct flight *flight, uint32_t buffer, uint64_t tag)
{
    const struct quire__observer *observer = &direct->staged.writer->observer;
    uint64_t length = flight->to - flight->from;

    QUIRE__PROBE_BEGIN(write, observer->writer, flight->from, length);
    flight->begun = QUIRE__OBSERVE_BEGIN(observer, submit, flight->from, length);
    int rc = direct->queue->ops->write(direct->queue, direct->file, buffer, memory_of(direct, flight->from), length,
                                       flight->from, tag);
    QUIRE__OBSERVE_END(observer, QUIRE_EVENT_SUBMIT, submit, flight->begun, flight->from, length, rc);
    return rc;
}

/* Whole pages of one buffer, past the page cache. */
static int write_pages(struct direct *direct, uint64_t from, uint64_t to)
{
    uint64_t buffer = from % direct->staged.ring_bytes / direct->staged.writer->options.buffer_bytes;
    struct flight *flight;

    int rc = begin_flight(direct, from, to, &flight);
    if (rc < 0)
        return rc;
    uint64_t tag = direct->next - 1;
    do {
        rc = submit(direct, flight, (uint32_t)buffer, tag);
        /* The queue is full: one must come to its end first. */
    } while (rc == -EBUSY && direct->under_way > 0 && (rc = uring_reap(&direct->staged.sink, true)) == 0);
    if (rc < 0)
        return fail(direct, rc, from);
    direct->under_way++;
    if (direct->under_way > atomic_load_explicit(&direct->under_way_most, memory_order_relaxed))
        atomic_store_explicit(&direct->under_way_most, direct->under_way, memory_order_relaxed);
    return 0;
}

/* [from, to) lies within one buffer: the rest of a page begun before, whole pages, the beginning of a page. */
static int write_piece(struct direct *direct, uint64_t from, uint64_t to)
{
    uint64_t head = quire__min(quire__round_up(from, QUIRE__PAGE), to);
    uint64_t tail = quire__max(quire__round_down(to, QUIRE__PAGE), head);
    int rc = 0;

    if (head > from)
        rc = write_part(direct, from, head);
    if (rc == 0 && tail > head)
        rc = write_pages(direct, head, tail);
    if (rc == 0 && to > tail)
        rc = write_part(direct, tail, to);
    return rc;
}

static int uring_write(struct quire__sink *sink, uint64_t from, uint64_t to)
{
    struct direct *direct = (struct direct *)quire__staged_of(sink);
    uint64_t buffer_bytes = direct->staged.writer->options.buffer_bytes;

    while (from < to) {
        uint64_t end = quire__min(to, quire__round_down(from, buffer_bytes) + buffer_bytes);
        int rc = write_piece(direct, from, end);
        if (rc < 0)
            return rc;
        from = end;
    }
    return 0;
}

static int uring_room(struct quire__sink *sink, uint64_t end)
{
    struct quire__staged *staged = quire__staged_of(sink);

    int rc = quire__target_extend(staged->writer, end);
    if (rc < 0)
        return rc;
    if (staged->shared.ceiling != staged->writer->space)
        quire__shared_set_ceiling(&staged->shared, staged->writer->space);
    return quire__shared_room_in_ring(&staged->shared, end);
}

static const struct quire__sink_ops uring_sink = {
    .write = uring_write, .reap = uring_reap, .room = uring_room, .reserve = quire__staged_reserve};

static void uring_close(quire_writer *writer)
{
    struct direct *direct = writer->state;

    quire__staged_stop(writer);
    /* The kernel may still be reading the buffers of writes that nobody waits for any more. */
    while (direct->under_way > 0) {
        uint64_t before = direct->under_way;
        uring_reap(&direct->staged.sink, true); /* a failure was reported when it came to light */
        if (direct->under_way == before)
            break; /* the queue itself has failed; closing it lets go of the pages */
    }
    direct->queue->ops->close(direct->queue);
    writer->io->ops->close(writer->io, direct->file); /* nothing was written that sync did not cover */
    free(direct->flights);
    quire__staged_close(writer);
}

static int open_queue(quire_writer *writer, struct direct *direct, enum quire_call *failed_call)
{
    const struct quire_writer_options *o = &writer->options;

    *failed_call = QUIRE_CALL_MEMORY;
    direct->flights_most = 4 * (uint64_t)o->buffer_count;
    direct->flights = calloc(direct->flights_most, sizeof *direct->flights);
    if (!direct->flights)
        return -ENOMEM;
    *failed_call = QUIRE_CALL_OPEN;
    int rc = quire__target_open_direct(writer, &direct->file);
    if (rc < 0)
        goto no_file;
    *failed_call = QUIRE_CALL_QUEUE;
    rc = writer->io->ops->queue_open(writer->io, o->buffer_count, direct->staged.ring, o->buffer_bytes, o->buffer_count,
                                     &direct->queue);
    if (rc == 0)
        return 0;
    writer->io->ops->close(writer->io, direct->file); /* nothing was written through it */
no_file:
    free(direct->flights);
    return rc;
}

static int uring_open(quire_writer *writer, enum quire_call *failed_call)
{
    int rc = quire__staged_open(writer, sizeof(struct direct), &uring_sink, true, failed_call);
    if (rc < 0)
        return rc;
    rc = open_queue(writer, writer->state, failed_call);
    if (rc < 0) {
        quire__staged_close(writer);
        return rc;
    }
    rc = quire__staged_start(writer, failed_call);
    if (rc < 0)
        uring_close(writer);
    return rc;
}

static void uring_stats(quire_writer *writer, struct quire_writer_stats *stats)
{
    struct direct *direct = writer->state;

    quire__staged_stats(writer, stats);
    stats->direct = 1;
    stats->registered = direct->queue->registered;
    stats->in_flight_most = atomic_load_explicit(&direct->under_way_most, memory_order_relaxed);
}

const struct quire__method quire__method_uring = {
    .id = QUIRE_METHOD_URING,
    .name = "uring",
    .needs_space = true,
    .default_buffer_bytes = 1024 * 1024,
    .default_buffer_count = 16,
    .open = uring_open,
    .close = uring_close,
    QUIRE__STAGED_OPERATIONS,
    .stats = uring_stats,
};
