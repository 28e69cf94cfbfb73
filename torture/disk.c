/* Handles, names, files and flushes of the disk in memory. See disk.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <quire/error.h>

#include "torture/disk_internal.h"
#include "torture/schedule.h"

enum { FIRST_HANDLE = 10000, DEVICE = 77, FOLDER_INODE = 1, FIRST_INODE = 100, MTIME_STEP = 1000 };

/* Numbers that no handle of the system has, so that one of either kind is not taken for the other. */
static int number_of(const struct torture_disk *disk, const struct disk_handle *handle)
{
    return FIRST_HANDLE + (int)(handle - disk->handles);
}

struct disk_handle *disk_handle_of(struct torture_disk *disk, int file)
{
    int i = file - FIRST_HANDLE;

    if (i < 0 || i >= DISK_HANDLES || disk->handles[i].kind == DISK_FREE) {
        disk_complain(disk, "a handle that is not open was used");
        return NULL;
    }
    return &disk->handles[i];
}

void disk_complain(struct torture_disk *disk, const char *what)
{
    if (!disk->complaint)
        disk->complaint = what;
}

struct torture_event *disk_note(struct torture_disk *disk, enum torture_kind kind, uint32_t file)
{
    static _Thread_local struct torture_event forgotten;

    return disk->trace ? torture_trace_add(disk->trace, kind, file) : &forgotten;
}

static const unsigned char *keep(struct torture_disk *disk, const void *data, uint64_t length)
{
    if (disk->trace)
        return torture_trace_keep(disk->trace, data, length);
    unsigned char *copy = torture_arena_take(&disk->arena, length);
    return copy ? memcpy(copy, data, length) : NULL;
}

static int resize(struct torture_disk *disk, uint32_t file, uint64_t size)
{
    if (size == disk->image.files[file].size)
        return 0;
    disk_cut_maps(disk, file, size);
    disk_note(disk, TORTURE_SIZE, file)->length = size;
    return torture_image_resize(&disk->image, file, size) ? 0 : -ENOSPC;
}

int disk_store(struct torture_disk *disk, uint32_t file, uint64_t offset, uint64_t length, const void *data,
               bool is_done, uint64_t *event)
{
    const unsigned char *kept = keep(disk, data, length);
    int rc = kept ? 0 : -ENOSPC;

    if (rc == 0 && offset + length > disk->image.files[file].size)
        rc = resize(disk, file, offset + length);
    if (rc < 0)
        return rc;
    uint64_t number = disk->trace ? disk->trace->count : 0;
    struct torture_event *write = disk_note(disk, TORTURE_WRITE, file);
    write->offset = offset;
    write->length = length;
    write->data = kept;
    write->done = is_done ? number + 1 : UINT64_MAX;
    if (event)
        *event = number;
    return torture_image_write(&disk->image, file, offset, length, kept, TORTURE_ALL) ? 0 : -ENOSPC;
}

/* The name within the directory. NULL: path is not in it, or is the directory itself (*is_folder). */
static const char *name_in(const char *path, bool *is_folder)
{
    size_t length = strlen(TORTURE_DIRECTORY);

    *is_folder = strcmp(path, TORTURE_DIRECTORY) == 0;
    if (*is_folder || strncmp(path, TORTURE_DIRECTORY "/", length + 1) != 0)
        return NULL;
    return path + length + 1;
}

static void copy_name(char *to, const char *name)
{
    strncpy(to, name, TORTURE_NAME_MOST - 1);
}

static int make_file(struct torture_disk *disk, const char *name, uint32_t *file)
{
    uint32_t new_file = strlen(name) < TORTURE_NAME_MOST ? torture_image_new_file(&disk->image) : TORTURE_NO_FILE;

    if (new_file == TORTURE_NO_FILE || !torture_image_bind(&disk->image, name, new_file)) {
        disk->is_full = true;
        disk_complain(disk, "too many files, or too long a name, for this disk");
        return -ENOSPC;
    }
    copy_name(disk_note(disk, TORTURE_BIND, new_file)->name, name);
    disk->changes++;
    *file = new_file;
    return 0;
}

