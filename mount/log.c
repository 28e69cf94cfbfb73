/* The mode log: each file of the mount is a log in BACKING, whose records are pieces of the file.
 *
 * The log is opened for appending by the first writer and rests a while after the last one has gone, so that a shell loop
 * with >> does not open and close it for each line.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <quire/quire.h>

#include "later.h"
#include "log_file.h"
#include "log_names.h"

/* Logs that wait for a writer to come back. Each has two segments of disk ready, and its buffers. */
enum { LINGERERS_MOST = 8 };

/* A reader of one open file, which the threads that serve its reads take in turn. */
struct opening {
    struct log_file *file;
    struct bytes_reader *reader;
    pthread_mutex_t lock;
};

static bool writes(const struct file *file)
{
    return (file->flags & O_ACCMODE) != O_RDONLY;
}

static _Atomic uint64_t *lingerers(struct mount *mount)
{
    return &((struct log_mode *)mount->state)->lingerers;
}

static void begin_writing(struct mount *mount, struct node *node, struct log_file *file)
{
    pthread_mutex_lock(&node->lock);
    file->writers++;
    if (file->lingers)
        atomic_fetch_sub(lingerers(mount), 1);
    file->lingers = false;
    pthread_mutex_unlock(&node->lock);
}

/* True: the log may linger, for the next writer. */
static bool end_writing(struct mount *mount, struct node *node, struct log_file *file)
{
    pthread_mutex_lock(&node->lock);
    bool lingers = --file->writers > 0;
    if (!lingers && atomic_load(lingerers(mount)) < LINGERERS_MOST)
        lingers = file->lingers = true;
    if (file->lingers)
        atomic_fetch_add(lingerers(mount), 1);
    pthread_mutex_unlock(&node->lock);
    return lingers;
}

/* rc: of what nobody waits for. What there was no room for is kept, and tried again. */
static void finish_unasked(struct mount *mount, struct node *node, struct log_file *file, int rc)
{
    log_count_stored(mount, file);
    log_keep_times(node, file);
    if (rc == 0)
        return;
    statistics_add(&mount->statistics.errors, 1);
    log_errno(node, rc);
    if (rc == -ENOSPC || rc == -EDQUOT)
        later_ask(mount, node);
}

/* A log that was left by a crash is recovered before a byte is accepted; one that was just made, when one comes. */
static int open_log_file(struct mount *mount, struct node *node, const struct file *opened, bool is_made,
                         struct opening *opening)
{
    char path[LOG_PATH_TEXT];
    int rc = log_file_of(mount, node, &opening->file);

    if (rc < 0)
        return rc;
    if (opening->file->code < 0)
        return opening->file->code;
    if (is_made)
        opening->file->nameless = true;
    else if (writes(opened))
        rc = bytes_file_prepare(opening->file->bytes);
    else
        rc = bytes_file_refresh(opening->file->bytes);
    return rc < 0 ? rc : bytes_reader_open(log_path(node, path), &opening->reader);
}

static int log_open(struct mount *mount, struct file *file, int fd)
{
    struct opening *opening = calloc(1, sizeof *opening);
    int rc = -ENOMEM;

    if (opening)
        rc = open_log_file(mount, file->node, file, fd >= 0, opening);
    if (fd >= 0)
        close(fd);
    if (rc < 0) {
        free(opening);
        return log_errno(file->node, rc);
    }
    pthread_mutex_init(&opening->lock, NULL);
    file->state = opening;
    if (writes(file))
        begin_writing(mount, file->node, opening->file);
    return 0;
}

static void log_release(struct mount *mount, struct file *file)
{
    struct opening *opening = file->state;

    if (writes(file)) {
        if (end_writing(mount, file->node, opening->file))
            later_ask(mount, file->node);
        else
            finish_unasked(mount, file->node, opening->file, bytes_file_rest(opening->file->bytes));
    }
    bytes_reader_close(opening->reader);
    pthread_mutex_destroy(&opening->lock);
    free(opening);
}

