/* The method stdio: libc's own fwrite with a buffer of buffer_bytes. The yardstick that everybody knows.
 *
 * The stream's writes go through the seam like all others, by fopencookie; its position is the watermark written.
 * fwrite is called without its own lock, since the writer holds one: an append takes one lock, as a plain fwrite does.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>

#include "staging/memory.h"
#include "writer/unstaged.h"

struct stdio {
    struct quire__unstaged unstaged;
    FILE *stream;
    void *buffer;
};

/* Called by libc when its buffer is full, or flushed. Fewer bytes than asked for tell it that writing failed. */
static ssize_t stream_write(void *cookie, const char *from, size_t length)
{
    quire_writer *writer = cookie;
    uint64_t at = quire__progress_written(&writer->progress);
    uint64_t done = 0;

    if (quire__progress_code(&writer->progress) < 0)
        return 0; /* nothing is tried again: not even what libc still holds when it closes */
    int rc = quire__writer_put(writer, from, length, at, &done);
    quire__progress_set_written(&writer->progress, at + done);
    return rc < 0 ? 0 : (ssize_t)length;
}

/* libc says only that something failed: the seam has said what. */
static int standing_failure(quire_writer *writer)
{
    int code = quire__progress_code(&writer->progress);

    if (code < 0)
        return code;
    return quire__progress_fail(&writer->progress, -EIO, QUIRE_CALL_WRITE, quire__progress_written(&writer->progress));
}

static int stdio_put(quire_writer *writer, const void *from, uint64_t length)
{
    struct stdio *s = writer->state;

    return fwrite_unlocked(from, 1, length, s->stream) == length ? 0 : standing_failure(writer);
}

static int stdio_flush(quire_writer *writer)
{
    struct stdio *s = writer->state;

    int open = quire__unstaged_enter(writer, true);
    if (open < 0 && open != QUIRE_E_CLAIM_OPEN)
        return open;
    /* What lies before a claim that nobody published is flushed all the same. */
    if (open < 0)
        pthread_mutex_lock(&s->unstaged.lock);
    int rc = fflush_unlocked(s->stream) == 0 ? 0 : standing_failure(writer);
    quire__unstaged_leave(writer);
    return rc < 0 ? rc : open;
}

static void stdio_close(quire_writer *writer)
{
    struct stdio *s = writer->state;

    fclose(s->stream); /* flushed before; after a failure it has nothing to say that is not known */
    quire__memory_close(s->buffer, writer->options.buffer_bytes);
    quire__unstaged_close(writer);
}

static int open_stream(quire_writer *writer, struct stdio *s)
{
    int rc = quire__memory_open(writer->options.buffer_bytes, writer->options.buffer_bytes, &s->buffer);
    if (rc < 0)
        return rc;
    s->stream = fopencookie(writer, "w", (cookie_io_functions_t){.write = stream_write});
    if (!s->stream) {
        quire__memory_close(s->buffer, writer->options.buffer_bytes);
        return -ENOMEM;
    }
    setvbuf(s->stream, s->buffer, _IOFBF, writer->options.buffer_bytes); /* cannot fail for memory of ours */
    __fsetlocking(s->stream, FSETLOCKING_BYCALLER);
    return 0;
}

static int stdio_open(quire_writer *writer, enum quire_call *failed_call)
{
    int rc = quire__unstaged_open(writer, sizeof(struct stdio), stdio_put, failed_call);
    if (rc < 0)
        return rc;
    rc = open_stream(writer, writer->state);
    if (rc < 0)
        quire__unstaged_close(writer);
    return rc;
}

const struct quire__method quire__method_stdio = {
    .id = QUIRE_METHOD_STDIO,
    .name = "stdio",
    .default_buffer_bytes = 64 * 1024,
    .default_buffer_count = 2,
    .open = stdio_open,
    .close = stdio_close,
    QUIRE__UNSTAGED_OPERATIONS,
    .flush = stdio_flush,
};
