/* A regular file in BACKING for each file: an append goes where the file ends then, so others may append straight to it
 * as well.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "durable.h"
#include "gather.h"

#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 0x20 /* Linux 6.9 */
#endif

static bool gathers(const struct mount *mount)
{
    return mount->settings.gather_bytes > 0;
}

/* With --writeback the kernel reads the pages that it writes to, and says itself where an append goes. */
static int backing_flags(const struct mount *mount, int flags)
{
    if (!mount->settings.writeback)
        return flags;
    if ((flags & O_ACCMODE) == O_WRONLY)
        flags = (flags & ~O_ACCMODE) | O_RDWR;
    return flags & ~O_APPEND;
}

static int plain_create(struct mount *mount, const struct place *place, mode_t mode, int flags, int *fd)
{
    /* O_TRUNC and the like have nothing to do in a new file. */
    int kept = flags & (O_ACCMODE | O_APPEND | O_SYNC | O_DSYNC);
    int made = openat(place->parent, place->file,
                      backing_flags(mount, kept) | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

    if (made < 0)
        return -errno;
    *fd = made;
    return 0;
}

static int plain_open(struct mount *mount, struct file *file, int fd)
{
    struct node *node = file->node;

    if (fd < 0)
        fd = node_reopen(node, backing_flags(mount, file->flags));
    if (fd < 0)
        return fd;
    file->fd = fd;
    pthread_mutex_lock(&node->lock);
    node->files++;
    file->failures_seen = node->failures;
    pthread_mutex_unlock(&node->lock);
    return 0;
}

static int plain_attributes(struct mount *mount, struct node *node, struct stat *st)
{
    if (!gathers(mount))
        return 0;
    pthread_mutex_lock(&node->lock);
    /* Once more: what was gathered may have been written in between. */
    int rc = fstatat(node->fd, "", st, AT_EMPTY_PATH) == 0 ? 0 : -errno;
    if (rc == 0)
        gather_attributes(node, st);
    pthread_mutex_unlock(&node->lock);
    return rc;
}

static void plain_settle(struct mount *mount, struct node *node)
{
    if (!gathers(mount))
        return;
    pthread_mutex_lock(&node->lock);
    gather_settle(mount, node);
    pthread_mutex_unlock(&node->lock);
}

static int plain_truncate(struct mount *mount, struct node *node, struct file *file, off_t length)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof(int)];

    plain_settle(mount, node);
    durable_mark(mount, node);
    if (file && (file->flags & O_ACCMODE) != O_RDONLY)
        return ftruncate(file->fd, length) == 0 ? 0 : -errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", node->fd);
    return truncate(path, length) == 0 ? 0 : -errno;
}

