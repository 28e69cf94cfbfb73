/* A peer: libc alone, without any of quire. fwrite and fwrite_unlocked into a FILE with a buffer of the row's size.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rows/adapter.h"
#include "rows/verify.h"

struct libc_state {
    FILE *file;
    char *buffer;
    uint64_t size;
    enum bench_sync sync;
};

static int open_file(const struct bench_job *job, void **state)
{
    struct libc_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct libc_state){.size = job->row->buffer_bytes, .sync = job->sync};
    void *memory;
    if (posix_memalign(&memory, 4096, s->size) != 0) {
        free(s);
        return -ENOMEM;
    }
    /* Touched before the clock starts, as libquire touches its own. */
    s->buffer = memset(memory, 0, s->size);
    s->file = fopen(job->path, "wxe");
    int rc = s->file && setvbuf(s->file, s->buffer, _IOFBF, s->size) == 0 ? 0 : -errno;
    if (rc < 0) {
        if (s->file)
            fclose(s->file);
        free(s->buffer);
        free(s);
        return rc;
    }
    *state = s;
    return 0;
}

static int make_durable(struct libc_state *s)
{
    return fflush(s->file) == 0 && fdatasync(fileno(s->file)) == 0 ? 0 : -errno;
}

static int append_durable(struct libc_state *s, struct bench_cursor *cursor)
{
    int rc = 0;
    const void *record;
    while (rc == 0 && (record = bench_cursor_next(cursor)))
        rc = fwrite(record, cursor->record_bytes, 1, s->file) == 1 ? make_durable(s) : -errno;
    return rc;
}

static int append_locked(void *thread, struct bench_cursor *cursor)
{
    struct libc_state *s = thread;
    if (s->sync == BENCH_SYNC_EACH)
        return append_durable(s, cursor);
    FILE *file = s->file;
    uint64_t length = cursor->record_bytes;
    const void *record;
    while ((record = bench_cursor_next(cursor)))
        if (fwrite(record, length, 1, file) != 1)
            return -errno;
    return 0;
}

static int append_unlocked(void *thread, struct bench_cursor *cursor)
{
    FILE *file = ((struct libc_state *)thread)->file;
    uint64_t length = cursor->record_bytes;
    const void *record;
    while ((record = bench_cursor_next(cursor)))
        if (fwrite_unlocked(record, length, 1, file) != 1)
            return -errno;
    return 0;
}

static int finish(void *state)
{
    struct libc_state *s = state;
    if (s->sync)
        return make_durable(s);
    return fflush(s->file) == 0 ? 0 : -errno;
}

static int close_file(void *state)
{
    struct libc_state *s = state;
    int rc = fclose(s->file) == 0 ? 0 : -errno;
    free(s->buffer);
    free(s);
    return rc;
}

static uint64_t buffer_bytes(void *state)
{
    return ((struct libc_state *)state)->size;
}

const struct bench_adapter bench_peer_fwrite = {
    .open = open_file,
    .append = append_locked,
    .finish = finish,
    .close = close_file,
    .verify = bench_verify_records,
    .buffer_bytes = buffer_bytes,
};

const struct bench_adapter bench_peer_fwrite_unlocked = {
    .open = open_file,
    .append = append_unlocked,
    .finish = finish,
    .close = close_file,
    .verify = bench_verify_records,
    .buffer_bytes = buffer_bytes,
};
