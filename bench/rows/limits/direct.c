/* A limit: direct I/O through io_uring, requests of one size, so many of them in flight. Into a fresh file, whose space
 * is allocated inside the timed part, or into one whose blocks were written before.
 *
 * Every buffer holds the same bytes, so any that comes back first can go out again. The last request is padded to whole
 * pages, and a fresh file is cut to its length when the clock has stopped.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <quire/error.h>

#include "base/stop.h"
#include "rows/adapter.h"
#include "rows/limits/image.h"
#include "rows/limits/open_direct.h"
#include "rows/limits/written.h"
#include "rows/verify.h"

enum { IN_FLIGHT_MOST = 64, LARGE_PAGE = 2 << 20 };

struct direct_state {
    struct io_uring ring;
    char *memory;
    uint64_t size;  /* of one request */
    uint64_t bytes; /* of the whole, not padded */
    unsigned count;
    unsigned idle[IN_FLIGHT_MOST]; /* the buffers not under way */
    unsigned idle_count;
    uint64_t asked[IN_FLIGHT_MOST]; /* what was asked of each buffer under way */
    int failed;                     /* the first failed request */
    int fd;
    bool sync, fresh;
};

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + 4095) & ~(uint64_t)4095;
}

static int open_ring(struct direct_state *s)
{
    if (io_uring_queue_init(s->count, &s->ring, 0) < 0)
        return QUIRE_E_NO_URING;
    struct iovec buffers[IN_FLIGHT_MOST];
    for (unsigned i = 0; i < s->count; i++)
        buffers[i] = (struct iovec){.iov_base = s->memory + i * s->size, .iov_len = s->size};
    int rc = io_uring_register_buffers(&s->ring, buffers, s->count);
    if (rc < 0)
        io_uring_queue_exit(&s->ring);
    return rc;
}

static int open_direct(const struct bench_job *job, bool fresh, void **state)
{
    struct direct_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct direct_state){
        .size = job->row->buffer_bytes,
        .bytes = job->work->bytes,
        .count = job->row->in_flight,
        .sync = job->sync,
        .fresh = fresh,
    };
    int rc = -ENOMEM;
    void *memory;
    if (posix_memalign(&memory, LARGE_PAGE, s->size * s->count) != 0)
        goto no_memory;
    /* From large pages a request is few segments for the device: without them this would be no limit. Only a wish. */
    madvise(memory, s->size * s->count, MADV_HUGEPAGE);
    s->memory = memory;
    bench_image_make(memory, s->size, job->run);
    for (unsigned i = 0; i < s->count; i++) {
        if (i > 0)
            memcpy(s->memory + i * s->size, memory, s->size);
        s->idle[s->idle_count++] = i;
    }
    rc = s->fd = bench_open_direct(fresh ? job->path : job->written_path, fresh ? O_CREAT | O_EXCL : 0);
    if (rc < 0)
        goto no_file;
    rc = open_ring(s);
    if (rc < 0)
        goto no_ring;
    *state = s;
    return 0;
no_ring:
    close(s->fd);
no_file:
    free(s->memory);
no_memory:
    free(s);
    return rc;
}

static int open_fresh(const struct bench_job *job, void **state)
{
    return open_direct(job, true, state);
}

static int open_written(const struct bench_job *job, void **state)
{
    int rc = bench_written_make(job->written_path, whole_pages(job->work->bytes));
    return rc < 0 ? rc : open_direct(job, false, state);
}

/* Waits for one completion and takes all that are there. An error is one of waiting, not of a request. */
static int reap(struct direct_state *s)
{
    struct io_uring_cqe *cqe;
    int rc = io_uring_wait_cqe(&s->ring, &cqe);
    if (rc < 0)
        return rc == -EINTR ? 0 : rc;
    do {
        unsigned buffer = (unsigned)cqe->user_data;
        /* A request cut short means a disk that is full or failing: no limit worth measuring. */
        if (s->failed == 0 && cqe->res < 0)
            s->failed = cqe->res;
        else if (s->failed == 0 && (uint64_t)cqe->res != s->asked[buffer])
            s->failed = -EIO;
        s->idle[s->idle_count++] = buffer;
        io_uring_cqe_seen(&s->ring, cqe);
    } while (io_uring_peek_cqe(&s->ring, &cqe) == 0);
    return 0;
}

static int reap_all(struct direct_state *s)
{
    int rc = 0;
    while (rc == 0 && s->idle_count < s->count)
        rc = reap(s);
    return rc < 0 ? rc : s->failed;
}

static int start_write(struct direct_state *s, uint64_t at, uint64_t piece)
{
    unsigned buffer = s->idle[--s->idle_count];
    s->asked[buffer] = piece;
    struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);
    io_uring_prep_write_fixed(sqe, s->fd, s->memory + buffer * s->size, (unsigned)piece, at, (int)buffer);
    sqe->user_data = buffer;
    int rc = io_uring_submit(&s->ring);
    return rc < 0 ? rc : 0;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct direct_state *s = thread;
    uint64_t end = whole_pages(cursor->bytes), piece;
    if (s->fresh && fallocate(s->fd, 0, 0, (off_t)end) != 0 && errno != EOPNOTSUPP)
        return -errno;
    for (uint64_t at = 0; at < end && !bench_stop_signal; at += piece) {
        piece = end - at < s->size ? end - at : s->size;
        int rc = 0;
        while (rc == 0 && s->idle_count == 0)
            rc = reap(s);
        if (rc == 0)
            rc = s->failed;
        if (rc == 0)
            rc = start_write(s, at, piece);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int finish(void *state)
{
    struct direct_state *s = state;
    int rc = reap_all(s);
    return rc == 0 && s->sync && fdatasync(s->fd) != 0 ? -errno : rc;
}

static int close_file(void *state)
{
    struct direct_state *s = state;
    int rc = reap_all(s);
    if (rc == 0 && s->fresh && ftruncate(s->fd, (off_t)s->bytes) != 0)
        rc = -errno;
    io_uring_queue_exit(&s->ring);
    close(s->fd);
    free(s->memory);
    free(s);
    return rc;
}

static const char *verify(const struct bench_job *job)
{
    bool fresh = job->row->adapter == &bench_limit_direct;
    char *image = bench_image_new(job->row->buffer_bytes, job->run);
    if (!image)
        return "cannot be compared: no memory";
    const char *why = bench_verify_cycle(fresh ? job->path : job->written_path, job->work->bytes, image,
                                         job->row->buffer_bytes, !fresh);
    free(image);
    return why;
}

static uint64_t buffer_bytes(void *state)
{
    return ((struct direct_state *)state)->size;
}

const struct bench_adapter bench_limit_direct = {
    .open = open_fresh,
    .append = append,
    .finish = finish,
    .close = close_file,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
};

const struct bench_adapter bench_limit_written = {
    .open = open_written,
    .append = append,
    .finish = finish,
    .close = close_file,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
};
