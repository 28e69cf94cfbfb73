/* Making a byte file shorter, without writing a byte again that was durable. See file.h.
 *
 * SPDX-License-Identifier: MIT */
#include "bytes/life.h"

/* All of it goes. */
static int cut_all(struct bytes_file *file)
{
    struct quire_log_info info = {.size = sizeof info};
    int rc = quire_inspect(file->directory, NULL, NULL, &info);

    if (rc < 0)
        return rc == QUIRE_E_NOT_A_LOG ? 0 : rc;
    return quire_truncate(file->directory, info.first_sequence > 0 ? info.first_sequence - 1 : 0, NULL);
}

/* The piece that the new end is in stays as far as that. */
static int cut_within(struct bytes_file *file, uint64_t size)
{
    struct bytes_reader *reader;
    uint64_t sequence, begin;
    int rc = bytes_reader_open(file->directory, &reader);

    if (rc < 0)
        return rc;
    rc = bytes_reader_find(reader, size - 1, &sequence, &begin);
    bytes_reader_close(reader);
    if (rc < 0)
        return rc;
    return quire_truncate_within(file->directory, sequence, sizeof(struct bytes_piece_head) + size - begin, NULL);
}

/* With life alone. Until it is done the file may end behind the cut, with one of its pieces: never in front of it. */
static int cut(struct bytes_file *file, uint64_t size)
{
    uint64_t left;
    bool cut_short;
    int rc = bytes_rest(file);

    if (rc < 0)
        return rc;
    rc = size == 0 ? cut_all(file) : cut_within(file, size);
    /* Some of it may have gone where it failed, too. */
    int measured = bytes_measure(file, &left, &cut_short);
    if (measured == 0)
        bytes_set_end(file, left, cut_short);
    return rc < 0 ? rc : measured;
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
