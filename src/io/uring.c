/* The asynchronous half of the operating system behind the seam: a queue of writes through io_uring.
 *
 * One thread at a time uses a queue (the caller's lock); different threads may take turns, so the ring is set up
 * without the flags that bind it to one task. Completions are delivered without polling.
 *
 * SPDX-License-Identifier: MIT */
#include <quire/error.h>

#include "io/io.h"

#ifndef QUIRE__HAVE_URING

int quire__uring_open(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                      struct quire__queue **queue)
{
    (void)io, (void)depth, (void)memory, (void)bytes, (void)count, (void)queue;
    return QUIRE_E_NO_URING;
}

#else

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

struct uring {
    struct quire__queue queue;
    struct io_uring ring;
};

/* Refused for now: what is prepared stays in the ring, and the next reap hands it in again. */
static bool is_transient(int rc)
{
    return rc == -EINTR || rc == -EAGAIN || rc == -EBUSY;
}

static int uring_write(struct quire__queue *queue, int file, uint32_t buffer, const void *from, uint64_t length,
                       uint64_t offset, uint64_t tag)
{
    struct uring *u = (struct uring *)queue;
    struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);

    if (!sqe)
        return -EBUSY;
    if (queue->registered)
        io_uring_prep_write_fixed(sqe, file, from, (unsigned)length, offset, (int)buffer);
    else
        io_uring_prep_write(sqe, file, from, (unsigned)length, offset);
    io_uring_sqe_set_data64(sqe, tag);

    int rc = io_uring_submit(&u->ring);
    return rc < 0 && !is_transient(rc) ? rc : 0;
}

static int uring_reap(struct quire__queue *queue, bool wait, struct quire__completion *completions, uint32_t most,
                      uint32_t *count)
{
    struct uring *u = (struct uring *)queue;
    struct io_uring_cqe *cqe;
    uint32_t taken = 0;

    while (io_uring_peek_cqe(&u->ring, &cqe) != 0 && (wait || io_uring_sq_ready(&u->ring) > 0)) {
        int rc = io_uring_submit_and_wait(&u->ring, wait ? 1 : 0);
        if (rc < 0 && !is_transient(rc))
            return rc;
        if (!wait)
            break;
    }
    while (taken < most && io_uring_peek_cqe(&u->ring, &cqe) == 0) {
        completions[taken++] = (struct quire__completion){.tag = io_uring_cqe_get_data64(cqe), .result = cqe->res};
        io_uring_cqe_seen(&u->ring, cqe);
    }
    *count = taken;
    return 0;
}

static void uring_close(struct quire__queue *queue)
{
    struct uring *u = (struct uring *)queue;

    io_uring_queue_exit(&u->ring);
    free(u);
}

static const struct quire__queue_ops uring_ops = {.write = uring_write, .reap = uring_reap, .close = uring_close};

/* Registering pins the buffers, which a memory lock limit may forbid: then the kernel pins them for each
 * write instead, which costs time and nothing else. */
static bool register_buffers(struct uring *u, unsigned char *memory, uint64_t bytes, uint32_t count)
{
    struct iovec *buffers = calloc(count, sizeof *buffers);

    if (!buffers)
        return false;
    for (uint32_t i = 0; i < count; i++)
        buffers[i] = (struct iovec){.iov_base = memory + i * bytes, .iov_len = bytes};
    int rc = io_uring_register_buffers(&u->ring, buffers, count);
    free(buffers);
    return rc == 0;
}

int quire__uring_open(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                      struct quire__queue **queue)
{
    struct uring *u = calloc(1, sizeof *u);

    (void)io;
    if (!u)
        return -ENOMEM;
    int rc = io_uring_queue_init(depth, &u->ring, 0);
    if (rc < 0) {
        free(u);
        /* ENOSYS: no such call; EPERM: switched off by sysctl or seccomp. Others (ENOMEM, EMFILE) say it better. */
        return rc == -ENOSYS || rc == -EPERM ? QUIRE_E_NO_URING : rc;
    }
    u->queue.ops = &uring_ops;
    u->queue.registered = register_buffers(u, memory, bytes, count);
    *queue = &u->queue;
    return 0;
}

#endif
