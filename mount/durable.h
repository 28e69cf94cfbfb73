/* What is not yet safe from a power cut: marked when it is changed, made durable when the mount ends.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_DURABLE_H
#define MOUNT_DURABLE_H

#include "mount.h"

/* The bytes, the attributes, or the names in it have changed. */
static inline void durable_mark(struct mount *mount, struct node *node)
{
    if (atomic_load_explicit(&node->is_unsynced, memory_order_relaxed) || atomic_exchange(&node->is_unsynced, true))
        return;
    statistics_add(&mount->unsynced, 1);
}

/* Right before a sync that makes all of it durable. */
static inline void durable_clear(struct mount *mount, struct node *node)
{
    if (atomic_exchange(&node->is_unsynced, false))
        atomic_fetch_sub_explicit(&mount->unsynced, 1, memory_order_relaxed);
}

/* The tree lets the node go. */
void durable_forget(struct mount *mount, struct node *node);

/* Makes everything durable. 0, or the first -errno. No other thread may use the tree. */
int durable_sync(struct mount *mount);

#endif
