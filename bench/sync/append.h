/* One durable append after the other, by one of the ways.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SYNC_APPEND_H
#define BENCH_SYNC_APPEND_H

#include <stdbool.h>
#include <stdint.h>

#include "sync/matrix.h"

struct bench_sync_uring;

struct bench_sync_append {
    enum bench_sync_way way;
    bool grows; /* the file has no size ahead of the appends */
    int fd;
    char *record; /* aligned to a page; its owner is the caller */
    uint64_t record_bytes;
    char *map;
    uint64_t map_bytes;
    struct bench_sync_uring *uring;
    const char *call; /* the one that failed last */
    const char
        *because; /* why the way cannot be had, where a sentence says more than the call and its error; or NULL */
};

/* Opens path, which has room for `bytes`, for appends of record by that way. 0, or -errno and nothing open. */
int bench_sync_append_open(struct bench_sync_append *a, const char *path, enum bench_sync_way way,
                           enum bench_sync_file file, uint64_t bytes, char *record, uint64_t record_bytes);

/* Puts the record at offset and makes it durable (RANGE does not). 0, or -errno; a short write is -EIO. */
int bench_sync_append_next(struct bench_sync_append *a, uint64_t offset);

/* 0 or -errno. */
int bench_sync_append_close(struct bench_sync_append *a);

/* io_uring. Without liburing: -ENOSYS. */
int bench_sync_uring_open(struct bench_sync_uring **uring);
int bench_sync_uring_append(struct bench_sync_uring *uring, int fd, const char *record, uint64_t bytes, uint64_t offset,
                            const char **call);
void bench_sync_uring_close(struct bench_sync_uring *uring);

#endif