static ssize_t log_read(struct mount *mount, struct file *file, void *bytes, size_t size, off_t offset)
{
    struct opening *opening = file->state;
    struct bytes_file *log = opening->file->bytes;
    uint64_t got = 0, end;
    bool cut_short;

    (void)mount;
    /* Before it is read, and after: somebody appends, or cuts it. */
    uint64_t begun = bytes_file_size(log, &cut_short);
    pthread_mutex_lock(&opening->lock);
    int rc = bytes_file_read(log, opening->reader, (uint64_t)offset, bytes, size, &got);
    pthread_mutex_unlock(&opening->lock);
    end = bytes_file_size(log, &cut_short);
    /* The kernel takes fewer bytes than it asked for as the end of the file: only there they may be fewer. */
    uint64_t reached = (uint64_t)offset + got;
    if (rc == 0 && got < size && ((reached < begun && reached < end) || cut_short))
        rc = QUIRE_E_DAMAGED;
    return rc < 0 ? log_errno(file->node, rc) : (ssize_t)got;
}

static void note_append(struct mount *mount, struct node *node, struct log_file *file)
{
    pthread_mutex_lock(&node->lock);
    file->has_times = false;
    file->fresh = true;
    pthread_mutex_unlock(&node->lock);
    later_ask(mount, node);
}

static ssize_t log_write(struct mount *mount, struct file *file, const struct writing *writing)
{
    struct opening *opening = file->state;
    struct log_file *log = opening->file;
    uint64_t at = writing->flags & O_APPEND ? BYTES_FILE_END : (uint64_t)writing->offset, accepted = 0;

    int rc = bytes_file_append(log->bytes, at, writing->bytes, writing->size, &accepted);
    if (rc < 0) {
        statistics_add(&mount->statistics.errors, rc == QUIRE_E_RANGE ? 0 : 1);
        return log_errno(file->node, rc);
    }
    note_append(mount, file->node, log);
    return (ssize_t)accepted;
}

/* Whether there is room for it is known then, so close() can say so. */
static int log_flush(struct mount *mount, struct file *file)
{
    struct opening *opening = file->state;

    (void)mount;
    return writes(file) ? log_errno(file->node, bytes_file_give(opening->file->bytes)) : 0;
}

