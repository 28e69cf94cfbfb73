/* A byte file: the face. See file.h; life.h has its locks.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/life.h"

enum {
    BLOCK_OVER = 100,     /* header of a block, and word of a record */
    WRITES_EXPECTED = 16, /* of the length of the first */
};

/* The bytes of a piece that fills a block. */
static uint64_t piece_most(const struct bytes_file *file)
{
    return bytes_block(file) - BLOCK_OVER - sizeof(struct bytes_piece_head);
}

int bytes_file_open(const char *directory, const struct bytes_file_options *options, struct bytes_file **file)
{
    size_t length = strlen(directory) + 1;
    struct bytes_file *f = calloc(1, sizeof *f + length);
    uint64_t size = 0;

    if (!f)
        return -ENOMEM;
    memcpy(f->directory, directory, length);
    f->options = *options;
    f->flushed = true;
    int rc = bytes_measure(f, &size, &f->cut_short);
    if (rc < 0) {
        free(f);
        return rc;
    }
    f->tail = (struct bytes_tail){.begin = size, .given = size, .end = size};
    pthread_rwlock_init(&f->life, NULL); /* neither fails on Linux */
    pthread_mutex_init(&f->lock, NULL);
    *file = f;
    return 0;
}

uint64_t bytes_file_size(struct bytes_file *file, bool *cut_short)
{
    pthread_mutex_lock(&file->lock);
    uint64_t size = file->tail.end;
    *cut_short = file->cut_short;
    pthread_mutex_unlock(&file->lock);
    return size;
}

bool bytes_file_rests(struct bytes_file *file)
{
    pthread_rwlock_rdlock(&file->life);
    bool rests = !file->log;
    pthread_rwlock_unlock(&file->life);
    return rests;
}

int bytes_file_refresh(struct bytes_file *file)
{
    uint64_t size;
    bool cut_short;
    int rc = 0;

    if (!bytes_file_rests(file))
        return 0;
    pthread_rwlock_wrlock(&file->life);
    if (!file->log) {
        rc = bytes_measure(file, &size, &cut_short);
        if (rc == 0 && (size != file->tail.end || cut_short != file->cut_short)) {
            bytes_set_end(file, size, cut_short);
            atomic_fetch_add(&file->generation, 1);
        }
    }
    pthread_rwlock_unlock(&file->life);
    return rc;
}

static int prepare(struct bytes_file *file, uint64_t expected)
{
    pthread_rwlock_rdlock(&file->life);
    bool is_open = file->log != NULL;
    pthread_rwlock_unlock(&file->life);
    if (is_open)
        return 0;
    pthread_rwlock_wrlock(&file->life);
    int rc = file->failure;
    if (rc == 0 && !file->log)
        rc = bytes_open_log(file, expected);
    pthread_rwlock_unlock(&file->life);
    return rc;
}

int bytes_file_prepare(struct bytes_file *file)
{
    return prepare(file, 0);
}

/* What is written of the pieces that were given need not be kept. */
static void drop_written(struct bytes_file *file)
{
    struct quire_watermarks marks;
    int written = 0;

    if (quire_log_watermarks(file->log, &marks) < 0)
        return;
    while (written < file->givens && file->given[written].sequence <= marks.written)
        written++;
    if (written == 0)
        return;
    bytes_tail_drop(&file->tail, file->given[written - 1].end);
    file->givens -= written;
    memmove(file->given, file->given + written, (size_t)file->givens * sizeof file->given[0]);
}

/* Where there are too many to follow, the last two become one. */
static void remember_given(struct bytes_file *file)
{
    int at = file->givens < BYTES_GIVEN_MOST ? file->givens++ : BYTES_GIVEN_MOST - 1;

    file->given[at].sequence = file->sequence;
    file->given[at].end = file->tail.given;
}

