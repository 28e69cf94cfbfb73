/* Appends one at a time, in the order of a lock. See unstaged.h.
 *
 * SPDX-License-Identifier: MIT */
#include "writer/unstaged.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "staging/memory.h"

int quire__unstaged_open(quire_writer *writer, uint64_t state_bytes,
                         int (*put)(quire_writer *writer, const void *from, uint64_t length),
                         enum quire_call *failed_call)
{
    struct quire__unstaged *u = calloc(1, state_bytes);
    void *scratch;

    *failed_call = QUIRE_CALL_MEMORY;
    if (!u)
        return -ENOMEM;
    int rc = quire__memory_open(writer->options.buffer_bytes, writer->options.buffer_bytes, &scratch);
    if (rc < 0) {
        free(u);
        return rc;
    }
    quire__cond_init(&u->closed); /* neither fails on Linux */
    pthread_mutex_init(&u->lock, NULL);
    u->put = put;
    u->appended = writer->begin;
    u->scratch = scratch;
    u->scratch_bytes = writer->options.buffer_bytes;
    /* A claim of another writer's would not pass for one of ours. */
    u->ticket = (uint64_t)(uintptr_t)u * 0x9E3779B97F4A7C15u;
    writer->state = u;
    return 0;
}

void quire__unstaged_close(quire_writer *writer)
{
    struct quire__unstaged *u = writer->state;

    pthread_mutex_destroy(&u->lock);
    pthread_cond_destroy(&u->closed);
    quire__memory_close(u->scratch, u->scratch_bytes);
    free(u);
    writer->state = NULL;
}

static int wait_for_claim(quire_writer *writer, struct quire__unstaged *u)
{
    struct timespec until = quire__clock_after_ms(writer->options.claim_timeout_ms);

    while (u->claimed)
        if (pthread_cond_timedwait(&u->closed, &u->lock, &until) == ETIMEDOUT && u->claimed)
            return QUIRE_E_CLAIM_OPEN;
    return 0;
}

int quire__unstaged_enter(quire_writer *writer, bool wait)
{
    struct quire__unstaged *u = writer->state;
    int rc = 0;

    pthread_mutex_lock(&u->lock);
    if (u->claimed)
        rc = wait ? wait_for_claim(writer, u) : -EAGAIN;
    if (rc == 0)
        rc = quire__progress_code(&writer->progress);
    if (rc < 0)
        pthread_mutex_unlock(&u->lock);
    return rc;
}

void quire__unstaged_leave(quire_writer *writer)
{
    struct quire__unstaged *u = writer->state;

    pthread_mutex_unlock(&u->lock);
}

/* Pieces that fit the scratch memory become one call, the others a call each. */
static int put_pieces(quire_writer *writer, struct quire__unstaged *u, const struct iovec *pieces, int count,
                      uint64_t length)
{
    uint64_t at = 0;

    if (length > u->scratch_bytes) {
        int rc = 0;
        for (int i = 0; i < count && rc == 0; i++)
            if (pieces[i].iov_len > 0) /* fwrite, too, must not be given NULL */
                rc = u->put(writer, pieces[i].iov_base, pieces[i].iov_len);
        return rc;
    }
    for (int i = 0; i < count; i++) {
        if (pieces[i].iov_len > 0) /* a NULL base is fine for no bytes, but not for memcpy */
            memcpy(u->scratch + at, pieces[i].iov_base, pieces[i].iov_len);
        at += pieces[i].iov_len;
    }
    return u->put(writer, u->scratch, length);
}

/* A length that no file can have is the caller's mistake, and no failure of the file's. */
static bool fits_a_file(const struct quire__unstaged *u, uint64_t length)
{
    return length <= QUIRE__FILE_MAX - u->appended;
}

/* With the lock: what was put is a record now. */
static void accept(struct quire__unstaged *u, uint64_t length, uint64_t *offset)
{
    if (offset)
        *offset = u->appended;
    u->appended += length;
    u->appends++;
}

int quire__unstaged_append(quire_writer *writer, const void *data, uint64_t length, bool wait, uint64_t *offset)
{
    struct quire__unstaged *u = writer->state;

    int rc = quire__unstaged_enter(writer, wait);
    if (rc < 0)
        return rc;
    rc = fits_a_file(u, length) ? u->put(writer, data, length) : -EFBIG;
    if (rc == 0)
        accept(u, length, offset);
    quire__unstaged_leave(writer);
    return rc;
}

int quire__unstaged_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t length, bool wait,
                            uint64_t *offset)
{
    struct quire__unstaged *u = writer->state;

    int rc = quire__unstaged_enter(writer, wait);
    if (rc < 0)
        return rc;
    rc = fits_a_file(u, length) ? put_pieces(writer, u, pieces, count, length) : -EFBIG;
    if (rc == 0)
        accept(u, length, offset);
    quire__unstaged_leave(writer);
    return rc;
}

int quire__unstaged_claim(quire_writer *writer, uint64_t length, bool wait, struct quire_claim *claim)
{
    struct quire__unstaged *u = writer->state;

    if (length > u->scratch_bytes)
        return QUIRE_E_TOO_LARGE;
    int rc = quire__unstaged_enter(writer, wait);
    if (rc < 0)
        return rc;
    u->claimed = true;
    u->claimed_bytes = length;
    *claim = (struct quire_claim){.memory = u->scratch, .length = length, .offset = u->appended, .ticket = ++u->ticket};
    quire__unstaged_leave(writer);
    return 0;
}

int quire__unstaged_publish(quire_writer *writer, const struct quire_claim *claim)
{
    struct quire__unstaged *u = writer->state;
    int rc = QUIRE_E_CLAIM_STALE;

    pthread_mutex_lock(&u->lock);
    if (u->claimed && claim->ticket == u->ticket) {
        rc = quire__progress_code(&writer->progress);
        if (rc == 0)
            rc = u->put(writer, u->scratch, u->claimed_bytes);
        if (rc == 0)
            accept(u, u->claimed_bytes, NULL);
        u->claimed = false;
        pthread_cond_broadcast(&u->closed);
    }
    pthread_mutex_unlock(&u->lock);
    return rc;
}

uint64_t quire__unstaged_appended(quire_writer *writer)
{
    struct quire__unstaged *u = writer->state;

    pthread_mutex_lock(&u->lock);
    uint64_t appended = u->appended + (u->claimed ? u->claimed_bytes : 0); /* a claim has its place in the order */
    pthread_mutex_unlock(&u->lock);
    return appended;
}

void quire__unstaged_stats(quire_writer *writer, struct quire_writer_stats *stats)
{
    struct quire__unstaged *u = writer->state;

    pthread_mutex_lock(&u->lock);
    stats->appends = u->appends;
    pthread_mutex_unlock(&u->lock);
    stats->memory_bytes = u->scratch_bytes;
}
