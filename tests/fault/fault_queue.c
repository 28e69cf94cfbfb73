/* The faulty queue: asynchronous writes that are done when they are reaped.
 *
 * Until then the memory is read by nobody, so a buffer that the library used again too early shows in the file.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "fault_internal.h"

struct request {
    int file;
    const void *from;
    uint64_t length, offset, tag;
};

struct fault_queue {
    struct quire__queue queue; /* first: the seam hands it back */
    struct fault *fault;
    uint32_t depth, pending_count, count;
    const uint8_t *memory;
    uint64_t bytes, random;
    atomic_int inside;
    bool broken; /* reaping was made to fail: what is under way cannot be waited for */
    struct request *pending;
};

static void enter(struct fault_queue *q)
{
    if (atomic_fetch_add(&q->inside, 1) != 0)
        FAIL("two threads in one queue");
}

static void leave(struct fault_queue *q)
{
    atomic_fetch_sub(&q->inside, 1);
}

static bool is_within(const struct fault_queue *q, uint32_t buffer, const void *from, uint64_t length)
{
    const uint8_t *start = q->memory + buffer * q->bytes, *at = from;
    return buffer < q->count && at >= start && length <= q->bytes && (uint64_t)(at - start) <= q->bytes - length;
}

static int queue_write(struct quire__queue *queue, int file, uint32_t buffer, const void *from, uint64_t length,
                       uint64_t offset, uint64_t tag)
{
    struct fault_queue *q = (struct fault_queue *)queue;
    enter(q);
    struct fault_verdict verdict = fault_enter(q->fault, FAULT_QUEUE_WRITE, offset, length);
    int rc = verdict.hit ? verdict.code : 0;
    if (rc == 0) {
        CHECK(is_within(q, buffer, from, length));
        if (!fault_is_aligned(q->fault, from, length, offset))
            FAIL("queued write of %" PRIu64 " bytes at %" PRIu64 " from %p is not aligned", length, offset, from);
        if (q->pending_count == q->depth) {
            rc = -EBUSY;
        } else {
            fault_note_write(q->fault, from, length, offset, true);
            q->pending[q->pending_count++] = (struct request){file, from, length, offset, tag};
        }
    }
    leave(q);
    return rc;
}

static struct request take(struct fault_queue *q)
{
    uint32_t at = 0;
    if (q->fault->setup.order == FAULT_LAST_FIRST) {
        at = q->pending_count - 1;
    } else if (q->fault->setup.order == FAULT_SHUFFLED) {
        q->random = q->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        at = (uint32_t)(q->random >> 33) % q->pending_count;
    }
    struct request request = q->pending[at];
    q->pending_count--;
    for (uint32_t i = at; i < q->pending_count; i++)
        q->pending[i] = q->pending[i + 1];
    return request;
}

static int64_t carry_out(struct fault_queue *q, const struct request *request)
{
    struct fault_verdict verdict = fault_enter(q->fault, FAULT_COMPLETION, request->offset, request->length);
    uint64_t length = request->length, done = 0;
    if (verdict.hit && verdict.kind == FAULT_FAIL)
        return verdict.code;
    if (verdict.hit && verdict.kind == FAULT_SHORT)
        length = fault_half(length, q->fault->setup.align);
    struct quire__io *below = q->fault->below;
    int rc = below->ops->write(below, request->file, request->from, length, request->offset, &done);
    if (verdict.hit && verdict.code)
        return verdict.code;
    return rc < 0 ? rc : (int64_t)done;
}

static bool is_held(struct fault *fault)
{
    pthread_mutex_lock(&fault->mutex);
    bool held = fault->held[FAULT_COMPLETION];
    pthread_mutex_unlock(&fault->mutex);
    return held;
}

static int queue_reap(struct quire__queue *queue, bool wait, struct quire__completion *completions, uint32_t most,
                      uint32_t *count)
{
    struct fault_queue *q = (struct fault_queue *)queue;
    enter(q);
    struct fault_verdict verdict = fault_enter(q->fault, FAULT_QUEUE_REAP, 0, 0);
    uint32_t taken = 0;
    int rc = verdict.hit ? verdict.code : 0;
    q->broken |= verdict.hit;
    if (rc == 0 && wait && q->pending_count == 0) {
        FAIL("waiting for a completion with nothing under way");
        rc = -EDEADLK;
    }
    if (rc == 0 && !wait && (q->fault->setup.lazy || is_held(q->fault)))
        most = 0;
    if (rc == 0 && q->fault->setup.lazy && most > 1)
        most = 1;
    while (rc == 0 && taken < most && q->pending_count > 0) {
        struct request request = take(q);
        completions[taken++] = (struct quire__completion){.tag = request.tag, .result = carry_out(q, &request)};
    }
    leave(q);
    if (rc == 0)
        *count = taken;
    return rc;
}

static void queue_close(struct quire__queue *queue)
{
    struct fault_queue *q = (struct fault_queue *)queue;
    if (q->pending_count && !q->broken)
        FAIL("queue closed with %u writes under way", q->pending_count);
    pthread_mutex_lock(&q->fault->mutex);
    q->fault->queues--;
    pthread_mutex_unlock(&q->fault->mutex);
    free(q->pending);
    free(q);
}

static const struct quire__queue_ops queue_ops = {.write = queue_write, .reap = queue_reap, .close = queue_close};

int fault_queue_open(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                     struct quire__queue **queue)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_QUEUE_OPEN, 0, 0);
    if (verdict.hit)
        return verdict.code;
    struct fault_queue *q = calloc(1, sizeof *q);
    REQUIRE(q != NULL);
    *q = (struct fault_queue){.queue = {.ops = &queue_ops, .registered = true},
                              .fault = fault,
                              .depth = fault->setup.depth ? fault->setup.depth : depth,
                              .count = count,
                              .memory = memory,
                              .bytes = bytes,
                              .random = harness_random()};
    q->pending = calloc(q->depth, sizeof *q->pending);
    REQUIRE(q->pending != NULL);
    pthread_mutex_lock(&fault->mutex);
    fault->queues++;
    pthread_mutex_unlock(&fault->mutex);
    *queue = &q->queue;
    return 0;
}
