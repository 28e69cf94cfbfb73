/* A peer: one buffer behind a mutex, given to pwrite whole when it is full. What most programs have.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "rows/adapter.h"
#include "rows/verify.h"

struct mutex_state {
    pthread_mutex_t lock;
    char *buffer;
    uint64_t size, used;
    uint64_t offset; /* in the file, of the buffer's start */
    int fd;
    enum bench_sync sync;
};

static int open_file(const struct bench_job *job, void **state)
{
    struct mutex_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->size = job->row->buffer_bytes;
    s->sync = job->sync;
    void *memory;
    if (posix_memalign(&memory, 4096, s->size) != 0) {
        free(s);
        return -ENOMEM;
    }
    s->buffer = memset(memory, 0, s->size);
    s->fd = open(job->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (s->fd < 0) {
        int rc = -errno;
        free(s->buffer);
        free(s);
        return rc;
    }
    pthread_mutex_init(&s->lock, NULL);
    *state = s;
    return 0;
}

static int drain(struct mutex_state *s)
{
    for (uint64_t done = 0; done < s->used;) {
        ssize_t n = pwrite(s->fd, s->buffer + done, s->used - done, (off_t)(s->offset + done));
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            done += (uint64_t)n;
    }
    s->offset += s->used;
    s->used = 0;
    return 0;
}

/* Gives the buffer to the kernel, and to the device where that was asked for. */
static int hand_over(struct mutex_state *s, bool durable)
{
    int rc = drain(s);
    return rc == 0 && durable && fdatasync(s->fd) != 0 ? -errno : rc;
}

static int append_one(struct mutex_state *s, const char *record, uint64_t length)
{
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    while (length && rc == 0) {
        uint64_t piece = s->size - s->used < length ? s->size - s->used : length;
        memcpy(s->buffer + s->used, record, piece);
        s->used += piece;
        record += piece;
        length -= piece;
        if (s->used == s->size)
            rc = drain(s);
    }
    if (rc == 0 && s->sync == BENCH_SYNC_EACH)
        rc = hand_over(s, true);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct mutex_state *s = thread;
    uint64_t length = cursor->record_bytes;
    const void *record;
    while ((record = bench_cursor_next(cursor))) {
        int rc = append_one(s, record, length);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int finish(void *state)
{
    struct mutex_state *s = state;
    return hand_over(s, s->sync);
}

static int close_file(void *state)
{
    struct mutex_state *s = state;
    int rc = close(s->fd) == 0 ? 0 : -errno;
    pthread_mutex_destroy(&s->lock);
    free(s->buffer);
    free(s);
    return rc;
}

static uint64_t buffer_bytes(void *state)
{
    return ((struct mutex_state *)state)->size;
}

const struct bench_adapter bench_peer_mutex = {
    .open = open_file,
    .append = append,
    .finish = finish,
    .close = close_file,
    .verify = bench_verify_records,
    .buffer_bytes = buffer_bytes,
};
