/* Benchmarks that know nothing of libquire: libc's fwrite, and the copy that nothing can do without.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "micro/files.h"

struct stream {
    FILE *file;
    char *buffer;
};

static int open_stream(const struct bench_micro *benchmark, const char *path, void **state)
{
    struct stream *s = calloc(1, sizeof *s);
    /* Ours, since libc would allocate its own with the first record; touched, as libquire touches its own. */
    void *memory = NULL;
    if (!s || posix_memalign(&memory, 4096, benchmark->buffer_bytes) != 0) {
        free(s);
        return -ENOMEM;
    }
    s->buffer = memset(memory, 0, benchmark->buffer_bytes);
    s->file = fopen(path, "wxe");
    if (!s->file || setvbuf(s->file, s->buffer, _IOFBF, benchmark->buffer_bytes) != 0) {
        int rc = -errno;
        if (s->file)
            fclose(s->file);
        free(s->buffer);
        free(s);
        return rc;
    }
    *state = s;
    return 0;
}

static int append_stream(const struct bench_micro *benchmark, void *state, struct bench_cursor *cursor)
{
    FILE *file = ((struct stream *)state)->file;
    uint64_t length = cursor->record_bytes;
    const void *record;
    if (benchmark->unlocked) {
        while ((record = bench_cursor_next(cursor)))
            if (fwrite_unlocked(record, length, 1, file) != 1)
                return -errno;
        return 0;
    }
    while ((record = bench_cursor_next(cursor)))
        if (fwrite(record, length, 1, file) != 1)
            return -errno;
    return 0;
}

static int flush_stream(void *state)
{
    return fflush(((struct stream *)state)->file) == 0 ? 0 : -errno;
}

static int close_stream(void *state)
{
    struct stream *s = state;
    int rc = fclose(s->file) == 0 ? 0 : -errno;
    free(s->buffer);
    free(s);
    return rc;
}

int bench_micro_libc(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    static const struct bench_micro_file file = {
        .open = open_stream,
        .append = append_stream,
        .finish = flush_stream,
        .close = close_stream,
    };
    return bench_micro_in_files(benchmark, trial, &file);
}

static int open_buffer(const struct bench_micro *benchmark, const char *path, void **state)
{
    (void)path;
    void *memory;
    if (posix_memalign(&memory, 4096, benchmark->buffer_bytes) != 0)
        return -ENOMEM;
    /* Touched, so that no page of it is first met while the clock runs. */
    *state = memset(memory, 1, benchmark->buffer_bytes);
    return 0;
}

static int copy(const struct bench_micro *benchmark, void *state, struct bench_cursor *cursor)
{
    char *buffer = state;
    uint64_t length = cursor->record_bytes, room = benchmark->buffer_bytes, used = 0;
    const void *record;
    while ((record = bench_cursor_next(cursor))) {
        if (room - used < length)
            used = 0;
        memcpy(buffer + used, record, length);
        used += length;
        /* The copies must really be made, although nobody reads them. */
        __asm__ volatile("" : : "r"(buffer) : "memory");
    }
    return 0;
}

static int nothing(void *state)
{
    (void)state;
    return 0;
}

static int free_buffer(void *state)
{
    free(state);
    return 0;
}

int bench_micro_memcpy(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    static const struct bench_micro_file file = {
        .open = open_buffer,
        .append = copy,
        .finish = nothing,
        .close = free_buffer,
    };
    return bench_micro_in_files(benchmark, trial, &file);
}
