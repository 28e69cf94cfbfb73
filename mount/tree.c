/* The nodes of a mount, in a table. See tree.h.
 *
 * SPDX-License-Identifier: MIT */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "durable.h"
#include "mount.h"

/* The kernel's numbers: 1 is the root by its protocol, the others are addresses, which are never so small. */
enum { ROOT = 1, STATISTICS = 2, BUCKETS_AT_FIRST = 1024 };

static void node_init(struct node *node, int fd, const struct stat *st, mode_t type)
{
    *node = (struct node){.device = st->st_dev, .inode = st->st_ino, .holds = 1, .fd = fd, .type = type};
    pthread_mutex_init(&node->lock, NULL);
}

static void node_end(struct mount *mount, struct node *node)
{
    durable_forget(mount, node);
    if (node->content && node->content->forget)
        node->content->forget(mount, node);
    pthread_mutex_destroy(&node->lock);
    if (node->fd >= 0)
        close(node->fd);
}

int tree_init(struct mount *mount, int backing)
{
    struct tree *tree = &mount->tree;
    struct stat st;

    if (fstat(backing, &st) != 0)
        return -errno;
    int fd = fcntl(backing, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    tree->buckets = calloc(BUCKETS_AT_FIRST, sizeof(struct node *));
    if (!tree->buckets) {
        close(fd);
        return -ENOMEM;
    }
    tree->bucket_count = BUCKETS_AT_FIRST;
    tree->node_count = 0;
    pthread_mutex_init(&tree->lock, NULL);
    node_init(&tree->root, fd, &st, S_IFDIR);
    node_init(&tree->statistics, -1, &st, S_IFREG);
    return 0;
}

void tree_free(struct mount *mount)
{
    struct tree *tree = &mount->tree;

    for (size_t i = 0; i < tree->bucket_count; i++)
        for (struct node *node = tree->buckets[i], *next; node; node = next) {
            next = node->next;
            node_end(mount, node);
            free(node);
        }
    free(tree->buckets);
    node_end(mount, &tree->root);
    node_end(mount, &tree->statistics);
    pthread_mutex_destroy(&tree->lock);
}

struct node *tree_node(struct mount *mount, uint64_t number)
{
    if (number == ROOT)
        return &mount->tree.root;
    return number == STATISTICS ? &mount->tree.statistics : (struct node *)(uintptr_t)number;
}

uint64_t tree_number(const struct mount *mount, const struct node *node)
{
    if (node == &mount->tree.root)
        return ROOT;
    return node == &mount->tree.statistics ? STATISTICS : (uint64_t)(uintptr_t)node;
}

static size_t bucket_of(const struct tree *tree, dev_t device, ino_t inode)
{
    /* Inodes that follow each other, as they mostly do, fill the buckets evenly. */
    return (size_t)((uint64_t)inode ^ (uint64_t)device << 20) & (tree->bucket_count - 1);
}

static struct node *find_locked(struct tree *tree, const struct stat *st)
{
    if (tree->root.device == st->st_dev && tree->root.inode == st->st_ino)
        return &tree->root;
    struct node *node = tree->buckets[bucket_of(tree, st->st_dev, st->st_ino)];
    while (node && (node->device != st->st_dev || node->inode != st->st_ino))
        node = node->next;
    return node;
}

/* As many buckets as nodes, at least. Without memory the lists grow instead. */
static void grow_locked(struct tree *tree)
{
    size_t count = tree->bucket_count;
    struct node **old = tree->buckets, **more = NULL;

    if (tree->node_count >= count)
        more = calloc(2 * count, sizeof(struct node *));
    if (!more)
        return;
    tree->buckets = more;
    tree->bucket_count = 2 * count;
    for (size_t i = 0; i < count; i++)
        for (struct node *node = old[i], *next; node; node = next) {
            struct node **bucket = &more[bucket_of(tree, node->device, node->inode)];
            next = node->next;
            node->next = *bucket;
            *bucket = node;
        }
    free(old);
}

static struct node *add_locked(struct mount *mount, int fd, const struct stat *st, bool is_file)
{
    struct tree *tree = &mount->tree;
    struct node *node = malloc(sizeof *node);

    if (!node)
        return NULL;
    node_init(node, fd, st, is_file ? S_IFREG : st->st_mode & S_IFMT);
    if (is_file)
        node->content = mount->content;
    else if (S_ISREG(st->st_mode)) {
        node->content = &content_plain;
        node->is_read_only = true;
    }
    grow_locked(tree);
    struct node **bucket = &tree->buckets[bucket_of(tree, st->st_dev, st->st_ino)];
    node->next = *bucket;
    *bucket = node;
    tree->node_count++;
    return node;
}

int tree_take(struct mount *mount, int fd, const struct stat *st, bool is_file, struct node **node)
{
    struct tree *tree = &mount->tree;

    pthread_mutex_lock(&tree->lock);
    struct node *known = find_locked(tree, st), *found = known ? known : add_locked(mount, fd, st, is_file);
    if (known)
        known->holds++;
    pthread_mutex_unlock(&tree->lock);
    if (known || !found)
        close(fd);
    if (!found)
        return -ENOMEM;
    *node = found;
    return 0;
}

struct node *tree_find(struct mount *mount, const struct stat *st)
{
    struct tree *tree = &mount->tree;

    pthread_mutex_lock(&tree->lock);
    struct node *node = find_locked(tree, st);
    if (node)
        node->holds++;
    pthread_mutex_unlock(&tree->lock);
    return node;
}

void tree_hold(struct mount *mount, struct node *node)
{
    pthread_mutex_lock(&mount->tree.lock);
    node->holds++;
    pthread_mutex_unlock(&mount->tree.lock);
}

static void take_out_locked(struct tree *tree, struct node *node)
{
    struct node **link = &tree->buckets[bucket_of(tree, node->device, node->inode)];

    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    tree->node_count--;
}

void tree_leave(struct mount *mount, struct node *node, uint64_t holds)
{
    struct tree *tree = &mount->tree;

    if (node == &tree->root || node == &tree->statistics)
        return;
    pthread_mutex_lock(&tree->lock);
    node->holds = node->holds > holds ? node->holds - holds : 0;
    bool is_last = node->holds == 0;
    if (is_last)
        take_out_locked(tree, node);
    pthread_mutex_unlock(&tree->lock);
    if (is_last) {
        node_end(mount, node);
        free(node);
    }
}

int node_reopen(const struct node *node, int flags)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof(int)];

    snprintf(path, sizeof path, "/proc/self/fd/%d", node->fd);
    int fd = open(path, (flags & ~O_NOFOLLOW) | O_CLOEXEC | O_NOCTTY);
    return fd >= 0 ? fd : -errno;
}

void tree_each_file(struct mount *mount, void (*call)(struct mount *mount, struct node *node))
{
    struct tree *tree = &mount->tree;

    for (size_t i = 0; i < tree->bucket_count; i++)
        for (struct node *node = tree->buckets[i]; node; node = node->next)
            if (node->content)
                call(mount, node);
}
