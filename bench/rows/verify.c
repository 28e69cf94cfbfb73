/* Reading back and comparing. See verify.h.
 *
 * The file is read through the page cache and its pages are dropped afterwards, so that nothing of it lies in the way
 * of the next run.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char reason[200];

__attribute__((format(printf, 1, 2))) static const char *because(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return reason;
}

struct reader {
    int fd;
    char *memory;
    uint64_t room;     /* bytes of memory */
    uint64_t from, to; /* the part of memory that was read and not yet looked at */
    uint64_t offset;   /* in the file, of `from` */
};

static const char *reader_open(struct reader *r, const char *path, uint64_t bytes, uint64_t piece, bool longer)
{
    *r = (struct reader){.fd = open(path, O_RDONLY | O_CLOEXEC), .room = piece > 1 << 20 ? piece : 1 << 20};
    if (r->fd < 0)
        return because("cannot be read back: %s", strerror(errno));
    struct stat st;
    if (fstat(r->fd, &st) != 0)
        return because("cannot be read back: %s", strerror(errno));
    if (longer ? (uint64_t)st.st_size < bytes : (uint64_t)st.st_size != bytes)
        return because("holds %jd bytes, not %" PRIu64, (intmax_t)st.st_size, bytes);
    r->memory = malloc(r->room);
    return r->memory ? NULL : because("cannot be read back: no memory");
}

static void reader_close(struct reader *r)
{
    if (r->fd >= 0) {
        posix_fadvise(r->fd, 0, 0, POSIX_FADV_DONTNEED);
        close(r->fd);
    }
    free(r->memory);
}

/* Sees to it that at least `least` bytes can be looked at: less is the end of the file, come too soon. */
static const char *reader_fill(struct reader *r, uint64_t least)
{
    if (r->to - r->from >= least)
        return NULL;
    if (r->to > r->from)
        memmove(r->memory, r->memory + r->from, r->to - r->from);
    r->to -= r->from;
    r->from = 0;
    while (r->to < r->room) {
        ssize_t n = read(r->fd, r->memory + r->to, r->room - r->to);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return because("cannot be read back: %s", strerror(errno));
        if (n == 0)
            break;
        r->to += (uint64_t)n;
    }
    return r->to >= least ? NULL : because("ends early, at offset %" PRIu64, r->offset + r->to);
}

static const char *reader_take(struct reader *r, uint64_t bytes)
{
    const char *at = r->memory + r->from;
    r->from += bytes;
    r->offset += bytes;
    return at;
}

/* One record at `at` in the file: is it the next of its thread? next[] counts what each thread has had so far. */
static const char *check_record(const struct bench_job *job, const char *record, uint64_t at, uint64_t *next)
{
    const struct bench_workload *work = job->work;
    uint64_t identity = bench_identity(job->run, 0, next[0]);
    uint64_t skip = 0;
    if (work->identified) {
        memcpy(&identity, record, BENCH_IDENTITY_BYTES);
        skip = BENCH_IDENTITY_BYTES;
    }
    unsigned thread = bench_identity_thread(identity);
    if (thread >= job->row->threads)
        return because("holds bytes that nobody appended, at offset %" PRIu64, at);
    uint64_t number = next[thread];
    if (identity != bench_identity(job->run, thread, number))
        return because("holds record %" PRIu64 " of thread %u at offset %" PRIu64 " where number %" PRIu64 " belongs",
                       bench_identity_number(identity), thread, at, number);
    const struct bench_pool *pool = &work->pools[thread];
    const char *slot = pool->memory + number % pool->slots * pool->stride;
    if (memcmp(record + skip, slot + skip, work->size.record_bytes - skip) != 0)
        return because("holds a damaged record %" PRIu64 " of thread %u at offset %" PRIu64, number, thread, at);
    next[thread]++;
    return NULL;
}

static const char *check_shares(const struct bench_job *job, const uint64_t *next)
{
    for (unsigned t = 0; t < job->row->threads; t++) {
        uint64_t share = bench_workload_share(job->work, t, job->row->threads);
        if (next[t] != share)
            return because("holds %" PRIu64 " records of thread %u, who appended %" PRIu64, next[t], t, share);
    }
    return NULL;
}

static const char *check_records(const struct bench_job *job, struct reader *r)
{
    const uint64_t length = job->work->size.record_bytes;
    uint64_t next[BENCH_THREADS_MOST] = {0};
    for (uint64_t i = 0; i < job->work->size.records; i++) {
        const char *why = reader_fill(r, length);
        uint64_t at = r->offset;
        if (!why)
            why = check_record(job, reader_take(r, length), at, next);
        if (why)
            return why;
    }
    return check_shares(job, next);
}

const char *bench_verify_record(struct bench_verified *verified, const void *record, uint64_t length)
{
    if (length != verified->job->work->size.record_bytes)
        return because("holds a record of %" PRIu64 " bytes, number %" PRIu64, length, verified->count);
    return check_record(verified->job, record, verified->count++, verified->next);
}

const char *bench_verify_end(const struct bench_verified *verified)
{
    return check_shares(verified->job, verified->next);
}

const char *bench_verify_records(const struct bench_job *job)
{
    struct reader r;
    const char *why = reader_open(&r, job->path, job->work->bytes, job->work->size.record_bytes, false);
    if (!why)
        why = check_records(job, &r);
    reader_close(&r);
    return why;
}

const char *bench_verify_cycle(const char *path, uint64_t bytes, const char *image, uint64_t image_bytes, bool longer)
{
    struct reader r;
    const char *why = reader_open(&r, path, bytes, image_bytes, longer);
    while (!why && r.offset < bytes) {
        uint64_t at = r.offset;
        uint64_t piece = bytes - at < image_bytes ? bytes - at : image_bytes;
        why = reader_fill(&r, piece);
        if (!why && memcmp(reader_take(&r, piece), image, piece) != 0)
            why = because("holds other bytes than were written, near offset %" PRIu64, at);
    }
    reader_close(&r);
    return why;
}
