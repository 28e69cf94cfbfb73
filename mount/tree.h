/* The nodes of a mount: what the kernel knows of BACKING, by device and inode there. Each holds its object open (O_PATH),
 * so an inode is not given to another while the kernel still speaks of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_TREE_H
#define MOUNT_TREE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct content;
struct mount;

struct node {
    struct node *next; /* in its bucket */
    dev_t device;      /* of the object in BACKING */
    ino_t inode;
    uint64_t holds;                /* by the kernel's lookups and by requests under way; under the tree's lock */
    int fd;                        /* O_PATH */
    mode_t type;                   /* as the mount shows it: S_IFDIR, S_IFREG, ... */
    const struct content *content; /* of a regular file; else NULL */
    _Atomic bool is_unsynced;      /* durable.h's */
    bool is_read_only;             /* a regular file in BACKING where files are kept otherwise */

    pthread_mutex_t lock; /* the content's, of what follows */
    void *state;
    uint32_t files;    /* open */
    uint64_t failures; /* of writes that were acknowledged before, and of fsync: what fails once stays failed */
    int failure;       /* the first one, -errno; 0 again when no file is open */

    struct node *later_next; /* later.c's, under its lock */
    uint64_t later_at;       /* when; 0: not asked */

    int32_t passing_id; /* protocol.c's, under its lock: the kernel's name for what is behind the file; 0: none */
    uint32_t passing_users;

    uint32_t direct_files,
        cached_files; /* files.c's, under its lock: open past the kernel's page cache, and through it */
};

struct tree {
    pthread_mutex_t lock;
    struct node **buckets;
    size_t bucket_count, node_count; /* without the root */
    struct node root, statistics;    /* the directory, and .quire.stats */
};

/* backing: the descriptor that the root has. */
int tree_init(struct mount *mount, int backing);

/* Lets all nodes go, after the last request. */
void tree_free(struct mount *mount);

/* The node behind the number that the kernel gives. */
struct node *tree_node(struct mount *mount, uint64_t number);
uint64_t tree_number(const struct mount *mount, const struct node *node);

/* The node of an object; one more hold on it. fd: an O_PATH descriptor of it, the tree's now, also on failure. st: what
 * fstat says of it. is_file: a file of the content's. */
int tree_take(struct mount *mount, int fd, const struct stat *st, bool is_file, struct node **node);

/* One more hold on the node of this object, or NULL if the kernel does not know it. */
struct node *tree_find(struct mount *mount, const struct stat *st);

void tree_hold(struct mount *mount, struct node *node);

/* Fewer holds; the last one ends the node. */
void tree_leave(struct mount *mount, struct node *node, uint64_t holds);

/* Opens what a node stands for, with flags as of open. The descriptor or -errno. */
int node_reopen(const struct node *node, int flags);

/* Calls for each node that is a file. No other thread may use the tree. */
void tree_each_file(struct mount *mount, void (*call)(struct mount *mount, struct node *node));

#endif
