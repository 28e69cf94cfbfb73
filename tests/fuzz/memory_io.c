/* Names, files and handles of a directory in memory. See memory_io.h.
 *
 * SPDX-License-Identifier: MIT */
#include "memory_io.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <quire/error.h>

#include "log/segment.h"

enum { FIRST_HANDLE = 20000, DEVICE = 42, FOLDER_INODE = 7, FIRST_INODE = 100, MTIME_STEP = 1000, ROOM_KEPT = 1 << 18 };
#define FREE_SPACE (UINT64_C(1) << 40)

static struct memory_io *enter(struct quire__io *io)
{
    struct memory_io *memory = (struct memory_io *)io;

    if (memory->has_threads)
        pthread_mutex_lock(&memory->lock);
    memory->calls++;
    return memory;
}

static int leave(struct memory_io *memory, int rc)
{
    if (memory->has_threads)
        pthread_mutex_unlock(&memory->lock);
    return rc;
}

/* The name within the directory; NULL: it is the directory itself, or not in it. */
static const char *name_in(const char *path)
{
    size_t length = strlen(MEMORY_DIRECTORY);

    return strncmp(path, MEMORY_DIRECTORY "/", length + 1) == 0 ? path + length + 1 : NULL;
}

/* Segments' names begin with the same fifteen characters: to compare these takes long. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

static void set_name(struct memory_file *file, const char *name)
{
    memcpy(file->name, name, strlen(name) + 1);
    file->hash = hash_of(name);
}

struct memory_file *memory_io_find(struct memory_io *memory, const char *name)
{
    uint32_t hash = hash_of(name);

    for (uint32_t i = 0; i < memory->file_end; i++) {
        struct memory_file *file = &memory->files[i];
        if (file->hash == hash && file->used && strcmp(file->name, name) == 0)
            return file;
    }
    return NULL;
}

struct memory_file *memory_io_segment(struct memory_io *memory, uint64_t number)
{
    char name[MEMORY_NAME];

    snprintf(name, sizeof name, QUIRE__SEGMENT_NAME, number);
    return memory_io_find(memory, name);
}

/* Its memory is kept for the next file in its place, unless it is much. */
static void forget(struct memory_file *file)
{
    bool is_kept = file->room <= ROOM_KEPT;

    if (!is_kept)
        free(file->bytes);
    *file = (struct memory_file){.bytes = is_kept ? file->bytes : NULL, .room = is_kept ? file->room : 0};
}

/* Gone when nobody has it open any more. */
static void unname(struct memory_file *file)
{
    set_name(file, "");
    if (file->handles == 0)
        forget(file);
}

static int resize(struct memory_io *memory, struct memory_file *file, uint64_t size)
{
    if (size > memory->bytes_most)
        return -EFBIG;
    if (size > file->room) {
        uint64_t room = size > 2 * file->room ? size : 2 * file->room;
        unsigned char *bytes = realloc(file->bytes, room);
        if (!bytes)
            return -ENOSPC;
        file->bytes = bytes;
        file->room = room;
    }
    if (size > file->size)
        memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
    return 0;
}

static struct memory_file *make(struct memory_io *memory, const char *name)
{
    for (uint32_t i = 0; i < MEMORY_FILES && strlen(name) < MEMORY_NAME; i++)
        if (!memory->files[i].used) {
            memory->file_end = i < memory->file_end ? memory->file_end : i + 1;
            memory->files[i].used = true;
            set_name(&memory->files[i], name);
            memory->changes++;
            return &memory->files[i];
        }
    return NULL;
}

static struct memory_file *file_of(struct memory_io *memory, int handle)
{
    uint32_t i = (uint32_t)(handle - FIRST_HANDLE);

    if (i >= MEMORY_HANDLES || !memory->handles[i].used || memory->handles[i].file == MEMORY_FILES)
        return NULL;
    return &memory->files[memory->handles[i].file];
}

static int open_handle(struct memory_io *memory, uint32_t file, int *handle)
{
    for (int i = 0; i < MEMORY_HANDLES; i++)
        if (!memory->handles[i].used) {
            memory->handles[i].used = true;
            memory->handles[i].locks = false;
            memory->handles[i].file = file;
            if (file < MEMORY_FILES)
                memory->files[file].handles++;
            *handle = FIRST_HANDLE + i;
            return 0;
        }
    return -EMFILE;
}

static int memory_open(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    struct memory_io *memory = enter(io);
    const char *name = name_in(path);

    (void)mode;
    if (strcmp(path, MEMORY_DIRECTORY) == 0)
        return leave(memory, open_handle(memory, MEMORY_FILES, file));
    if (!name)
        return leave(memory, -ENOENT);
    struct memory_file *found = memory_io_find(memory, name);
    if (found && how & QUIRE__IO_EXCLUSIVE)
        return leave(memory, -EEXIST);
    if (!found && !(how & QUIRE__IO_CREATE))
        return leave(memory, -ENOENT);
    if (!found)
        found = make(memory, name);
    return leave(memory, found ? open_handle(memory, (uint32_t)(found - memory->files), file) : -ENOSPC);
}

