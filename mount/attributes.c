/* Attributes: asking for them and changing them; and the file system's numbers.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "durable.h"
#include "requests.h"

/* The size stays 0, as in /proc: the text is made when it is read. */
static void describe_statistics(const struct node *node, struct stat *st)
{
    memset(st, 0, sizeof *st);
    st->st_mode = S_IFREG | 0444;
    st->st_nlink = 1;
    st->st_ino = UINT64_MAX; /* no inode of BACKING, most likely */
    st->st_dev = node->device;
    clock_gettime(CLOCK_REALTIME, &st->st_mtim);
    st->st_atim = st->st_ctim = st->st_mtim;
}

int node_attributes(struct mount *mount, struct node *node, struct stat *st)
{
    if (node == &mount->tree.statistics) {
        describe_statistics(node, st);
        return 0;
    }
    if (fstatat(node->fd, "", st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
        return -errno;
    return node->content ? node->content->attributes(mount, node, st) : 0;
}

static void reply_attributes(fuse_req_t req, struct node *node)
{
    struct mount *mount = request_mount(req);
    struct stat st;

    int rc = node_attributes(mount, node, &st);
    if (rc == 0)
        fuse_reply_attr(req, &st, node == &mount->tree.statistics ? 0 : TOLD_FOR);
    else
        reply_code(req, rc);
}

void request_getattr(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
    struct node *node = request_node(req, number);

    (void)info;
    request_count_on(req, node, REQUEST_GETATTR);
    reply_attributes(req, node);
}

static int change_mode(const struct node *node, mode_t mode)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof(int)];

    if (node->content && node->content->backing_mode)
        mode = node->content->backing_mode(mode & 07777);
    snprintf(path, sizeof path, "/proc/self/fd/%d", node->fd);
    return chmod(path, mode & 07777) == 0 ? 0 : -errno;
}

int node_drop_set_ids(const struct node *node)
{
    struct stat st;

    if (fstat(node->fd, &st) != 0)
        return -errno;
    mode_t dropped = S_ISUID | (st.st_mode & S_IXGRP ? S_ISGID : 0);
    return S_ISREG(st.st_mode) && st.st_mode & dropped ? change_mode(node, st.st_mode & ~dropped) : 0;
}

static int change_owner(const struct node *node, const struct stat *wanted, int which)
{
    uid_t owner = which & FUSE_SET_ATTR_UID ? wanted->st_uid : (uid_t)-1;
    gid_t group = which & FUSE_SET_ATTR_GID ? wanted->st_gid : (gid_t)-1;

    return fchownat(node->fd, "", owner, group, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
}

static int change_length(struct mount *mount, struct node *node, off_t length, const struct fuse_file_info *info)
{
    struct file *file = info ? (struct file *)(uintptr_t)info->fh : NULL;

    if (node->is_read_only)
        return -EROFS;
    return node->content ? node->content->truncate(mount, node, file, length) : -EINVAL;
}

static int change_times(struct mount *mount, struct node *node, const struct stat *wanted, int which)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};

    if (which & FUSE_SET_ATTR_ATIME)
        times[0] = wanted->st_atim;
    if (which & FUSE_SET_ATTR_ATIME_NOW)
        times[0].tv_nsec = UTIME_NOW;
    if (which & FUSE_SET_ATTR_MTIME)
        times[1] = wanted->st_mtim;
    if (which & FUSE_SET_ATTR_MTIME_NOW)
        times[1].tv_nsec = UTIME_NOW;
    if (node->content && node->content->times)
        return node->content->times(mount, node, times);
    return utimensat(node->fd, "", times, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
}

void request_setattr(fuse_req_t req, fuse_ino_t number, struct stat *wanted, int which, struct fuse_file_info *info)
{
    struct mount *mount = request_mount(req);
    struct node *node = request_node(req, number);
    int rc = node == &mount->tree.statistics ? -EPERM : 0;
    const int owners = FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID;
    const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW;

    request_count(req, REQUEST_SETATTR);
    if (rc == 0)
        durable_mark(mount, node);
    /* The owner before the mode: a change of the owner takes bits of it away. The length before the times. */
    if (rc == 0 && which & owners)
        rc = change_owner(node, wanted, which);
    if (rc == 0 && which & FUSE_SET_ATTR_MODE)
        rc = change_mode(node, wanted->st_mode);
    if (rc == 0 && which & FUSE_SET_ATTR_SIZE)
        rc = change_length(mount, node, wanted->st_size, info);
    if (rc == 0 && which & times)
        rc = change_times(mount, node, wanted, which);
    if (rc == 0)
        reply_attributes(req, node);
    else
        reply_code(req, rc);
}

void request_statfs(fuse_req_t req, fuse_ino_t number)
{
    struct statvfs numbers;

    (void)number;
    request_count(req, REQUEST_OTHER);
    if (fstatvfs(request_mount(req)->backing, &numbers) == 0)
        fuse_reply_statfs(req, &numbers);
    else
        reply_code(req, -errno);
}
