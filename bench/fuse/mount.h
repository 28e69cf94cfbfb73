/* A mount of one mode: quire-mount as a child, from its start until nothing of it is left.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_MOUNT_H
#define BENCH_FUSE_MOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "fuse/matrix.h"

enum { BENCH_FUSE_WHY_ROOM = 240 };

struct bench_fuse_mount {
    char backing[PATH_MAX]; /* the directory behind it: for NATIVE all there is */
    char point[PATH_MAX];   /* "" for NATIVE */
    char errors[PATH_MAX];  /* what the daemon says goes here */
    pid_t daemon;           /* 0: none */
};

/* Where a writer makes its file. */
static inline const char *bench_fuse_mount_directory(const struct bench_fuse_mount *mount)
{
    return *mount->point ? mount->point : mount->backing;
}

/* Makes the directories in parent, an absolute path without links, starts program (NULL: it is not there) and waits
 * until the mount stands. For NATIVE only a directory is made. 0; -EINTR: told to stop; or -errno and why, in a
 * sentence. After anything but 0 no process and no mount is left; directories are. */
int bench_fuse_mount_start(struct bench_fuse_mount *mount, enum bench_fuse_mode mode, const char *program,
                           const char *parent, char why[BENCH_FUSE_WHY_ROOM]);

/* Whether the daemon has ended by itself; then how, as the end of a sentence: "was ended by signal 9". Nothing is left
 * to be waited for afterwards. */
bool bench_fuse_mount_has_died(struct bench_fuse_mount *mount, char how[BENCH_FUSE_WHY_ROOM]);

/* Ends the daemon, by SIGKILL if it does not heed SIGTERM, and takes a mount away that is left. False: it did not end
 * as it should; how says so, as the end of a sentence. */
bool bench_fuse_mount_stop(struct bench_fuse_mount *mount, char how[BENCH_FUSE_WHY_ROOM]);

#endif
