/* A disk made slower for some processes: a cgroup of its own with a limit of bytes written a second.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_THROTTLE_H
#define BENCH_FUSE_THROTTLE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { BENCH_FUSE_THROTTLE_ROOM = 240 };

struct bench_fuse_throttle {
    bool is_open;
    bool unified;           /* version 2 of cgroups */
    bool has_enabled;       /* the io controller was switched on for it, and is to be switched off again */
    unsigned major, minor;  /* of the whole disk */
    char root[PATH_MAX];    /* where the hierarchy is mounted */
    char group[PATH_MAX];   /* the directory that is the group */
    char members[PATH_MAX]; /* the file in it that takes processes in */
};

/* Makes a group, without a limit, for the disk under directory. 0, or -errno and why, in a sentence, and nothing made. */
int bench_fuse_throttle_open(struct bench_fuse_throttle *throttle, const char *directory,
                             char why[BENCH_FUSE_THROTTLE_ROOM]);

/* For its members from now on; 0: none. 0 or -errno. */
int bench_fuse_throttle_limit(const struct bench_fuse_throttle *throttle, uint64_t bytes_per_s);

/* Takes a process in. 0 or -errno. */
int bench_fuse_throttle_join(const struct bench_fuse_throttle *throttle, pid_t process);

/* Removes the group, whose processes have ended or will within a second. */
void bench_fuse_throttle_close(struct bench_fuse_throttle *throttle);

#endif
