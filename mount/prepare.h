/* What is looked at before anything is mounted.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_PREPARE_H
#define MOUNT_PREPARE_H

#include "mount.h"

/* Both directories are there and fit, BACKING is open and locked; settings get absolute paths, which stay allocated, and
 * their defaults. 0, or -errno after a sentence. */
int prepare(struct mount *mount);

#endif
