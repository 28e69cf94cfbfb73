/* The mounts of quire in the kernel's table.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_TABLE_H
#define MOUNT_TABLE_H

#include <limits.h>
#include <stdbool.h>

#define MOUNT_TYPE "fuse.quire"

/* True if the last mount at this absolute path is one of quire's. */
bool table_is_mount(const char *mountpoint);

/* True if this directory is behind a mount of quire's, which is at `mountpoint` then. */
bool table_find_backing(const char *backing, char mountpoint[PATH_MAX]);

#endif
