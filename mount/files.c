/* Open files: the requests that reach them, and what is done around the content's operations.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "durable.h"
#include "protocol.h"
#include "requests.h"
#include "say.h"

static struct file *file_of(const struct fuse_file_info *info)
{
    return (struct file *)(uintptr_t)info->fh;
}

/* What open gets beside these was for the kernel. */
static int flags_of_open(int flags)
{
    return flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY | O_NOFOLLOW | O_DIRECT);
}

/* Through its page cache the kernel cuts a write in two where a page ends, and somebody who appends straight to BACKING
 * could come in between; and it copies once more. So what only writes goes past the cache. What reads the same file must do
 * so too then, as its pages would not learn of the writes; and if it was there first, the other one takes the cache. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of that, and of the list of open files */

static void choose_way(const struct mount *mount, struct file *file)
{
    struct node *node = file->node;
    bool only_writes = (file->flags & O_ACCMODE) == O_WRONLY;

    pthread_mutex_lock(&lock);
    file->is_direct =
        !mount->settings.writeback && (node->direct_files > 0 || (only_writes && node->cached_files == 0));
    if (file->is_direct)
        node->direct_files++;
    else
        node->cached_files++;
    pthread_mutex_unlock(&lock);
}

static void leave_way(const struct file *file)
{
    pthread_mutex_lock(&lock);
    if (file->is_direct)
        file->node->direct_files--;
    else
        file->node->cached_files--;
    pthread_mutex_unlock(&lock);
}

static struct file *new_file(struct mount *mount, struct node *node, int flags)
{
    struct file *file = calloc(1, sizeof *file);

    if (!file)
        return NULL;
    *file = (struct file){.node = node, .flags = flags_of_open(flags), .fd = -1};
    if (node->content)
        statistics_add(&mount->statistics.open_files, 1);
    return file;
}

static void free_file(struct mount *mount, struct file *file)
{
    if (file->node->content)
        atomic_fetch_sub_explicit(&mount->statistics.open_files, 1, memory_order_relaxed);
    free(file);
}

static void list(struct mount *mount, struct file *file)
{
    pthread_mutex_lock(&lock);
    file->next = mount->files;
    file->link = &mount->files;
    if (file->next)
        file->next->link = &file->next;
    mount->files = file;
    pthread_mutex_unlock(&lock);
}

static void unlist(const struct file *file)
{
    pthread_mutex_lock(&lock);
    *file->link = file->next;
    if (file->next)
        file->next->link = file->link;
    pthread_mutex_unlock(&lock);
}

/* fd: what create gave, or -1. */
static int open_file(struct mount *mount, struct node *node, int flags, int fd, struct file **opened)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    int rc = node->content ? 0 : -ENXIO;

    if (writes && (node->is_read_only || mount->is_read_only))
        rc = -EROFS;
    struct file *file = rc == 0 ? new_file(mount, node, flags) : NULL;
    if (!file) {
        if (fd >= 0)
            close(fd);
        return rc == 0 ? -ENOMEM : rc;
    }
    rc = node->content->open(mount, file, fd);
    if (rc < 0) {
        free_file(mount, file);
        return rc;
    }
    choose_way(mount, file);
    list(mount, file);
    *opened = file;
    return 0;
}

static void close_file(struct mount *mount, struct file *file)
{
    const struct content *content = file->node->content;

    unlist(file);
    if (file->passes)
        passing_end(mount, file->node);
    else if (content)
        leave_way(file);
    if (content)
        content->release(mount, file);
    else
        free(file->state); /* .quire.stats */
    free_file(mount, file);
}

void files_close_all(struct mount *mount)
{
    for (struct file *file = mount->files, *next; file; file = next) {
        next = file->next;
        close_file(mount, file);
    }
}

/* The kernel's number for what is behind the file, or 0: the daemon serves it. */
static int lead_kernel(struct mount *mount, const struct file *file)
{
    if (!mount->passes || file->fd < 0 || file->node->content != mount->content)
        return 0;
    int id = passing_begin(mount, file->node, file->fd);
    if (id > 0 && (file->flags & O_ACCMODE) != O_RDONLY)
        durable_mark(mount, file->node);
    if (id < 0 && !mount->why) {
        mount->why = "the kernel does not pass through to this file system";
        say("%s: %s; files of it are served by the daemon, as in plain mode", mount->why, strerror(-id));
    }
    return id > 0 ? id : 0;
}

/* entry: NULL, or of what was created. Nobody is there for the answer any more: the file is closed again. */
static void reply_opened(fuse_req_t req, const struct fuse_entry_param *entry, struct file *file,
                         struct fuse_file_info *info)
{
    struct mount *mount = request_mount(req);
    int id = lead_kernel(mount, file), rc;

