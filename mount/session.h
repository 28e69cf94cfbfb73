/* The connection to the kernel: mounting, serving, unmounting.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_SESSION_H
#define MOUNT_SESSION_H

#include <stdbool.h>

struct mount;
struct fuse_conn_info;

/* Mounts and serves until the mount is taken away or a signal asks for the end, and leaves everything durable. answers is
 * called once, when the kernel has had its first answer. 0, or -errno after a sentence: what could not be mounted left
 * nothing behind, and what was could not be written. */
int session_run(struct mount *mount, void (*answers)(void));

/* The kernel asks who is there (FUSE_INIT). */
void session_begins(void *context, struct fuse_conn_info *connection);

#endif