/* The name of a file that was made has to be there after a power cut as well. */
static int sync_name(struct node *node, struct log_file *file)
{
    pthread_mutex_lock(&node->lock);
    bool nameless = file->nameless && !file->removed;
    pthread_mutex_unlock(&node->lock);
    if (!nameless)
        return 0;
    int parent = openat(node->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = parent < 0 || fsync(parent) < 0 ? -errno : 0;
    if (parent >= 0)
        close(parent);
    if (rc == 0) {
        pthread_mutex_lock(&node->lock);
        file->nameless = false;
        pthread_mutex_unlock(&node->lock);
    }
    return rc;
}

static int log_fsync(struct mount *mount, struct file *file, bool only_data)
{
    struct log_file *log = ((struct opening *)file->state)->file;

    (void)only_data;
    int rc = bytes_file_sync(log->bytes);
    log_count_stored(mount, log);
    if (rc == 0)
        rc = sync_name(file->node, log);
    statistics_add(rc < 0 ? &mount->statistics.errors : &mount->statistics.syncs, 1);
    return log_errno(file->node, rc);
}

static int log_truncate(struct mount *mount, struct node *node, struct file *file, off_t length)
{
    struct log_file *log;

    (void)file;
    int rc = log_file_of(mount, node, &log);
    if (rc == 0)
        rc = log->code;
    if (rc == 0)
        rc = bytes_file_truncate(log->bytes, (uint64_t)length);
    if (rc == 0)
        note_append(mount, node, log);
    return log_errno(node, rc);
}

/* Bytes on the device, in blocks of 512, and when it was appended to last. */
static void add_up_segments(const struct node *node, struct stat *st)
{
    int fd = node_reopen(node, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    struct stat part;

    if (!directory) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.' || fstatat(fd, entry->d_name, &part, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        st->st_blocks += part.st_blocks;
        if (strcmp(entry->d_name, "live.quire") == 0) {
            st->st_mtim = part.st_mtim;
            st->st_atim = part.st_atim;
        }
    }
    closedir(directory);
}

static int log_attributes(struct mount *mount, struct node *node, struct stat *st)
{
    struct log_file *file;
    bool cut_short;
    int rc = log_file_of(mount, node, &file);

    if (rc < 0)
        return rc;
    if (file->bytes)
        bytes_file_refresh(file->bytes); /* what it knew stays where that fails */
    st->st_mode = S_IFREG | (st->st_mode & 0666);
    st->st_nlink = 1;
    st->st_blksize = (blksize_t)(mount->settings.block_bytes ? mount->settings.block_bytes : BYTES_FILE_BLOCK);
    st->st_size = file->bytes ? (off_t)bytes_file_size(file->bytes, &cut_short) : 0;
    /* One byte more, which cannot be read: whoever reads on to the end is to hear that this is not all. */
    if (file->bytes && cut_short)
        st->st_size++;
    st->st_blocks = 0;
    add_up_segments(node, st);
    pthread_mutex_lock(&node->lock);
    if (file->has_times) {
        st->st_atim = file->times[0];
        st->st_mtim = file->times[1];
    }
    pthread_mutex_unlock(&node->lock);
    return 0;
}

static mode_t log_backing_mode(mode_t mode)
{
    return (mode & 0666) | (mode & 0444) >> 2;
}

static int log_times(struct mount *mount, struct node *node, const struct timespec times[2])
{
    struct log_file *file;
    int rc = log_file_of(mount, node, &file);

    if (rc == 0 && file->bytes)
        rc = bytes_file_flush(file->bytes);
    if (rc < 0)
        return log_errno(node, rc);
    pthread_mutex_lock(&node->lock);
    rc = log_set_times(node, times, file->times);
    file->has_times = rc == 0;
    pthread_mutex_unlock(&node->lock);
    return rc;
}

/* --flush ms after an append, and after the last writer has gone: rests if nothing came meanwhile. */
static void log_settle(struct mount *mount, struct node *node)
{
    struct log_file *file = node->state;

    pthread_mutex_lock(&node->lock);
    bool is_left = file->writers == 0, was_fresh = file->fresh;
    file->fresh = false;
    if (is_left && !was_fresh && file->lingers) {
        file->lingers = false;
        atomic_fetch_sub(lingerers(mount), 1);
    }
    pthread_mutex_unlock(&node->lock);
    bool rests = is_left && !was_fresh;
    finish_unasked(mount, node, file, rests ? bytes_file_rest(file->bytes) : bytes_file_flush(file->bytes));
    if (is_left && !rests)
        later_ask(mount, node);
}

static void log_forget(struct mount *mount, struct node *node)
{
    struct log_file *file = node->state;

    if (!file)
        return;
    if (file->lingers)
        atomic_fetch_sub(lingerers(mount), 1);
    if (file->bytes) {
        int rc = bytes_file_rest(file->bytes);
        log_count_stored(mount, file);
        log_keep_times(node, file);
        int closed = bytes_file_close(file->bytes);
        log_errno(node, rc < 0 ? rc : closed);
    }
    if (file->removed)
        log_names_delete(mount, node);
    free(file);
    node->state = NULL;
}

static int log_start(struct mount *mount)
{
    mount->state = calloc(1, sizeof(struct log_mode));
    if (!mount->state)
        return -ENOMEM;
    log_names_start(mount);
    return 0;
}

static void rest_at_end(struct mount *mount, struct node *node)
{
    struct log_mode *mode = mount->state;
    struct log_file *file = node->state;

    if (!file || !file->bytes)
        return;
    int rc = log_errno(node, bytes_file_rest(file->bytes));
    log_count_stored(mount, file);
    log_keep_times(node, file);
    file->lingers = false;
    if (file->removed)
        log_names_delete(mount, node);
    mode->failure = mode->failure < 0 ? mode->failure : rc;
}

/* No other thread is there any more. */
static int log_stop(struct mount *mount)
{
    struct log_mode *mode = mount->state;

    tree_each_file(mount, rest_at_end);
    log_names_stop(mount);
    int rc = mode->failure;
    free(mode);
    mount->state = NULL;
    return rc;
}

const struct content content_log = {
    .suffix = ".quire",
    .hidden = log_names_hidden,
    .start = log_start,
    .stop = log_stop,
    .create = log_names_create,
    .remove = log_names_remove,
    .rename = log_names_rename,
    .attributes = log_attributes,
    .truncate = log_truncate,
    .backing_mode = log_backing_mode,
    .times = log_times,
    .open = log_open,
    .read = log_read,
    .write = log_write,
    .flush = log_flush,
    .fsync = log_fsync,
    .release = log_release,
    .settle = log_settle,
    .forget = log_forget,
};