static int plain_times(struct mount *mount, struct node *node, const struct timespec times[2])
{
    /* What is written afterwards would change them again. */
    plain_settle(mount, node);
    return utimensat(node->fd, "", times, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
}

static ssize_t plain_read(struct mount *mount, struct file *file, void *bytes, size_t size, off_t offset)
{
    size_t done = 0;

    if (gathers(mount)) {
        pthread_mutex_lock(&file->node->lock);
        gather_settle_before(mount, file->node, offset + (off_t)size);
        pthread_mutex_unlock(&file->node->lock);
    }
    /* The kernel takes fewer bytes for the end. */
    while (done < size) {
        ssize_t count = pread(file->fd, (char *)bytes + done, size - done, offset + (off_t)done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && done == 0)
            return -errno;
        if (count <= 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

/* The write was refused and nothing of it taken: all is said by that. Anything else leaves it open what was lost. */
static bool is_refusal(int code)
{
    return code == -ENOSPC || code == -EDQUOT || code == -EFBIG || code == -EINVAL || code == -EPERM ||
           code == -ETXTBSY || code == -EROFS || code == -EOPNOTSUPP;
}

static void fail(struct mount *mount, struct node *node, int code)
{
    statistics_add(&mount->statistics.errors, 1);
    pthread_mutex_lock(&node->lock);
    node->failure = node->failure ? node->failure : code;
    pthread_mutex_unlock(&node->lock);
}

/* O_APPEND and O_DSYNC are those of the write, which fcntl or RWF_... may have made others than those of open. */
static ssize_t write_straight(struct mount *mount, struct file *file, const struct writing *writing)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)writing->bytes, .iov_len = writing->size};
    bool is_append = writing->flags & O_APPEND && !mount->settings.writeback;
    bool is_opened_so = backing_flags(mount, file->flags) & O_APPEND;
    int flags = is_append && !is_opened_so ? RWF_APPEND : 0;
    ssize_t count;

    if (!is_append && is_opened_so)
        flags |= RWF_NOAPPEND;
    if (writing->flags & O_DSYNC && !(file->flags & O_DSYNC))
        flags |= RWF_DSYNC;
    do
        count = flags ? pwritev2(file->fd, &piece, 1, writing->offset, flags)
                      : pwrite(file->fd, writing->bytes, writing->size, writing->offset);
    while (count < 0 && errno == EINTR);
    int rc = count < 0 ? -errno : 0;
    if (rc < 0 && (writing->is_late || !is_refusal(rc)))
        fail(mount, file->node, rc);
    if (rc < 0)
        return rc;
    statistics_add(&mount->statistics.stored_bytes, (uint64_t)count);
    durable_mark(mount, file->node);
    return count;
}

/* What failed after it was acknowledged is said once to each open file. With the lock held. */
static int tell_failure(struct file *file)
{
    if (file->failures_seen == file->node->failures)
        return 0;
    file->failures_seen = file->node->failures;
    return file->node->failure;
}

static ssize_t plain_write(struct mount *mount, struct file *file, const struct writing *writing)
{
    struct node *node = file->node;

    if (!gathers(mount))
        return write_straight(mount, file, writing);
    pthread_mutex_lock(&node->lock);
    int rc = tell_failure(file);
    if (rc == 0) {
        rc = gather_take(mount, file, writing);
        if (rc < 0)
            rc = tell_failure(file);
    }
    pthread_mutex_unlock(&node->lock);
    if (rc == 0)
        return write_straight(mount, file, writing);
    return rc < 0 ? rc : (ssize_t)writing->size;
}

static int plain_flush(struct mount *mount, struct file *file)
{
    int rc = 0, fd;

    if (gathers(mount)) {
        pthread_mutex_lock(&file->node->lock);
        gather_settle(mount, file->node);
        rc = tell_failure(file);
        pthread_mutex_unlock(&file->node->lock);
    }
    /* Closing a copy is what has a network file system say what went wrong. */
    if (rc == 0 && (fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0)) >= 0 && close(fd) != 0 && errno != EINTR)
        rc = -errno;
    return rc;
}

static int plain_fsync(struct mount *mount, struct file *file, bool only_data)
{
    struct node *node = file->node;

    pthread_mutex_lock(&node->lock);
    gather_settle(mount, node);
    (void)tell_failure(file); /* it is told below */
    int rc = node->failure;
    pthread_mutex_unlock(&node->lock);
    if (rc < 0)
        return rc;
    statistics_add(&mount->statistics.syncs, 1);
    /* What the kernel passes through is not seen here: it may be more than this sync covers. */
    if (!mount->passes)
        durable_clear(mount, node);
    if ((only_data ? fdatasync(file->fd) : fsync(file->fd)) == 0)
        return 0;
    rc = -errno;
    fail(mount, node, rc);
    return rc;
}

/* What failed was told at flush, as far as anybody was there to hear it. */
static void plain_release(struct mount *mount, struct file *file)
{
    struct node *node = file->node;

    pthread_mutex_lock(&node->lock);
    if (--node->files == 0) {
        gather_settle(mount, node);
        gather_free(node);
        node->failure = 0;
    }
    pthread_mutex_unlock(&node->lock);
    close(file->fd);
}

static void plain_forget(struct mount *mount, struct node *node)
{
    (void)mount;
    gather_free(node);
}

static int plain_allocate(struct mount *mount, struct file *file, int mode, off_t offset, off_t length)
{
    plain_settle(mount, file->node);
    durable_mark(mount, file->node);
    return fallocate(file->fd, mode, offset, length) == 0 ? 0 : -errno;
}

static off_t plain_seek(struct mount *mount, struct file *file, off_t offset, int whence)
{
    plain_settle(mount, file->node);
    off_t at = lseek(file->fd, offset, whence);
    return at >= 0 ? at : -errno;
}

const struct content content_plain = {.suffix = "",
                                      .create = plain_create,
                                      .attributes = plain_attributes,
                                      .truncate = plain_truncate,
                                      .times = plain_times,
                                      .open = plain_open,
                                      .read = plain_read,
                                      .write = plain_write,
                                      .flush = plain_flush,
                                      .fsync = plain_fsync,
                                      .release = plain_release,
                                      .settle = plain_settle,
                                      .forget = plain_forget,
                                      .allocate = plain_allocate,
                                      .seek = plain_seek};
