/* Appends to one file, gathered in memory until they go to BACKING as one write. All with node->lock held.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_GATHER_H
#define MOUNT_GATHER_H

#include "mount.h"

/* Takes a write. 1: all of it. 0: it is not for gathering, nothing is gathered any more, and it goes straight to BACKING.
 * -errno: it was not taken, and what was gathered before may be lost: the node's failures say so. */
int gather_take(struct mount *mount, struct file *file, const struct writing *writing);

/* What was gathered goes to BACKING. A failure is one of the node's. */
void gather_settle(struct mount *mount, struct node *node);

/* The same, if reading up to `end` needs it. */
void gather_settle_before(struct mount *mount, struct node *node, off_t end);

/* Size and times as they will be. */
void gather_attributes(const struct node *node, struct stat *st);

void gather_free(struct node *node);

#endif
