/* Which mount a path is on, as /proc/self/mountinfo has it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MOUNT_H
#define BENCH_MOUNT_H

#include <limits.h>
#include <stdbool.h>

struct bench_mount {
    char point[PATH_MAX];
    char options[2 * PATH_MAX]; /* of the mount, then of the file system, without the second rw or ro */
    char type[32];
    char source[PATH_MAX];
};

/* The mount that an absolute path without symbolic links is on. root is put before /proc: "" is this machine, any
 * other directory a made-up one. False, and *mount left alone, if the table is not there or has no parent of path. */
bool bench_mount_find(struct bench_mount *mount, const char *root, const char *path);

#endif
