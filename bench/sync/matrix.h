/* The matrix: kinds of files that a durable append may meet, by ways of making it durable.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SYNC_MATRIX_H
#define BENCH_SYNC_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

enum bench_sync_file {
    BENCH_SYNC_APPEND,    /* fresh, and grows with every append */
    BENCH_SYNC_RESERVED,  /* space allocated beyond its end: it grows into it */
    BENCH_SYNC_ALLOCATED, /* space allocated, its size set: unwritten extents */
    BENCH_SYNC_WRITTEN,   /* zeros were written and synced */
    BENCH_SYNC_RECYCLED,  /* an old file of other bytes, renamed, overwritten from its start */
    BENCH_SYNC_FILES
};

enum bench_sync_way {
    BENCH_SYNC_FDATASYNC,
    BENCH_SYNC_FSYNC,
    BENCH_SYNC_DSYNC,
    BENCH_SYNC_RWF,
    BENCH_SYNC_DIRECT_FDATASYNC,
    BENCH_SYNC_DIRECT_DSYNC,
    BENCH_SYNC_DIRECT_RWF,
    BENCH_SYNC_URING,
    BENCH_SYNC_MSYNC,
    BENCH_SYNC_RANGE,
    BENCH_SYNC_WAYS
};

/* Some of either, for what was asked. */
struct bench_sync_choice {
    bool file[BENCH_SYNC_FILES];
    bool way[BENCH_SYNC_WAYS];
};

const char *bench_sync_file_name(enum bench_sync_file file);
const char *bench_sync_file_text(enum bench_sync_file file);
const char *bench_sync_way_name(enum bench_sync_way way);
const char *bench_sync_way_text(enum bench_sync_way way);

/* Past the page cache: O_DIRECT. */
bool bench_sync_way_is_direct(enum bench_sync_way way);

/* False for the one that only looks like a sync. */
bool bench_sync_way_is_durable(enum bench_sync_way way);

/* Whether the kernel may send the write itself as durable (FUA) instead of flushing after it. */
bool bench_sync_way_may_use_fua(enum bench_sync_way way);

/* The blocks have been written before: nothing of the file system's own need change with an append. */
bool bench_sync_file_is_written(enum bench_sync_file file);

/* "append,written": chooses these and no others. False, *culprit (a word of list, or list itself) named and the choice
 * left as it was, for anything else. */
bool bench_sync_choose_files(struct bench_sync_choice *choice, const char *list, const char **culprit);
bool bench_sync_choose_ways(struct bench_sync_choice *choice, const char *list, const char **culprit);

#endif