    if (id > 0)
        leave_way(file);
    file->passes = id > 0;
    info->fh = (uintptr_t)file;
    info->direct_io = file->is_direct;
    if (id > 0)
        rc = entry ? passing_reply_create(req, entry, file, id) : passing_reply_open(req, file, id);
    else
        rc = entry ? fuse_reply_create(req, entry, info) : fuse_reply_open(req, info);
    if (rc == 0)
        return;
    struct node *node = file->node;
    close_file(mount, file);
    if (entry)
        tree_leave(mount, node, 1);
}

/* The counters as they are now. */
static void open_statistics(fuse_req_t req, struct fuse_file_info *info)
{
    struct mount *mount = request_mount(req);
    struct file *file = new_file(mount, &mount->tree.statistics, O_RDONLY);
    size_t length = 0;

    if (file)
        file->state = statistics_json(mount, &length);
    if (!file || !file->state) {
        if (file)
            free_file(mount, file);
        reply_code(req, -ENOMEM);
        return;
    }
    list(mount, file);
    info->direct_io = 1; /* its size is not what stat says */
    info->fh = (uintptr_t)file;
    if (fuse_reply_open(req, info) != 0)
        close_file(mount, file);
}

void request_open(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
    struct mount *mount = request_mount(req);
    struct node *node = request_node(req, number);
    struct file *file;

    request_count_on(req, node, REQUEST_OPEN);
    if (node == &mount->tree.statistics && (info->flags & O_ACCMODE) == O_RDONLY) {
        open_statistics(req, info);
        return;
    }
    int rc = node == &mount->tree.statistics ? -EACCES : open_file(mount, node, info->flags, -1, &file);
    if (rc == 0)
        reply_opened(req, NULL, file, info);
    else
        reply_code(req, rc);
}

/* Makes the file if it is not there: *fd is what the content gave then, else -1. */
static int make_or_find(struct mount *mount, const struct fuse_ctx *caller, struct node *directory, const char *name,
                        mode_t mode, int flags, struct place *place, int *fd)
{
    int made = -1, rc = place_check_new(mount, directory, name);

    if (rc == 0)
        rc = place_find(mount, directory, name, place);
    if (rc == 0 && !place->is_there) {
        rc = place->file[0] ? mount->content->create(mount, place, mode & 07777, flags, &made) : -ENAMETOOLONG;
        if (rc == 0) {
            durable_mark(mount, directory);
            place->is_there = place->is_file = true;
            rc = place_own(mount, place, made, caller, mode);
        }
        if (rc == -EEXIST) /* somebody was faster, straight in BACKING */
            rc = place_find(mount, directory, name, place);
    }
    if (rc == 0 && made < 0 && flags & O_EXCL)
        rc = -EEXIST;
    if (rc < 0 && made >= 0)
        close(made);
    else
        *fd = made;
    return rc;
}

int file_make(struct mount *mount, const struct fuse_ctx *caller, struct node *directory, const char *name, mode_t mode,
              struct fuse_entry_param *entry)
{
    struct place place;
    int fd = -1;

    int rc = make_or_find(mount, caller, directory, name, mode, O_WRONLY | O_EXCL, &place, &fd);
    if (rc < 0)
        return rc;
    close(fd);
    return place_enter(mount, &place, entry);
}

static int create_file(fuse_req_t req, struct node *directory, const char *name, mode_t mode, int flags,
                       struct fuse_entry_param *entry, struct file **file)
{
    struct mount *mount = request_mount(req);
    struct place place;
    int fd = -1;

    int rc = make_or_find(mount, fuse_req_ctx(req), directory, name, mode, flags, &place, &fd);
    if (rc < 0)
        return rc;
    bool was_there = fd < 0;
    rc = place_enter(mount, &place, entry);
    if (rc < 0) {
        if (fd >= 0)
            close(fd);
        return rc;
    }
    struct node *node = tree_node(mount, entry->ino);
    rc = open_file(mount, node, flags, fd, file);
    if (rc == 0 && was_there && flags & O_TRUNC && (rc = node->content->truncate(mount, node, *file, 0)) < 0)
        close_file(mount, *file);
    if (rc < 0)
        tree_leave(mount, node, 1);
    return rc;
}

void request_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info)
{
    struct fuse_entry_param entry;
    struct file *file;

    request_count(req, REQUEST_CREATE);
    int rc = create_file(req, request_node(req, parent), name, mode, info->flags, &entry, &file);
    if (rc == 0)
        reply_opened(req, &entry, file, info);
    else
        reply_code(req, rc);
}