static int find_or_make(struct torture_disk *disk, const char *name, unsigned how, uint32_t *file)
{
    uint32_t found = torture_image_find(&disk->image, name);

    if (!disk->image.directory)
        return -ENOENT;
    if (found == TORTURE_NO_FILE)
        return how & QUIRE__IO_CREATE ? make_file(disk, name, file) : -ENOENT;
    if (how & QUIRE__IO_EXCLUSIVE)
        return -EEXIST;
    *file = found;
    return 0;
}

static int open_handle(struct torture_disk *disk, struct disk_handle opened, int *file)
{
    for (int i = 0; i < DISK_HANDLES; i++)
        if (disk->handles[i].kind == DISK_FREE) {
            disk->handles[i] = opened;
            *file = number_of(disk, &disk->handles[i]);
            return 0;
        }
    return -EMFILE;
}

/* Every operation begins here: others may go on before it does. */
static struct torture_disk *enter(struct quire__io *io)
{
    struct torture_disk *disk = (struct torture_disk *)io;

    torture_schedule_pause();
    disk_notice_stores(disk);
    return disk;
}

static int disk_open(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    struct torture_disk *disk = enter(io);
    struct disk_handle opened = {.kind = DISK_FILE};
    bool is_folder;
    const char *name = name_in(path, &is_folder);
    int rc = 0;

    (void)mode;
    if (is_folder) {
        opened.kind = DISK_FOLDER;
        rc = disk->image.directory ? 0 : -ENOENT;
    } else {
        rc = name ? find_or_make(disk, name, how, &opened.file) : -ENOENT;
    }
    if (rc == 0)
        rc = open_handle(disk, opened, file);
    return rc;
}

static int disk_close(struct quire__io *io, int file)
{
    struct torture_disk *disk = enter(io);
    struct disk_handle *handle = disk_handle_of(disk, file);

    if (handle)
        *handle = (struct disk_handle){.kind = DISK_FREE};
    return handle ? 0 : -EBADF;
}

static int disk_unlink(struct quire__io *io, const char *path)
{
    struct torture_disk *disk = enter(io);
    bool is_folder;
    const char *name = name_in(path, &is_folder);
    uint32_t file = name ? torture_image_find(&disk->image, name) : TORTURE_NO_FILE;

    if (file == TORTURE_NO_FILE)
        return -ENOENT;
    copy_name(disk_note(disk, TORTURE_UNLINK, file)->name, name);
    torture_image_unbind(&disk->image, name);
    disk->changes++;
    return 0;
}

static int disk_rename(struct quire__io *io, const char *from, const char *to)
{
    struct torture_disk *disk = enter(io);
    bool is_folder;
    const char *old = name_in(from, &is_folder);
    const char *new_name = name_in(to, &is_folder);
    uint32_t file = old && new_name ? torture_image_find(&disk->image, old) : TORTURE_NO_FILE;

    if (file == TORTURE_NO_FILE)
        return -ENOENT;
    struct torture_event *event = disk_note(disk, TORTURE_RENAME, file);
    copy_name(event->name, old);
    copy_name(event->to, new_name);
    torture_image_unbind(&disk->image, old);
    torture_image_bind(&disk->image, new_name, file); /* where the old name was there is room for the new one */
    disk->changes++;
    return 0;
}

static int disk_make_directory(struct quire__io *io, const char *path, uint32_t mode)
{
    struct torture_disk *disk = enter(io);
    bool is_folder;
    int rc = 0;

    (void)mode;
    name_in(path, &is_folder);
    if (!is_folder)
        rc = -ENOENT;
    else if (disk->image.directory)
        rc = -EEXIST;
    else
        disk_note(disk, TORTURE_MAKE_DIRECTORY, TORTURE_NO_FILE);
    disk->image.directory |= is_folder;
    return rc;
}

static int disk_list(struct quire__io *io, const char *path, int (*see)(void *context, const char *name), void *context)
{
    struct torture_disk *disk = enter(io);
    char names[TORTURE_NAMES][TORTURE_NAME_MOST];
    uint32_t count = 0;
    bool is_folder;

    name_in(path, &is_folder);
    if (!is_folder || !disk->image.directory)
        return -ENOENT;
    for (uint32_t i = 0; i < disk->image.name_count; i++)
        if (disk->image.names[i].file != TORTURE_NO_FILE)
            memcpy(names[count++], disk->image.names[i].text, TORTURE_NAME_MOST);
    int rc = 0;
    for (uint32_t i = 0; i < count && rc == 0; i++)
        rc = see(context, names[i]);
    return rc;
}

