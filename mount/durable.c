/* What is not yet safe from a power cut. See durable.h.
 *
 * Syncing the whole file system would do as well, but waits for what anybody has written there, minutes on a slow disk. So
 * that is done only where it is less than syncing each, or something is no longer known.
 *
 * SPDX-License-Identifier: MIT */
#include "durable.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { MANY = 1000 };

void durable_forget(struct mount *mount, struct node *node)
{
    struct stat st;

    if (!node->is_unsynced)
        return;
    durable_clear(mount, node);
    /* What has no name needs no durability. */
    if (fstat(node->fd, &st) != 0 || st.st_nlink > 0)
        mount->is_unsynced_forgotten = true;
}

static int sync_node(const struct node *node)
{
    struct stat st;

    /* A link, a pipe or a device is in its directory, and must not be opened. */
    if (fstat(node->fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return 0;
    int fd = node_reopen(node, O_RDONLY | O_NONBLOCK);
    if (fd == -EACCES)
        fd = node_reopen(node, O_WRONLY | O_NONBLOCK);
    if (fd < 0)
        return fd;
    int rc = fsync(fd) == 0 ? 0 : -errno;
    close(fd);
    return rc;
}

static void sync_if_marked(struct mount *mount, struct node *node, int *rc)
{
    if (!node->is_unsynced)
        return;
    durable_clear(mount, node);
    int code = sync_node(node);
    *rc = *rc ? *rc : code;
}

int durable_sync(struct mount *mount)
{
    struct tree *tree = &mount->tree;
    int rc = 0;

    if (mount->is_read_only)
        return 0;
    if (mount->is_unsynced_forgotten || mount->unsynced > MANY)
        return syncfs(mount->backing) == 0 ? 0 : -errno;
    sync_if_marked(mount, &tree->root, &rc);
    for (size_t i = 0; i < tree->bucket_count; i++)
        for (struct node *node = tree->buckets[i]; node; node = node->next)
            sync_if_marked(mount, node, &rc);
    return rc;
}
