/* A durable append by io_uring: a write, and an fdatasync that the kernel starts only when the write has come back
 * whole. See append.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

#include "sync/append.h"

struct bench_sync_uring {
    struct io_uring ring;
};

enum { WRITE, SYNC, REQUESTS };

int bench_sync_uring_open(struct bench_sync_uring **uring)
{
    struct bench_sync_uring *u = calloc(1, sizeof *u);
    if (!u)
        return -ENOMEM;
    int rc = io_uring_queue_init(REQUESTS, &u->ring, 0);
    if (rc < 0) {
        free(u);
        return rc;
    }
    *uring = u;
    return 0;
}

static int submit(struct bench_sync_uring *uring)
{
    int rc;
    do
        rc = io_uring_submit_and_wait(&uring->ring, REQUESTS);
    while (rc == -EINTR);
    return rc;
}

/* Takes both completions, in whatever order. */
static int reap(struct bench_sync_uring *uring, int result[REQUESTS])
{
    for (int i = 0; i < REQUESTS; i++) {
        struct io_uring_cqe *cqe;
        int rc;
        do
            rc = io_uring_wait_cqe(&uring->ring, &cqe);
        while (rc == -EINTR);
        if (rc < 0)
            return rc;
        result[cqe->user_data] = cqe->res;
        io_uring_cqe_seen(&uring->ring, cqe);
    }
    return 0;
}

int bench_sync_uring_append(struct bench_sync_uring *uring, int fd, const char *record, uint64_t bytes, uint64_t offset,
                            const char **call)
{
    struct io_uring_sqe *write = io_uring_get_sqe(&uring->ring), *sync = io_uring_get_sqe(&uring->ring);
    int result[REQUESTS] = {0};
    *call = "io_uring_enter";
    if (!write || !sync)
        return -EIO;
    io_uring_prep_write(write, fd, record, (unsigned)bytes, offset);
    io_uring_sqe_set_flags(write, IOSQE_IO_LINK);
    io_uring_sqe_set_data64(write, WRITE);
    io_uring_prep_fsync(sync, fd, IORING_FSYNC_DATASYNC);
    io_uring_sqe_set_data64(sync, SYNC);
    int rc = submit(uring);
    if (rc >= 0)
        rc = reap(uring, result);
    if (rc < 0)
        return rc;
    *call = "io_uring write";
    if (result[WRITE] < 0)
        return result[WRITE];
    if ((uint64_t)result[WRITE] != bytes)
        return -EIO;
    *call = "io_uring fsync";
    return result[SYNC] < 0 ? result[SYNC] : 0;
}

void bench_sync_uring_close(struct bench_sync_uring *uring)
{
    io_uring_queue_exit(&uring->ring);
    free(uring);
}