static int disk_free_space(struct quire__io *io, const char *path, uint64_t *bytes)
{
    (void)io;
    (void)path;
    *bytes = UINT64_C(1) << 40;
    return 0;
}

static int disk_lock(struct quire__io *io, int file)
{
    struct torture_disk *disk = enter(io);
    struct disk_handle *handle = disk_handle_of(disk, file);
    int rc = handle ? 0 : -EBADF;

    for (int i = 0; i < DISK_HANDLES && rc == 0; i++)
        if (disk->handles[i].locks && disk->handles[i].kind == handle->kind && disk->handles[i].file == handle->file)
            rc = QUIRE_E_LOCKED;
    if (rc == 0)
        handle->locks = true;
    return rc;
}

static int disk_facts(struct quire__io *io, int file, struct quire__io_facts *facts)
{
    struct torture_disk *disk = enter(io);
    const struct disk_handle *handle = disk_handle_of(disk, file);

    if (!handle)
        return -EBADF;
    bool is_folder = handle->kind == DISK_FOLDER;
    *facts = (struct quire__io_facts){
        .kind = is_folder ? QUIRE__IO_DIRECTORY : QUIRE__IO_REGULAR,
        .size = is_folder ? 0 : disk->image.files[handle->file].size,
        .device = DEVICE,
        .inode = is_folder ? FOLDER_INODE : FIRST_INODE + handle->file,
        .changed = (disk->changes + 1) * MTIME_STEP,
        .memory_align = DISK_ALIGN,
        .offset_align = DISK_ALIGN,
    };
    return 0;
}

static int disk_identify(struct quire__io *io, const char *path, uint64_t *device, uint64_t *inode)
{
    struct torture_disk *disk = enter(io);
    bool is_folder;
    const char *name = name_in(path, &is_folder);
    uint32_t file = name ? torture_image_find(&disk->image, name) : TORTURE_NO_FILE;

    if (is_folder ? !disk->image.directory : file == TORTURE_NO_FILE)
        return -ENOENT;
    *device = DEVICE;
    *inode = is_folder ? FOLDER_INODE : FIRST_INODE + file;
    return 0;
}

static int disk_allocate(struct quire__io *io, int file, uint64_t offset, uint64_t length, bool grow)
{
    struct torture_disk *disk = enter(io);
    const struct disk_handle *handle = disk_handle_of(disk, file);
    int rc = handle ? 0 : -EBADF;

    if (rc == 0 && grow && offset + length > disk->image.files[handle->file].size)
        rc = resize(disk, handle->file, offset + length);
    return rc;
}

static int disk_truncate(struct quire__io *io, int file, uint64_t length)
{
    struct torture_disk *disk = enter(io);
    const struct disk_handle *handle = disk_handle_of(disk, file);

    return handle ? resize(disk, handle->file, length) : -EBADF;
}

static int disk_write(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                      uint64_t *written)
{
    struct torture_disk *disk = enter(io);
    const struct disk_handle *handle = disk_handle_of(disk, file);
    int rc = handle ? disk_meets_fault(disk, TORTURE_FAIL_WRITE) : -EBADF;

    if (handle && rc < 0)
        disk_store_some(disk, handle->file, offset, length, from);
    if (rc == 0)
        rc = disk_store(disk, handle->file, offset, length, from, true, NULL);
    if (rc == 0)
        *written = length;
    return rc;
}

/* A moment in which a flush is under way. */
static void linger(struct torture_disk *disk)
{
    torture_schedule_yield();
    disk_notice_stores(disk);
}

static int disk_write_durably(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                              uint64_t *written)
{
    struct torture_disk *disk = enter(io);
    struct disk_handle *handle = disk_handle_of(disk, file);
    uint64_t event = 0;
    int rc = handle ? disk_store(disk, handle->file, offset, length, from, true, &event) : -EBADF;

    if (rc < 0)
        return rc;
    uint32_t number = handle->file;
    linger(disk);
    rc = disk_meets_failing_flush(disk, handle);
    if (rc < 0) {
        disk_note(disk, TORTURE_SYNC_FAILED, number)->until = event + 1;
        return rc;
    }
    disk_note(disk, TORTURE_SYNC_WRITE, number)->until = event;
    *written = length;
    return 0;
}