/* A piece of what is pending, which is not nothing. */
static int give_piece(struct bytes_file *file)
{
    struct bytes_piece_head head = bytes_piece_head(file->tail.given);
    struct iovec pieces[3] = {{&head, sizeof head}};
    int count = bytes_tail_view(&file->tail, piece_most(file), pieces + 1);
    int rc = quire_log_appendv(file->log, pieces, 1 + count, &file->sequence);

    if (rc < 0)
        return rc;
    for (int i = 1; i <= count; i++)
        file->tail.given += pieces[i].iov_len;
    file->flushed = false;
    remember_given(file);
    return 0;
}

/* Whole pieces, or all. */
static int give_pending(struct bytes_file *file, bool all)
{
    int rc = 0;

    while (rc == 0 && bytes_tail_pending(&file->tail) >= (all ? 1 : piece_most(file)))
        rc = give_piece(file);
    return rc;
}

/* There is room for a byte at least. What the log has not written fits beside what is pending; where many small pieces
 * are followed as one, it is to be asked to write them. */
static int make_room(struct bytes_file *file)
{
    int rc = give_pending(file, false);

    if (rc == 0 && bytes_tail_free(&file->tail) == 0)
        drop_written(file);
    if (rc == 0 && bytes_tail_free(&file->tail) == 0) {
        rc = quire_log_flush(file->log);
        drop_written(file);
    }
    return rc;
}

static int append(struct bytes_file *file, const void *data, uint64_t length, uint64_t *accepted)
{
    uint64_t done = 0;
    int rc = make_room(file);

    while (rc == 0 && done < length) {
        uint64_t room = piece_most(file) - bytes_tail_pending(&file->tail);
        uint64_t part = length - done < room ? length - done : room;
        done += bytes_tail_put(&file->tail, (const unsigned char *)data + done, part);
        rc = make_room(file);
    }
    if (done == 0 && rc < 0)
        return rc;
    bytes_note_growth(file);
    /* What was refused is refused again by the next call. */
    *accepted = done;
    return 0;
}

/* With life alone. What cannot be given is kept. */
int bytes_rest(struct bytes_file *file)
{
    if (!file->log)
        return 0;
    int rc = give_pending(file, true);
    if (rc == -ENOSPC || rc == -EDQUOT)
        return rc;
    int closed = bytes_close_log(file);
    return rc < 0 ? rc : closed;
}

/* Closes it where it has to be opened again with larger segments. */
static int make_grow(struct bytes_file *file)
{
    int rc = 0;

    pthread_rwlock_wrlock(&file->life);
    if (file->log && atomic_load(&file->outgrown))
        rc = bytes_rest(file);
    pthread_rwlock_unlock(&file->life);
    return rc;
}

/* life, shared, with the log open. Who begins with a large write goes on. */
static int enter(struct bytes_file *file, uint64_t length)
{
    for (;;) {
        int rc = prepare(file, length * WRITES_EXPECTED);
        if (rc < 0)
            return rc;
        pthread_rwlock_rdlock(&file->life);
        if (file->log && !atomic_load(&file->outgrown))
            return 0;
        bool is_open = file->log != NULL;
        pthread_rwlock_unlock(&file->life);
        rc = is_open ? make_grow(file) : 0;
        if (rc < 0)
            return rc;
    }
}

int bytes_file_append(struct bytes_file *file, uint64_t offset, const void *data, uint64_t length, uint64_t *accepted)
{
    int rc = enter(file, length);

    if (rc < 0)
        return rc;
    pthread_mutex_lock(&file->lock);
    rc = offset == file->tail.end || offset == BYTES_FILE_END ? append(file, data, length, accepted) : QUIRE_E_RANGE;
    pthread_mutex_unlock(&file->lock);
    pthread_rwlock_unlock(&file->life);
    return rc;
}

