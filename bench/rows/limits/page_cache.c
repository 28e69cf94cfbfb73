/* A limit: the page cache, filled by large writes and then synced, by one thread or by several that take turns. No
 * copy, no record, no check but the kernel's.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stop.h"
#include "rows/adapter.h"
#include "rows/limits/image.h"
#include "rows/verify.h"

struct cache_state {
    char *image;
    uint64_t size;  /* of the image, and of one write */
    uint64_t bytes; /* of the whole */
    _Atomic uint64_t next;
    int fd;
    bool sync;
};

static int open_file(const struct bench_job *job, void **state)
{
    struct cache_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct cache_state){.size = job->row->buffer_bytes, .bytes = job->work->bytes, .sync = job->sync, .fd = -1};
    s->image = bench_image_new(s->size, job->run);
    if (s->image)
        s->fd = open(job->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (s->fd < 0) {
        int rc = s->image ? -errno : -ENOMEM;
        free(s->image);
        free(s);
        return rc;
    }
    *state = s;
    return 0;
}

static int write_piece(struct cache_state *s, uint64_t at, uint64_t piece)
{
    for (uint64_t done = 0; done < piece;) {
        ssize_t n = pwrite(s->fd, s->image + done, piece - done, (off_t)(at + done));
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            done += (uint64_t)n;
    }
    return 0;
}

/* Each thread takes the next piece of the file until there is none. */
static int append(void *thread, struct bench_cursor *cursor)
{
    struct cache_state *s = thread;
    (void)cursor;
    while (!bench_stop_signal) {
        uint64_t at = atomic_fetch_add(&s->next, s->size);
        if (at >= s->bytes)
            break;
        int rc = write_piece(s, at, s->bytes - at < s->size ? s->bytes - at : s->size);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int finish(void *state)
{
    struct cache_state *s = state;
    return s->sync && fdatasync(s->fd) != 0 ? -errno : 0;
}

static int close_file(void *state)
{
    struct cache_state *s = state;
    int rc = close(s->fd) == 0 ? 0 : -errno;
    free(s->image);
    free(s);
    return rc;
}

static const char *verify(const struct bench_job *job)
{
    char *image = bench_image_new(job->row->buffer_bytes, job->run);
    if (!image)
        return "cannot be compared: no memory";
    const char *why = bench_verify_cycle(job->path, job->work->bytes, image, job->row->buffer_bytes, false);
    free(image);
    return why;
}

static uint64_t buffer_bytes(void *state)
{
    return ((struct cache_state *)state)->size;
}

const struct bench_adapter bench_limit_page_cache = {
    .open = open_file,
    .append = append,
    .finish = finish,
    .close = close_file,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
};
