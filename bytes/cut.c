/* Making a byte file shorter, without writing a byte again that was durable. See file.h.
 *
 * SPDX-License-Identifier: MIT */
#include "bytes/life.h"

/* A piece without bytes, which ends the one before it there. */
static int mark_end(struct bytes_file *file, uint64_t size)
{
    struct bytes_piece_head head = bytes_piece_head(size);
    int rc = quire_log_append(file->log, &head, sizeof head, &file->sequence);

    return rc < 0 ? rc : quire_log_sync(file->log, file->sequence);
}

/* The last piece that stays, whole, when the file is cut to size; *begin: where it begins. */
static int find_last(struct bytes_file *file, uint64_t size, uint64_t *sequence, uint64_t *begin)
{
    struct quire_log_info info = {.size = sizeof info};
    struct bytes_reader *reader;
    int rc;

    if (size == 0) {
        rc = quire_inspect(file->directory, NULL, NULL, &info);
        if (rc == 0) {
            *sequence = info.first_sequence > 0 ? info.first_sequence - 1 : 0;
            *begin = 0;
        }
        return rc;
    }
    rc = bytes_reader_open(file->directory, &reader);
    if (rc < 0)
        return rc;
    rc = bytes_reader_find(reader, size - 1, sequence, begin);
    bytes_reader_close(reader);
    return rc;
}

/* With life alone. Until the end is marked the file may end behind the cut, with its last piece: never in front of it. */
static int cut(struct bytes_file *file, uint64_t size)
{
    uint64_t sequence, begin;
    int rc = bytes_rest(file);

    if (rc == 0)
        rc = find_last(file, size, &sequence, &begin);
    if (rc == 0)
        rc = quire_truncate(file->directory, sequence, NULL);
    if (rc < 0)
        return rc == QUIRE_E_NOT_A_LOG && size == 0 ? 0 : rc;
    rc = bytes_open_log(file, 0);
    if (rc == 0 && file->tail.end > size)
        rc = mark_end(file, size);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&file->lock);
    file->tail.begin = file->tail.given = file->tail.end = size;
    pthread_mutex_unlock(&file->lock);
    return 0;
}

/* The log has not seen it. */
static void drop_pending(struct bytes_file *file, uint64_t size)
{
    pthread_mutex_lock(&file->lock);
    file->tail.end = size;
    pthread_mutex_unlock(&file->lock);
}

int bytes_file_truncate(struct bytes_file *file, uint64_t size)
{
    int rc = 0;

    pthread_rwlock_wrlock(&file->life);
    if (size > file->tail.end)
        rc = QUIRE_E_RANGE;
    else if (file->log && size >= file->tail.given)
        drop_pending(file, size);
    else if (size < file->tail.end)
        rc = cut(file, size);
    atomic_fetch_add(&file->generation, 1);
    pthread_rwlock_unlock(&file->life);
    return rc;
}
