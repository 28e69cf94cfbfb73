/* What the kernel can do and libfuse 3.14 does not know, spoken in the kernel's protocol.
 *
 * Passthrough: the kernel reads and writes files of BACKING by itself, without a request to the daemon (Linux 6.9 and root).
 * Maps: a file that is open past the page cache can be mapped all the same (Linux 6.6).
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_PROTOCOL_H
#define MOUNT_PROTOCOL_H

#include "requests.h"

/* A request, before libfuse has it; and the answer to the first one (FUSE_INIT) that libfuse is about to give. */
void protocol_hear(struct mount *mount, const void *request, size_t size);
void protocol_answer(struct mount *mount, void *reply, size_t size);

/* For the request that this thread has heard last, a write: the file loses what node_drop_set_ids takes away. (Of a write
 * through its cache the kernel sees to that itself.) */
bool protocol_drops_set_ids(void);

/* Leads the kernel to fd for what is opened of node. The kernel's number for it, or -errno: the daemon serves the file.
 * Each success is ended once. */
int passing_begin(struct mount *mount, struct node *node, int fd);
void passing_end(struct mount *mount, struct node *node);

/* As fuse_reply_open and fuse_reply_create, with such a number. */
int passing_reply_open(fuse_req_t req, const struct file *file, int id);
int passing_reply_create(fuse_req_t req, const struct fuse_entry_param *entry, const struct file *file, int id);

#endif