/* What the tail has from offset on, with lock. */
static uint64_t read_tail(const struct bytes_file *file, uint64_t offset, void *to, uint64_t length)
{
    const struct bytes_tail *tail = &file->tail;

    if (!tail->memory || offset < tail->begin || offset >= tail->end)
        return 0;
    uint64_t part = tail->end - offset < length ? tail->end - offset : length;
    bytes_tail_copy(tail, offset, to, part);
    return part;
}

int bytes_file_read(struct bytes_file *file, struct bytes_reader *reader, uint64_t offset, void *to, uint64_t length,
                    uint64_t *got)
{
    uint64_t done = 0;
    int rc = 0;

    pthread_rwlock_rdlock(&file->life);
    bytes_reader_renew(reader, atomic_load(&file->generation));
    while (rc == 0 && done < length) {
        unsigned char *at = (unsigned char *)to + done;
        pthread_mutex_lock(&file->lock);
        uint64_t part = read_tail(file, offset + done, at, length - done);
        uint64_t begin = file->log ? file->tail.begin : UINT64_MAX, end = file->tail.end;
        pthread_mutex_unlock(&file->lock);
        /* What lies in front of the tail was written before it was dropped from there. */
        if (part == 0 && (offset + done < end || file->cut_short)) {
            uint64_t most = begin - (offset + done);
            rc = bytes_reader_read(reader, offset + done, at, length - done < most ? length - done : most, &part);
        }
        if (rc < 0 || part == 0)
            break;
        done += part;
    }
    pthread_rwlock_unlock(&file->life);
    if (done == 0 && rc < 0)
        return rc;
    *got = done;
    return 0;
}

enum step { GIVE, FLUSH, SYNC };

/* With life shared, and the log open. */
static int settle(struct bytes_file *file, enum step step)
{
    pthread_mutex_lock(&file->lock);
    int rc = give_pending(file, true);
    uint64_t sequence = file->sequence;
    bool flushed = file->flushed;
    file->flushed |= step > GIVE && rc == 0;
    pthread_mutex_unlock(&file->lock);
    /* Without the lock: appends and reads go on. */
    if (rc == 0 && step == FLUSH && !flushed)
        rc = quire_log_flush(file->log);
    if (rc == 0 && step == SYNC)
        rc = quire_log_sync(file->log, sequence);
    return rc;
}

/* A log that rests is durable, unless it failed. */
static int settle_if_open(struct bytes_file *file, enum step step)
{
    pthread_rwlock_rdlock(&file->life);
    int rc = file->failure;
    if (rc == 0 && file->log)
        rc = settle(file, step);
    pthread_rwlock_unlock(&file->life);
    return rc;
}

int bytes_file_give(struct bytes_file *file)
{
    return settle_if_open(file, GIVE);
}

int bytes_file_flush(struct bytes_file *file)
{
    return settle_if_open(file, FLUSH);
}

int bytes_file_sync(struct bytes_file *file)
{
    return settle_if_open(file, SYNC);
}

int bytes_file_rest(struct bytes_file *file)
{
    pthread_rwlock_wrlock(&file->life);
    int rc = bytes_rest(file);
    if (!file->log) {
        rc = file->failure ? file->failure : rc;
        file->failure = 0;
    }
    pthread_rwlock_unlock(&file->life);
    return rc;
}

uint64_t bytes_file_stored(struct bytes_file *file)
{
    struct quire_log_stats stats = {.size = sizeof stats};

    pthread_rwlock_rdlock(&file->life);
    uint64_t stored = file->stored;
    if (file->log && quire_log_stats(file->log, &stats) == 0)
        stored += stats.write_bytes;
    pthread_rwlock_unlock(&file->life);
    return stored;
}

int bytes_file_close(struct bytes_file *file)
{
    int rc = bytes_rest(file);
    int closed = bytes_close_log(file); /* what could not be given goes now */

    pthread_mutex_destroy(&file->lock);
    pthread_rwlock_destroy(&file->life);
    free(file);
    return rc < 0 ? rc : closed;
}