static int disk_read(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got)
{
    struct torture_disk *disk = enter(io);
    const struct disk_handle *handle = disk_handle_of(disk, file);

    if (handle)
        *got = torture_image_read(&disk->image, handle->file, offset, length, to);
    return handle ? 0 : -EBADF;
}

static int disk_sync(struct quire__io *io, int file)
{
    struct torture_disk *disk = enter(io);
    struct disk_handle *handle = disk_handle_of(disk, file);

    if (!handle)
        return -EBADF;
    enum torture_kind kind = handle->kind == DISK_FOLDER ? TORTURE_SYNC_DIRECTORY : TORTURE_SYNC;
    uint32_t number = handle->file;
    uint64_t until = disk->trace ? disk->trace->count : 0;
    linger(disk);
    int rc = kind == TORTURE_SYNC ? disk_meets_failing_flush(disk, handle) : 0;
    disk_note(disk, rc < 0 ? TORTURE_SYNC_FAILED : kind, number)->until = until;
    return rc;
}

static int disk_sync_directory(struct quire__io *io, const char *path)
{
    struct torture_disk *disk = enter(io);
    uint64_t until = disk->trace ? disk->trace->count : 0;
    bool is_folder;

    name_in(path, &is_folder);
    linger(disk);
    disk_note(disk, is_folder ? TORTURE_SYNC_PARENT : TORTURE_SYNC_DIRECTORY, TORTURE_NO_FILE)->until = until;
    return 0;
}

static int disk_nothing(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    (void)io;
    (void)file;
    (void)offset;
    (void)length;
    return 0;
}

static const struct quire__io_ops disk_ops = {
    .open = disk_open,
    .close = disk_close,
    .unlink = disk_unlink,
    .rename = disk_rename,
    .make_directory = disk_make_directory,
    .list = disk_list,
    .free_space = disk_free_space,
    .lock = disk_lock,
    .facts = disk_facts,
    .identify = disk_identify,
    .allocate = disk_allocate,
    .truncate = disk_truncate,
    .write = disk_write,
    .write_durably = disk_write_durably,
    .read = disk_read,
    .sync = disk_sync,
    .sync_directory = disk_sync_directory,
    .start_writeback = disk_nothing,
    .drop_cache = disk_nothing,
    .map = disk_map,
    .populate = disk_populate,
    .unmap = disk_unmap,
    .queue_open = disk_queue_open,
};

struct torture_disk *torture_disk_new(const struct torture_image *image, struct torture_trace *trace, uint64_t seed)
{
    struct torture_disk *disk = calloc(1, sizeof *disk);

    if (!disk)
        return NULL;
    disk->io.ops = &disk_ops;
    disk->trace = trace;
    disk->random = seed;
    torture_image_copy(&disk->image, image, trace ? &trace->arena : &disk->arena);
    return disk;
}

uint64_t torture_disk_free(struct torture_disk *disk)
{
    uint64_t left = disk->queues;

    for (int i = 0; i < DISK_HANDLES; i++)
        left += disk->handles[i].kind != DISK_FREE;
    for (int i = 0; i < DISK_MAPS; i++)
        left += disk->maps[i].memory != NULL;
    torture_arena_free(&disk->arena);
    free(disk);
    return left;
}

void torture_disk_copy(struct torture_disk *disk, struct torture_image *copy, struct torture_arena *arena)
{
    disk_notice_stores(disk);
    torture_image_copy(copy, &disk->image, arena);
    /* Lists of pages are shared from here on, so neither may be changed in place. */
    for (uint32_t i = 0; i < disk->image.file_count; i++)
        disk->image.files[i].owned = false;
}

struct quire__io *torture_disk_io(struct torture_disk *disk)
{
    return &disk->io;
}

void torture_disk_mark(struct torture_disk *disk, uint64_t durable, uint64_t begun)
{
    enter(&disk->io);
    struct torture_event *mark = disk_note(disk, TORTURE_MARK, TORTURE_NO_FILE);
    mark->durable = durable;
    mark->begun = begun;
}

const char *torture_disk_complaint(struct torture_disk *disk)
{
    return disk->complaint;
}

bool torture_disk_is_full(const struct torture_disk *disk)
{
    return disk->is_full;
}
