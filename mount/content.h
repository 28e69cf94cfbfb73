/* The seam between the tree of a mount and how the bytes of its files are kept: one table of operations for each way.
 *
 * All that has a name is common: names.c, directories.c and attributes.c serve directories, links and attributes by
 * system calls on BACKING. What a regular file of the mount is there, and how it is read and appended to, is the content's
 * business: plain.c has a file for it. A content may have a directory instead, called like the file with a suffix behind.
 *
 * Every operation is called by any thread, for one file also by several at once; node->lock and node->state are the
 * content's own. The kernel sends the writes of one file one after the other, unless --writeback was asked. Errors are
 * -errno, and are what the caller of the system call gets. What may be NULL says so.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_CONTENT_H
#define MOUNT_CONTENT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct mount;
struct node;

/* A name in a directory, and what is there in BACKING. names.c finds it. */
struct place {
    int parent;              /* descriptor of the directory in BACKING */
    const char *name;        /* as the mount has it, and BACKING too unless it is a file of the content's */
    char file[NAME_MAX + 1]; /* name and suffix: what a file of the content's is called in BACKING; "": too long */
    bool is_there, is_file;  /* something is; it is a file of the content's and is called `file`, not `name` */
    struct stat st;          /* of what is there */
};

/* What is there is called so in BACKING. */
static inline const char *place_backing(const struct place *place)
{
    return place->is_file ? place->file : place->name;
}

/* An open file: what open() made in the caller. It ends with release. */
struct file {
    struct node *node;
    int flags;                 /* of open: the access mode, O_APPEND, O_SYNC and the like */
    int fd;                    /* the content's, -1 until it sets it; the kernel is led to it in passthrough */
    bool passes;               /* the kernel goes to fd by itself */
    bool is_direct;            /* past the kernel's page cache */
    uint64_t failures_seen;    /* the content's: of the node's failures, how many this file's caller was told of */
    void *state;               /* the content's */
    struct file *next, **link; /* files.c's: all that are open */
};

/* One write of the kernel's. */
struct writing {
    const void *bytes;
    size_t size;
    off_t offset; /* with O_APPEND: where the kernel believes the end to be */
    int flags;    /* O_APPEND, O_DSYNC: as they are for this write, whatever they were at open */
    bool is_late; /* --writeback: a page from the cache; file is any that the kernel found */
};

struct content {
    /* "": a regular file of the same name. ".quire": a directory NAME.quire is the file NAME; other names may not end so,
     * and regular files, which are there as well, are shown and can only be read. */
    const char *suffix;
    /* NULL, or names in the root of BACKING that the mount does not have; NULL behind the last. */
    const char *const *hidden;

    /* Once, before there is a mount (a failure says why), and after the last one, when every file was released; stop leaves everything durable.
     * May be NULL. */
    int (*start)(struct mount *mount);
    int (*stop)(struct mount *mount);

    /* Makes the file place->file, which is not there (else -EEXIST), with this mode; the owner is set afterwards, by the
     * caller, and the mode once more. *fd: a descriptor of it, which the next open gets. flags: as those of open. */
    int (*create)(struct mount *mount, const struct place *place, mode_t mode, int flags, int *fd);
    /* Takes a file of the content's away; node: NULL, or what is known of it: it may be open, and then stays readable and
     * writable. NULL: unlinkat. */
    int (*remove)(struct mount *mount, const struct place *place, struct node *node);
    /* Called if either is a file of the content's; flags: RENAME_NOREPLACE, RENAME_EXCHANGE. replaced: NULL, or the node
     * of what is at `to`. NULL: renameat2. */
    int (*rename)(struct mount *mount, const struct place *from, const struct place *to, unsigned flags,
                  struct node *replaced);

    /* st is what fstatat said of node->fd; it becomes what the file looks like: type, size, times. */
    int (*attributes)(struct mount *mount, struct node *node, struct stat *st);
    /* file: NULL, or the open one that ftruncate was called on. */
    int (*truncate)(struct mount *mount, struct node *node, struct file *file, off_t length);
    /* The mode in BACKING of a file that looks like this. NULL: the same. */
    mode_t (*backing_mode)(mode_t mode);
    /* As utimensat has them. NULL: those of node->fd. */
    int (*times)(struct mount *mount, struct node *node, const struct timespec times[2]);

    /* fd: what create gave, now this operation's to keep or close, or -1: node->fd can be opened by node_reopen. file has
     * its node and flags, never with O_CREAT, O_EXCL or O_TRUNC. Fails: nothing is left open. */
    int (*open)(struct mount *mount, struct file *file, int fd);
    /* Bytes read, fewer only at the end. */
    ssize_t (*read)(struct mount *mount, struct file *file, void *bytes, size_t size, off_t offset);
    /* Bytes taken. Where an append went does not matter to the kernel: it asks for the size anew before it reads. */
    ssize_t (*write)(struct mount *mount, struct file *file, const struct writing *writing);
    /* At each close() of a descriptor. */
    int (*flush)(struct mount *mount, struct file *file);
    /* fsync, or fdatasync. */
    int (*fsync)(struct mount *mount, struct file *file, bool only_data);
    /* The last descriptor was closed, or the mount ends. */
    void (*release)(struct mount *mount, struct file *file);

    /* What was gathered goes to BACKING: --flush ms after later_ask(mount, node), by a thread of its own, or at the end,
     * before files are released. May be NULL if that is never called. */
    void (*settle)(struct mount *mount, struct node *node);
    /* The node is no longer known: node->state goes. May be NULL. */
    void (*forget)(struct mount *mount, struct node *node);

    /* As fallocate and lseek (SEEK_DATA, SEEK_HOLE) have them. May be NULL. */
    int (*allocate)(struct mount *mount, struct file *file, int mode, off_t offset, off_t length);
    off_t (*seek)(struct mount *mount, struct file *file, off_t offset, int whence);
};

/* plain.c: a regular file for each, also what passthrough leads the kernel to. */
extern const struct content content_plain;

/* log.c: a log for each, of pieces. */
extern const struct content content_log;

#endif
