/* One file appended to by a process of its own, timed, counted, read back and removed again.
 *
 * A process of its own for two reasons. It can be put into a group of processes whose disk is slowed down. And whoever
 * waits for a mount that does not answer waits in the kernel: this process never touches a mount, and can always end
 * the one that does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_JOB_H
#define BENCH_FUSE_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fuse/payload.h"
#include "fuse/stats.h"
#include "fuse/throttle.h"

struct bench_fuse_job {
    const char *directory;                      /* where the file is made: a mount's root, or any directory */
    bool is_mount;                              /* it has counters */
    pid_t daemon;                               /* of the mount; 0: none */
    const struct bench_fuse_throttle *throttle; /* NULL, or whose limit is for the process too */
    const struct bench_fuse_pool *pool;
    uint64_t bytes; /* a multiple of append_bytes. 0: only the counters are read */
    uint64_t append_bytes;
};

/* What one file cost. */
struct bench_fuse_cost {
    uint64_t bytes;
    double append_seconds; /* until the last append had returned */
    double seconds;        /* until the fsync after it had */
    double own_cpu;        /* seconds of the process that appended */
    double daemon_cpu;     /* of the daemon in the same time */
    uint64_t writes;       /* WRITE requests that the daemon saw */
    uint64_t requests;     /* of all kinds, those for reading its counters included */
    uint64_t stored_bytes; /* given to the file system below */
};

struct bench_fuse_done {
    struct bench_fuse_cost cost;
    struct bench_fuse_stats stats; /* of a mount, in the end */
    char call[32];                 /* the one that failed */
    uint64_t at;                   /* bytes appended before that */
};

/* Where it does not come to an end by itself, the limit is lifted, and the daemon is killed if that is what it waits for.
 *
 * 0; -EINTR: told to stop; -EBADMSG: the file does not hold what was appended; -ETIMEDOUT: nothing came back for a
 * minute and more; or -errno of done->call. The file may be left behind after anything but 0. */
int bench_fuse_job_run(const struct bench_fuse_job *job, struct bench_fuse_done *done);

#endif