static int memory_close(struct quire__io *io, int file)
{
    struct memory_io *memory = enter(io);
    uint32_t i = (uint32_t)(file - FIRST_HANDLE);

    if (i >= MEMORY_HANDLES || !memory->handles[i].used)
        return leave(memory, -EBADF);
    struct memory_file *of = file_of(memory, file);
    memory->handles[i].used = false;
    if (of && --of->handles == 0 && of->name[0] == '\0')
        forget(of);
    return leave(memory, 0);
}

static int memory_unlink(struct quire__io *io, const char *path)
{
    struct memory_io *memory = enter(io);
    struct memory_file *file = name_in(path) ? memory_io_find(memory, name_in(path)) : NULL;

    if (!file)
        return leave(memory, -ENOENT);
    unname(file);
    memory->changes++;
    return leave(memory, 0);
}

static int memory_rename(struct quire__io *io, const char *from, const char *to)
{
    struct memory_io *memory = enter(io);
    struct memory_file *file = name_in(from) ? memory_io_find(memory, name_in(from)) : NULL;
    struct memory_file *old = name_in(to) ? memory_io_find(memory, name_in(to)) : NULL;

    if (!file || !name_in(to) || strlen(name_in(to)) >= MEMORY_NAME)
        return leave(memory, -ENOENT);
    if (old && old != file)
        unname(old);
    set_name(file, name_in(to));
    memory->changes++;
    return leave(memory, 0);
}

static int memory_make_directory(struct quire__io *io, const char *path, uint32_t mode)
{
    (void)io;
    (void)path;
    (void)mode;
    return -EEXIST;
}

static int memory_list(struct quire__io *io, const char *path, int (*see)(void *context, const char *name),
                       void *context)
{
    struct memory_io *memory = enter(io);
    char names[MEMORY_FILES][MEMORY_NAME];
    int count = 0;
    int rc = 0;

    if (strcmp(path, MEMORY_DIRECTORY) != 0)
        return leave(memory, -ENOENT);
    for (uint32_t i = 0; i < memory->file_end; i++)
        if (memory->files[i].used && memory->files[i].name[0])
            memcpy(names[count++], memory->files[i].name, MEMORY_NAME);
    leave(memory, 0);
    for (int i = 0; i < count && rc == 0; i++)
        rc = see(context, names[i]);
    return rc;
}

static int memory_free_space(struct quire__io *io, const char *path, uint64_t *bytes)
{
    (void)io;
    (void)path;
    *bytes = FREE_SPACE;
    return 0;
}

static int memory_lock(struct quire__io *io, int file)
{
    struct memory_io *memory = enter(io);
    uint32_t mine = (uint32_t)(file - FIRST_HANDLE);

    if (mine >= MEMORY_HANDLES)
        return leave(memory, -EBADF);
    for (int i = 0; i < MEMORY_HANDLES; i++)
        if (memory->handles[i].used && memory->handles[i].locks &&
            memory->handles[i].file == memory->handles[mine].file)
            return leave(memory, QUIRE_E_LOCKED);
    memory->handles[mine].locks = true;
    return leave(memory, 0);
}

static int memory_facts(struct quire__io *io, int file, struct quire__io_facts *facts)
{
    struct memory_io *memory = enter(io);
    const struct memory_file *of = file_of(memory, file);

    *facts = (struct quire__io_facts){
        .kind = of ? QUIRE__IO_REGULAR : QUIRE__IO_DIRECTORY,
        .size = of ? of->size : 0,
        .device = DEVICE,
        .inode = of ? FIRST_INODE + (uint64_t)(of - memory->files) : FOLDER_INODE,
        .changed = (memory->changes + 1) * MTIME_STEP,
    };
    return leave(memory, 0);
}

static int memory_identify(struct quire__io *io, const char *path, uint64_t *device, uint64_t *inode)
{
    struct memory_io *memory = enter(io);
    const struct memory_file *file = name_in(path) ? memory_io_find(memory, name_in(path)) : NULL;

    if (!file && strcmp(path, MEMORY_DIRECTORY) != 0)
        return leave(memory, -ENOENT);
    *device = DEVICE;
    *inode = file ? FIRST_INODE + (uint64_t)(file - memory->files) : FOLDER_INODE;
    return leave(memory, 0);
}

static int memory_allocate(struct quire__io *io, int file, uint64_t offset, uint64_t length, bool grow)
{
    struct memory_io *memory = enter(io);
    struct memory_file *of = file_of(memory, file);

    if (!of || length > UINT64_MAX - offset)
        return leave(memory, -EINVAL);
    return leave(memory, grow && offset + length > of->size ? resize(memory, of, offset + length) : 0);
}

static int memory_truncate(struct quire__io *io, int file, uint64_t length)
{
    struct memory_io *memory = enter(io);
    struct memory_file *of = file_of(memory, file);

    return leave(memory, of ? resize(memory, of, length) : -EBADF);
}

