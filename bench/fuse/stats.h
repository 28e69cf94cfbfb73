/* What a mount counts: the text of `.quire.stats` in its root.
 *
 * Reading it is a few requests too (a lookup, an open, a read, a release), which the mount counts like any others.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_STATS_H
#define BENCH_FUSE_STATS_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_FUSE_STATS_NAME ".quire.stats"

struct bench_fuse_stats {
    char mode[16];         /* that it has */
    char why[160];         /* it is not the one that was asked for; "" else */
    uint64_t writes;       /* WRITE requests */
    uint64_t requests;     /* of all kinds */
    uint64_t write_bytes;  /* that came with them */
    uint64_t stored_bytes; /* given to the file system below */
};

/* False, and *stats left alone: that is not the text of a mount. */
bool bench_fuse_stats_parse(const char *text, struct bench_fuse_stats *stats);

/* From the mount point. 0; -errno; -EBADMSG: something else stands there. */
int bench_fuse_stats_read(const char *mount_point, struct bench_fuse_stats *stats);

#endif
