/* What was gathered goes to BACKING a while after, by a thread of its own.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_LATER_H
#define MOUNT_LATER_H

struct mount;
struct node;

/* The thread runs from here to later_stop, which has everything settled that was asked for. */
int later_start(struct mount *mount);
void later_stop(struct mount *mount);

/* The content's settle is called for node once, --flush ms from now; asked before: then. Keeps the node till then. Not any more while later_stop is
 * at work. May be
 * called with node->lock held, since settle is called without later's. */
void later_ask(struct mount *mount, struct node *node);

#endif