static int memory_write(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                        uint64_t *written)
{
    struct memory_io *memory = enter(io);
    struct memory_file *of = file_of(memory, file);
    int rc = of && length <= UINT64_MAX - offset ? 0 : -EINVAL;

    if (rc == 0 && offset + length > of->size)
        rc = resize(memory, of, offset + length);
    if (rc == 0) {
        memcpy(of->bytes + offset, from, length);
        *written = length;
    }
    return leave(memory, rc);
}

static int memory_read(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got)
{
    struct memory_io *memory = enter(io);
    const struct memory_file *of = file_of(memory, file);

    if (!of)
        return leave(memory, -EBADF);
    uint64_t now = offset < of->size ? of->size - offset : 0;
    now = now < length ? now : length;
    if (memory->short_reads && now > 1 && memory->calls % 3 == 0)
        now = now / 2;
    if (now > 0)
        memcpy(to, of->bytes + offset, now);
    memory->bytes_read += now;
    *got = now;
    return leave(memory, 0);
}

static int memory_sync(struct quire__io *io, int file)
{
    struct memory_io *memory = enter(io);

    return leave(memory, file_of(memory, file) ? 0 : -EBADF);
}

static int memory_sync_directory(struct quire__io *io, const char *path)
{
    (void)path;
    return leave(enter(io), 0);
}

static int memory_advise(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    (void)file;
    (void)offset;
    (void)length;
    return leave(enter(io), 0);
}

static int no_map(struct quire__io *io, int file, uint64_t offset, uint64_t length, void **mapped)
{
    (void)io;
    (void)file;
    (void)offset;
    (void)length;
    (void)mapped;
    return -ENODEV;
}

static int no_pages(struct quire__io *io, void *mapped, uint64_t length)
{
    (void)io;
    (void)mapped;
    (void)length;
    return -EINVAL;
}

static int no_queue(struct quire__io *io, uint32_t depth, void *buffers, uint64_t bytes, uint32_t count,
                    struct quire__queue **queue)
{
    (void)io;
    (void)depth;
    (void)buffers;
    (void)bytes;
    (void)count;
    (void)queue;
    return QUIRE_E_NO_URING;
}

static const struct quire__io_ops operations = {
    .open = memory_open,
    .close = memory_close,
    .unlink = memory_unlink,
    .rename = memory_rename,
    .make_directory = memory_make_directory,
    .list = memory_list,
    .free_space = memory_free_space,
    .lock = memory_lock,
    .facts = memory_facts,
    .identify = memory_identify,
    .allocate = memory_allocate,
    .truncate = memory_truncate,
    .write = memory_write,
    .write_durably = memory_write,
    .read = memory_read,
    .sync = memory_sync,
    .sync_directory = memory_sync_directory,
    .start_writeback = memory_advise,
    .drop_cache = memory_advise,
    .map = no_map,
    .populate = no_pages,
    .unmap = no_pages,
    .queue_open = no_queue,
};

void memory_io_open(struct memory_io *memory)
{
    for (uint32_t i = 0; i < memory->file_end; i++)
        forget(&memory->files[i]);
    memset(memory->handles, 0, sizeof memory->handles);
    memory->io.ops = &operations;
    memory->bytes_most = UINT64_C(64) << 20;
    memory->changes = memory->calls = memory->bytes_read = 0;
    memory->short_reads = memory->has_threads = false;
    memory->file_end = 0;
    pthread_mutex_init(&memory->lock, NULL); /* does not fail on Linux */
}

uint32_t memory_io_close(struct memory_io *memory)
{
    uint32_t left = 0;

    for (int i = 0; i < MEMORY_HANDLES; i++)
        left += memory->handles[i].used;
    pthread_mutex_destroy(&memory->lock);
    return left;
}

struct memory_file *memory_io_put(struct memory_io *memory, const char *name, uint64_t size)
{
    struct memory_file *file = memory_io_find(memory, name);

    if (!file)
        file = make(memory, name);
    if (!file)
        return NULL;
    file->size = 0;
    return resize(memory, file, size) == 0 ? file : NULL;
}

struct memory_file *memory_io_grow(struct memory_io *memory, struct memory_file *file, uint64_t size)
{
    return resize(memory, file, size) == 0 ? file : NULL;
}

void memory_io_copy(struct memory_io *to, const struct memory_io *from)
{
    memory_io_open(to);
    to->short_reads = from->short_reads;
    to->changes = from->changes;
    for (uint32_t i = 0; i < from->file_end; i++) {
        const struct memory_file *file = &from->files[i];
        if (!file->used || !file->name[0])
            continue;
        struct memory_file *copy = memory_io_put(to, file->name, file->size);
        if (copy && file->size > 0)
            memcpy(copy->bytes, file->bytes, file->size);
    }
    to->changes = from->changes;
}

uint64_t memory_io_bytes(const struct memory_io *memory)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < memory->file_end; i++)
        sum += memory->files[i].size;
    return sum;
}
