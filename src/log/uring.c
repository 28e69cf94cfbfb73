/* The method uring: blocks go to the device past the page cache, several at once.
 *
 * Blocks are whole pages in aligned memory at aligned offsets, so each goes as it is. They come to their end in any
 * order; only the prefix without a hole counts (drain.c).
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "log/drain.h"
#include "log/go_on.h"
#include "log/plain.h"

struct direct {
    struct quire__queue *queue;
    uint64_t under_way;
};

/* A completion that is short, or was told to try again: the rest goes the plain way, which also says why not. */
static int finish_plainly(quire_log *log, const struct quire__slot *slot, uint64_t written)
{
    return quire__log_write_plain(log, slot->segment, slot->memory + written, slot->length - written,
                                  slot->offset + written);
}

static int complete(quire_log *log, const struct quire__completion *completion)
{
    struct quire__slot *slot = quire__log_slot(log, completion->tag);
    int64_t result = completion->result;
    int rc = 0;

    bool failed = result < 0 && result != -EINTR && result != -EAGAIN;
    uint64_t written = result > 0 ? quire__min((uint64_t)result, slot->length) : 0;
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_WRITE, write, slot->begun, slot->offset,
                       failed ? slot->length : written, failed ? (int)result : 0);
    if (failed)
        return quire__log_trouble(log, (int)result, QUIRE_CALL_WRITE, slot->offset);
    quire__log_count(&log->writes, 1);
    quire__log_count(&log->write_bytes, written);
    if (written < slot->length)
        rc = finish_plainly(log, slot, written);
    slot->done = rc == 0;
    return rc;
}

static int uring_reap(quire_log *log, bool wait)
{
    struct direct *direct = log->state;
    struct quire__completion completions[16];
    uint32_t count = 0;
    int failed = 0;

    do {
        if (direct->under_way == 0)
            break;
        uint64_t begun = QUIRE__OBSERVE_BEGIN(&log->observer, reap, 0, direct->under_way);
        int rc = direct->queue->ops->reap(direct->queue, wait, completions, 16, &count);
        QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_REAP, reap, begun, 0, rc < 0 ? 0 : count, rc);
        if (rc < 0)
            return quire__log_trouble(log, rc, QUIRE_CALL_QUEUE, 0);
        direct->under_way -= count;
        for (uint32_t i = 0; i < count; i++) {
            rc = complete(log, &completions[i]);
            failed = failed ? failed : rc;
        }
        wait = false;
    } while (count == 16);
    return failed;
}

static int submit(quire_log *log, struct quire__segment *segment, struct quire__slot *slot, uint64_t number)
{
    struct direct *direct = log->state;
    uint64_t buffer = (uint64_t)(slot->memory - (const unsigned char *)log->memory) / log->options.block_bytes;

    QUIRE__PROBE_BEGIN(write, log->observer.writer, slot->offset, slot->length);
    slot->begun = QUIRE__OBSERVE_BEGIN(&log->observer, submit, slot->offset, slot->length);
    int rc = direct->queue->ops->write(direct->queue, segment->direct, (uint32_t)buffer, slot->memory, slot->length,
                                       slot->offset, number);
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_SUBMIT, submit, slot->begun, slot->offset, slot->length, rc);
    return rc;
}

/* One block that somebody waits for, and nothing under way: asking a queue and waiting for its answer costs more. */
static int write_at_once(quire_log *log, struct quire__segment *segment, struct quire__slot *slot)
{
    uint64_t done = 0;

    int rc = quire__log_write_durably(log, segment->direct, slot, &done);
    if (rc == 0 && done < slot->length)
        rc = finish_plainly(log, slot, done);
    slot->done = rc == 0;
    return rc;
}

static int uring_write(quire_log *log, struct quire__segment *segment, uint64_t first, uint64_t last)
{
    struct direct *direct = log->state;
    struct quire__slot *slot = quire__log_slot(log, first);
    int rc;

    if (log->hurry && direct->under_way == 0)
        return write_at_once(log, segment, slot);

    (void)last; /* one: it does not merge */
    do {
        rc = submit(log, segment, slot, first);
        /* The queue is full: one must come to its end first. */
    } while (rc == -EBUSY && direct->under_way > 0 && (rc = uring_reap(log, true)) == 0);
    if (rc < 0)
        return quire__log_trouble(log, rc, QUIRE_CALL_WRITE, slot->offset);
    direct->under_way++;
    if (direct->under_way > atomic_load_explicit(&log->in_flight_most, memory_order_relaxed))
        atomic_store_explicit(&log->in_flight_most, direct->under_way, memory_order_relaxed);
    return 0;
}

static int uring_open(quire_log *log, enum quire_call *failed_call)
{
    struct direct *direct = calloc(1, sizeof *direct);
    uint32_t buffers = log->options.block_count + (log->spare ? 1 : 0);

    *failed_call = QUIRE_CALL_MEMORY;
    if (!direct)
        return -ENOMEM;
    *failed_call = QUIRE_CALL_QUEUE;
    int rc = log->io->ops->queue_open(log->io, log->options.block_count, log->memory, log->options.block_bytes, buffers,
                                      &direct->queue);
    if (rc < 0) {
        free(direct);
        return rc;
    }
    log->state = direct;
    log->registered = direct->queue->registered;
    return 0;
}

static void uring_quiet(quire_log *log)
{
    struct direct *direct = log->state;

    while (direct->under_way > 0) {
        uint64_t before = direct->under_way;
        uring_reap(log, true); /* a failure was reported when it came to light */
        if (direct->under_way == before)
            break; /* the queue itself has failed */
    }
}

static void uring_close(quire_log *log)
{
    struct direct *direct = log->state;

    /* The kernel may still be reading the buffers of writes that nobody waits for any more. */
    uring_quiet(log);
    direct->queue->ops->close(direct->queue);
    free(direct);
    log->state = NULL;
}

const struct quire__log_method quire__log_method_uring = {
    .id = QUIRE_METHOD_URING,
    .name = "uring",
    .direct = true,
    .default_block_bytes = 1024 * 1024,
    .default_block_count = 4,
    .open = uring_open,
    .close = uring_close,
    .write = uring_write,
    .reap = uring_reap,
    .quiet = uring_quiet,
};
