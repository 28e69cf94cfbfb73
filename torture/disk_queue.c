/* Queued writes of the disk in memory: under way until they are reaped, which happens in any order.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "torture/disk_internal.h"

struct request {
    uint64_t event, length, tag;
    int code; /* with which it fails; 0: it does not */
    const void *from;
    const unsigned char *kept; /* as it was when it was queued */
};

struct disk_queue {
    struct quire__queue queue; /* first: the seam hands it back */
    struct torture_disk *disk;
    uint32_t depth, count;
    struct request *pending;
};

static const unsigned char *kept_of(const struct torture_disk *disk, uint64_t event, int code)
{
    return disk->trace && code == 0 ? disk->trace->events[event].data : NULL;
}

static int queue_write(struct quire__queue *queue, int file, uint32_t buffer, const void *from, uint64_t length,
                       uint64_t offset, uint64_t tag)
{
    struct disk_queue *q = (struct disk_queue *)queue;
    struct torture_disk *disk = q->disk;
    uint64_t event = 0;

    (void)buffer;
    const struct disk_handle *handle = disk_handle_of(disk, file);
    int rc = handle ? 0 : -EBADF;
    if (rc == 0 && q->count == q->depth)
        rc = -EBUSY;
    if (rc == 0 && ((uintptr_t)from % DISK_ALIGN || length % DISK_ALIGN || offset % DISK_ALIGN))
        disk_complain(disk, "a queued write is not aligned");
    if (rc < 0)
        return rc;
    int code = disk_meets_fault(disk, TORTURE_FAIL_WRITE);
    if (code < 0)
        disk_store_some(disk, handle->file, offset, length, from);
    else
        rc = disk_store(disk, handle->file, offset, length, from, false, &event);
    if (rc == 0)
        q->pending[q->count++] = (struct request){.event = event,
                                                  .length = length,
                                                  .tag = tag,
                                                  .code = code,
                                                  .from = from,
                                                  .kept = kept_of(disk, event, code)};
    return rc;
}

static struct quire__completion end_one(struct disk_queue *q)
{
    struct torture_disk *disk = q->disk;

    disk->random = disk->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint32_t at = (uint32_t)(disk->random >> 33) % q->count;
    struct request request = q->pending[at];
    q->pending[at] = q->pending[--q->count];
    if (request.kept && memcmp(request.kept, request.from, request.length) != 0)
        disk_complain(disk, "a buffer was changed while its write was under way");
    if (disk->trace && request.code == 0)
        disk->trace->events[request.event].done = disk->trace->count;
    return (struct quire__completion){.tag = request.tag,
                                      .result = request.code < 0 ? request.code : (int64_t)request.length};
}

static int queue_reap(struct quire__queue *queue, bool wait, struct quire__completion *completions, uint32_t most,
                      uint32_t *count)
{
    struct disk_queue *q = (struct disk_queue *)queue;
    uint32_t taken = 0;

    if (wait && q->count == 0)
        disk_complain(q->disk, "waiting for a completion with nothing under way");
    /* Some stay under way for longer than they are asked for. */
    uint32_t limit = wait ? 1 + (uint32_t)(q->disk->random >> 40) % 3 : (uint32_t)(q->disk->random >> 40) % 2;
    while (taken < most && taken < limit && q->count > 0)
        completions[taken++] = end_one(q);
    *count = taken;
    return 0;
}

static void queue_close(struct quire__queue *queue)
{
    struct disk_queue *q = (struct disk_queue *)queue;

    if (q->count > 0)
        disk_complain(q->disk, "a queue was closed with writes under way");
    q->disk->queues--;
    free(q->pending);
    free(q);
}

static const struct quire__queue_ops queue_ops = {.write = queue_write, .reap = queue_reap, .close = queue_close};

int disk_queue_open(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                    struct quire__queue **queue)
{
    struct torture_disk *disk = (struct torture_disk *)io;
    struct disk_queue *q = calloc(1, sizeof *q);

    (void)memory;
    (void)bytes;
    (void)count;
    if (q)
        q->pending = calloc(depth, sizeof *q->pending);
    if (!q || !q->pending) {
        free(q);
        return -ENOMEM;
    }
    q->queue = (struct quire__queue){.ops = &queue_ops, .registered = true};
    q->disk = disk;
    q->depth = depth;
    disk->queues++;
    *queue = &q->queue;
    return 0;
}
