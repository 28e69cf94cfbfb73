/* The matrix: ways to append, by sizes of an append, by what is appended.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_MATRIX_H
#define BENCH_FUSE_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fuse/payload.h"

enum bench_fuse_mode {
    BENCH_FUSE_NATIVE,      /* write(2) with O_APPEND on the file system itself */
    BENCH_FUSE_PLAIN,       /* through quire mount, each write a request to the daemon */
    BENCH_FUSE_WRITEBACK,   /* the same, gathered by the kernel */
    BENCH_FUSE_PASSTHROUGH, /* the kernel goes to the file below by itself */
    BENCH_FUSE_LOG_LZ4,     /* a log behind the mount, its blocks compressed */
    BENCH_FUSE_LOG_ZSTD,
    BENCH_FUSE_MODES
};

enum { BENCH_FUSE_SIZES_MOST = 6, BENCH_FUSE_LIMITS_MOST = 6 };

/* Some of each, for what was asked. */
struct bench_fuse_choice {
    bool mode[BENCH_FUSE_MODES];
    bool payload[BENCH_FUSE_PAYLOADS];
    unsigned sizes;
    uint64_t size[BENCH_FUSE_SIZES_MOST];   /* of an append: 1 to BENCH_FUSE_APPEND_MOST */
    unsigned limits;                        /* 0: no disk is slowed down */
    uint64_t limit[BENCH_FUSE_LIMITS_MOST]; /* bytes a second of the disk */
};

/* "log+lz4"; what that is; and what quire-mount is told, up to a NULL (nothing for NATIVE). */
const char *bench_fuse_mode_name(enum bench_fuse_mode mode);
const char *bench_fuse_mode_text(enum bench_fuse_mode mode);
const char *const *bench_fuse_mode_options(enum bench_fuse_mode mode);

/* The word by which `.quire.stats` calls the mode that was asked for. */
const char *bench_fuse_mode_word(enum bench_fuse_mode mode);

static inline bool bench_fuse_mode_is_log(enum bench_fuse_mode mode)
{
    return mode == BENCH_FUSE_LOG_LZ4 || mode == BENCH_FUSE_LOG_ZSTD;
}

/* Everything, and no limit. */
struct bench_fuse_choice bench_fuse_choice_default(void);

/* "native,log+lz4", "access,random", "4K,64K", "100M,250M": chooses these and no others. A limit is in millions of
 * bytes a second, as disks are sold, from 1M on. False, *culprit (a word of the list) named and the choice left as it
 * was, for anything else. */
bool bench_fuse_choose_modes(struct bench_fuse_choice *choice, const char *list, const char **culprit);
bool bench_fuse_choose_payloads(struct bench_fuse_choice *choice, const char *list, const char **culprit);
bool bench_fuse_choose_sizes(struct bench_fuse_choice *choice, const char *list, const char **culprit);
bool bench_fuse_choose_limits(struct bench_fuse_choice *choice, const char *list, const char **culprit);

#endif