/* Each thread keeps the memory that it reads into. */
static pthread_key_t memory_key;
static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

static void make_memory_key(void)
{
    /* Fails only where keys are used up: then there is no memory below, and reads say so. */
    (void)pthread_key_create(&memory_key, free);
}

static void *memory_of_thread(size_t size)
{
    pthread_once(&memory_once, make_memory_key);
    void *memory = pthread_getspecific(memory_key);
    if (memory || size > READ_MOST)
        return size > READ_MOST ? NULL : memory;
    memory = malloc(READ_MOST);
    if (memory && pthread_setspecific(memory_key, memory) != 0) {
        free(memory);
        memory = NULL;
    }
    return memory;
}

/* From memory of the thread's own: who reads may have closed the file before the answer's end. */
static void read_statistics(fuse_req_t req, const struct file *file, size_t size, off_t offset)
{
    const char *text = file->state;
    size_t length = strlen(text), at = offset < (off_t)length ? (size_t)offset : length;
    char *bytes = memory_of_thread(size);

    if (!bytes) {
        reply_code(req, -ENOMEM);
        return;
    }
    size = size < length - at ? size : length - at;
    memcpy(bytes, text + at, size);
    fuse_reply_buf(req, bytes, size);
}

void request_read(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *info)
{
    struct mount *mount = request_mount(req);
    struct file *file = file_of(info);

    (void)number;
    request_count_on(req, file->node, REQUEST_READ);
    if (file->node == &mount->tree.statistics) {
        read_statistics(req, file, size, offset);
        return;
    }
    void *bytes = memory_of_thread(size);
    ssize_t count = bytes ? file->node->content->read(mount, file, bytes, size, offset) : -ENOMEM;
    if (count < 0) {
        reply_code(req, (int)count);
        return;
    }
    statistics_add(&mount->statistics.read_bytes, (uint64_t)count);
    fuse_reply_buf(req, bytes, (size_t)count);
}

void request_write(fuse_req_t req, fuse_ino_t number, const char *bytes, size_t size, off_t offset,
                   struct fuse_file_info *info)
{
    struct mount *mount = request_mount(req);
    struct file *file = file_of(info);
    const struct writing writing = {
        .bytes = bytes, .size = size, .offset = offset, .flags = info->flags, .is_late = info->writepage};

    (void)number;
    request_count(req, REQUEST_WRITE);
    statistics_add(&mount->statistics.write_bytes, size);
    int rc = protocol_drops_set_ids() ? node_drop_set_ids(file->node) : 0;
    ssize_t count = rc == 0 ? file->node->content->write(mount, file, &writing) : rc;
    if (count < 0)
        reply_code(req, (int)count);
    else
        fuse_reply_write(req, (size_t)count);
}

void request_flush(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
    struct file *file = file_of(info);

    (void)number;
    request_count_on(req, file->node, REQUEST_FLUSH);
    reply_code(req, file->node->content ? file->node->content->flush(request_mount(req), file) : 0);
}

void request_fsync(fuse_req_t req, fuse_ino_t number, int only_data, struct fuse_file_info *info)
{
    struct file *file = file_of(info);

    (void)number;
    request_count_on(req, file->node, REQUEST_FSYNC);
    reply_code(req, file->node->content ? file->node->content->fsync(request_mount(req), file, only_data != 0) : 0);
}

void request_release(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
    struct file *file = file_of(info);

    (void)number;
    request_count_on(req, file->node, REQUEST_RELEASE);
    close_file(request_mount(req), file);
    reply_code(req, 0);
}

void request_fallocate(fuse_req_t req, fuse_ino_t number, int mode, off_t offset, off_t length,
                       struct fuse_file_info *info)
{
    struct file *file = file_of(info);
    const struct content *content = file->node->content;

    (void)number;
    request_count(req, REQUEST_OTHER);
    reply_code(req, content && content->allocate ? content->allocate(request_mount(req), file, mode, offset, length)
                                                 : -EOPNOTSUPP);
}

void request_lseek(fuse_req_t req, fuse_ino_t number, off_t offset, int whence, struct fuse_file_info *info)
{
    struct file *file = file_of(info);
    const struct content *content = file->node->content;

    (void)number;
    request_count(req, REQUEST_OTHER);
    off_t at = content && content->seek ? content->seek(request_mount(req), file, offset, whence) : -EOPNOTSUPP;
    if (at < 0)
        reply_code(req, (int)at);
    else
        fuse_reply_lseek(req, at);
}
