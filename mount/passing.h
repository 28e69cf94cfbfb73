/* Passthrough: the kernel reads and writes files of BACKING by itself, without a request to the daemon (Linux 6.9 and
 * root). libfuse has it from 3.17 on; this speaks the kernel's protocol, so that 3.14 does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_PASSING_H
#define MOUNT_PASSING_H

#include "requests.h"

/* What the kernel says at the beginning (FUSE_INIT), and the answer that libfuse is about to give. */
void passing_hear(struct mount *mount, const void *request, size_t size);
void passing_answer(struct mount *mount, void *reply, size_t size);

/* Leads the kernel to fd for what is opened of node. The kernel's number for it, or -errno: the daemon serves the file.
 * Each success is ended once. */
int passing_begin(struct mount *mount, struct node *node, int fd);
void passing_end(struct mount *mount, struct node *node);

/* As fuse_reply_open and fuse_reply_create, with such a number. */
int passing_reply_open(fuse_req_t req, const struct file *file, int id);
int passing_reply_create(fuse_req_t req, const struct fuse_entry_param *entry, const struct file *file, int id);

#endif
