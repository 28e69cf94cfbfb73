/* A limit: the records copied into a buffer, and no file at all. Nothing that copies can cost less.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "rows/adapter.h"

/* What verify looks at lives until the next run, since a buffer is all there is to read back. */
static struct {
    char *buffer;
    uint64_t size, used;
    uint64_t in_buffer; /* number of the record at the buffer's start */
} s;

static int open_buffer(const struct bench_job *job, void **state)
{
    free(s.buffer);
    s.buffer = NULL;
    s.size =
        job->row->buffer_bytes > job->work->size.record_bytes ? job->row->buffer_bytes : job->work->size.record_bytes;
    s.used = s.in_buffer = 0;
    void *memory;
    if (posix_memalign(&memory, 4096, s.size) != 0)
        return -ENOMEM;
    s.buffer = memset(memory, 0, s.size);
    *state = &s;
    return 0;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    (void)thread;
    uint64_t length = cursor->record_bytes, room = s.size, used = 0, wraps = 0;
    char *buffer = s.buffer;
    const void *record;
    while ((record = bench_cursor_next(cursor))) {
        if (room - used < length) {
            used = 0;
            wraps++;
        }
        memcpy(buffer + used, record, length);
        used += length;
        /* The copies must really be made, although nobody reads them. */
        __asm__ volatile("" : : "r"(buffer) : "memory");
    }
    s.used = used;
    s.in_buffer = wraps * (room / length);
    return 0;
}

static int nothing(void *state)
{
    (void)state;
    return 0;
}

static const char *verify(const struct bench_job *job)
{
    const struct bench_pool *pool = &job->work->pools[0];
    uint64_t length = job->work->size.record_bytes, skip = job->work->identified ? BENCH_IDENTITY_BYTES : 0;
    for (uint64_t at = 0, number = s.in_buffer; at < s.used; at += length, number++) {
        uint64_t identity = bench_identity(job->run, 0, number);
        if (memcmp(s.buffer + at, &identity, skip) != 0 ||
            memcmp(s.buffer + at + skip, pool->memory + number % pool->slots * pool->stride + skip, length - skip) != 0)
            return "holds other bytes than were copied";
    }
    return NULL;
}

static uint64_t buffer_bytes(void *state)
{
    (void)state;
    return s.size;
}

const struct bench_adapter bench_limit_memcpy = {
    .open = open_buffer,
    .append = append,
    .finish = nothing,
    .close = nothing,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
    .memory_only = true,
    .no_sync = true,
};
