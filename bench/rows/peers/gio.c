/* A peer: GLib's buffered output stream over a file's stream.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <gio/gfiledescriptorbased.h>
#include <gio/gio.h>

#include "rows/peers/peers.h"
#include "rows/verify.h"

struct gio_state {
    GFile *file;
    GFileOutputStream *stream;
    GOutputStream *buffered;
    uint64_t size;
    enum bench_sync sync;
};

static int code_of(GError *error)
{
    int rc = !error ? 0 : error->code == G_IO_ERROR_NO_SPACE ? -ENOSPC : -EIO;
    g_clear_error(&error);
    return rc;
}

static int open_file(const struct bench_job *job, void **state)
{
    struct gio_state *s = calloc(1, sizeof *s);
    GError *error = NULL;
    if (!s)
        return -ENOMEM;
    s->size = job->row->buffer_bytes;
    s->sync = job->sync;
    s->file = g_file_new_for_path(job->path);
    s->stream = g_file_create(s->file, G_FILE_CREATE_PRIVATE, NULL, &error);
    if (!s->stream) {
        g_object_unref(s->file);
        free(s);
        return code_of(error);
    }
    s->buffered = g_buffered_output_stream_new_sized(G_OUTPUT_STREAM(s->stream), s->size);
    *state = s;
    return 0;
}

static int make_durable(struct gio_state *s)
{
    GError *error = NULL;
    if (!g_output_stream_flush(s->buffered, NULL, &error))
        return code_of(error);
    int fd = g_file_descriptor_based_get_fd(G_FILE_DESCRIPTOR_BASED(s->stream));
    return s->sync == BENCH_SYNC_NONE || fdatasync(fd) == 0 ? 0 : -errno;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct gio_state *s = thread;
    const void *record;
    GError *error = NULL;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor))) {
        if (!g_output_stream_write_all(s->buffered, record, cursor->record_bytes, NULL, NULL, &error))
            return code_of(error);
        if (s->sync == BENCH_SYNC_EACH)
            rc = make_durable(s);
    }
    return rc;
}

static int finish(void *state)
{
    return make_durable(state);
}

static int close_file(void *state)
{
    struct gio_state *s = state;
    GError *error = NULL;
    g_output_stream_close(s->buffered, NULL, &error);
    g_object_unref(s->buffered);
    g_object_unref(s->stream);
    g_object_unref(s->file);
    free(s);
    return code_of(error);
}

static uint64_t buffer_bytes(void *state)
{
    return ((struct gio_state *)state)->size;
}

const struct bench_adapter bench_peer_gio = {
    .open = open_file,
    .append = append,
    .finish = finish,
    .close = close_file,
    .verify = bench_verify_records,
    .buffer_bytes = buffer_bytes,
    .how = {[BENCH_SYNC_NONE] = "flushed in the end",
            [BENCH_SYNC_END] = "flushed in the end, then fdatasync on its descriptor: GLib has no sync",
            [BENCH_SYNC_EACH] = "flush and fdatasync on its descriptor after each record: GLib has no sync"},
};
