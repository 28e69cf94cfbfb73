/* The operating system behind the seam: one system call an operation, errno turned into a return value.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <quire/error.h>

#include "base/align.h"
#include "io/io.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static int result(int returned)
{
    return returned < 0 ? -errno : 0;
}

/* Why open refused path, where errno alone would mislead: a link not followed (too many on the way to path stop lstat as
 * well), or a FIFO without a reader. */
static int explain_open(const char *path, int code)
{
    struct stat st;

    if (code == -ELOOP && lstat(path, &st) == 0)
        return QUIRE_E_SYMLINK;
    return code == -ENXIO ? QUIRE_E_NOT_REGULAR : code;
}

/* A device, or a FIFO that somebody reads, opens like a file, and would be written to like one. */
static int refuse_strangers(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -errno;
    return S_ISREG(st.st_mode) ? 0 : QUIRE_E_NOT_REGULAR;
}

static int posix_open(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    /* O_NONBLOCK: opening a FIFO must not wait for its reader. Taken off again below, since io_uring would
     * answer -EAGAIN where it should wait. */
    int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

    (void)io;
    if (how & QUIRE__IO_READ_ONLY)
        flags |= how & QUIRE__IO_FOLDER ? O_RDONLY | O_DIRECTORY : O_RDONLY;
    else
        flags |= how & QUIRE__IO_READ ? O_RDWR : O_WRONLY;
    if (how & QUIRE__IO_CREATE)
        flags |= O_CREAT;
    if (how & QUIRE__IO_EXCLUSIVE)
        flags |= O_EXCL;
    if (how & QUIRE__IO_DIRECT)
        flags |= O_DIRECT;

    int fd = open(path, flags, (mode_t)mode);
    if (fd < 0)
        return explain_open(path, -errno);
    int rc = how & QUIRE__IO_FOLDER ? 0 : refuse_strangers(fd);
    if (rc == 0 && fcntl(fd, F_SETFL, how & QUIRE__IO_DIRECT ? O_DIRECT : 0) < 0)
        rc = -errno;
    if (rc < 0) {
        close(fd); /* nothing was written through it */
        return rc;
    }
    *file = fd;
    return 0;
}

static int posix_close(struct quire__io *io, int file)
{
    (void)io;
    return result(close(file));
}

static int posix_unlink(struct quire__io *io, const char *path)
{
    (void)io;
    return result(unlink(path));
}

static int posix_rename(struct quire__io *io, const char *from, const char *to)
{
    (void)io;
    return result(rename(from, to));
}

static int posix_make_directory(struct quire__io *io, const char *path, uint32_t mode)
{
    (void)io;
    return result(mkdir(path, (mode_t)mode));
}

static int posix_list(struct quire__io *io, const char *path, int (*see)(void *context, const char *name),
                      void *context)
{
    const struct dirent *entry;
    int rc = 0;

    (void)io;
    DIR *directory = opendir(path);
    if (!directory)
        return -errno;
    for (errno = 0; rc == 0 && (entry = readdir(directory)) != NULL; errno = 0)
        rc = see(context, entry->d_name);
    if (rc == 0 && errno != 0)
        rc = -errno;
    closedir(directory); /* opened for reading: nothing to lose */
    return rc;
}

static int posix_free_space(struct quire__io *io, const char *path, uint64_t *bytes)
{
    struct statvfs stv;

    (void)io;
    if (statvfs(path, &stv) < 0)
        return -errno;
    *bytes = (uint64_t)stv.f_bavail * stv.f_frsize;
    return 0;
}

static int posix_lock(struct quire__io *io, int file)
{
    (void)io;
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? QUIRE_E_LOCKED : -errno;
}

static enum quire__io_kind kind_of(unsigned mode)
{
    if (S_ISREG(mode))
        return QUIRE__IO_REGULAR;
    return S_ISDIR(mode) ? QUIRE__IO_DIRECTORY : QUIRE__IO_OTHER;
}

static uint64_t device_of(const struct statx *stx)
{
    return (uint64_t)stx->stx_dev_major << 32 | stx->stx_dev_minor;
}

static int posix_facts(struct quire__io *io, int file, struct quire__io_facts *facts)
{
    unsigned want = STATX_BASIC_STATS;
    struct statx stx;

    (void)io;
    memset(&stx, 0, sizeof stx);
#ifdef STATX_DIOALIGN
    want |= STATX_DIOALIGN;
#endif
    if (statx(file, "", AT_EMPTY_PATH, want, &stx) < 0)
        return -errno;
    *facts = (struct quire__io_facts){
        .kind = kind_of(stx.stx_mode),
        .mode = stx.stx_mode & 0777,
        .size = stx.stx_size,
        .device = device_of(&stx),
        .inode = stx.stx_ino,
        .changed = (uint64_t)stx.stx_mtime.tv_sec * 1000000000u + stx.stx_mtime.tv_nsec,
    };
#ifdef STATX_DIOALIGN
    if (stx.stx_mask & STATX_DIOALIGN) {
        facts->memory_align = stx.stx_dio_mem_align;
        facts->offset_align = stx.stx_dio_offset_align;
    }
#endif
    return 0;
}

static int posix_identify(struct quire__io *io, const char *path, uint64_t *device, uint64_t *inode)
{
    struct statx stx;

    (void)io;
    if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO, &stx) < 0)
        return -errno;
    *device = device_of(&stx);
    *inode = stx.stx_ino;
    return 0;
}

static bool beyond_any_file(uint64_t offset, uint64_t length)
{
    return length > QUIRE__FILE_MAX || offset > QUIRE__FILE_MAX - length;
}

static int posix_allocate(struct quire__io *io, int file, uint64_t offset, uint64_t length, bool grow)
{
    (void)io;
    if (beyond_any_file(offset, length))
        return -EFBIG;
    return result(fallocate(file, grow ? 0 : FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)length));
}

static int posix_truncate(struct quire__io *io, int file, uint64_t length)
{
    (void)io;
    if (length > QUIRE__FILE_MAX)
        return -EFBIG;
    return result(ftruncate(file, (off_t)length));
}

static int posix_write(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                       uint64_t *written)
{
    (void)io;
    if (beyond_any_file(offset, length))
        return -EFBIG;
    ssize_t done = pwrite(file, from, length, (off_t)offset);
    if (done < 0)
        return -errno;
    *written = (uint64_t)done;
    return 0;
}

static int posix_write_durably(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                               uint64_t *written)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)from, .iov_len = length};

    (void)io;
    if (beyond_any_file(offset, length))
        return -EFBIG;
    ssize_t done = pwritev2(file, &piece, 1, (off_t)offset, RWF_DSYNC);
    if (done < 0)
        return -errno;
    *written = (uint64_t)done;
    return 0;
}

static int posix_read(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got)
{
    (void)io;
    if (beyond_any_file(offset, length))
        return -EFBIG;
    ssize_t done = pread(file, to, length, (off_t)offset);
    if (done < 0)
        return -errno;
    *got = (uint64_t)done;
    return 0;
}

static int posix_sync(struct quire__io *io, int file)
{
    (void)io;
    return result(fdatasync(file));
}

static int posix_sync_directory(struct quire__io *io, const char *path)
{
    char directory[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');

    (void)io;
    if (slash) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        if (length >= sizeof directory)
            return -ENAMETOOLONG;
        memcpy(directory, path, length);
        directory[length] = '\0';
    }
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = result(fsync(fd));
    close(fd); /* opened for reading: nothing to lose */
    return rc;
}

static int posix_start_writeback(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    (void)io;
    return result(sync_file_range(file, (off_t)offset, (off_t)length, SYNC_FILE_RANGE_WRITE));
}

static int posix_drop_cache(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    (void)io;
    return -posix_fadvise(file, (off_t)offset, (off_t)length, POSIX_FADV_DONTNEED);
}

static int posix_map(struct quire__io *io, int file, uint64_t offset, uint64_t length, void **memory)
{
    (void)io;
    if (beyond_any_file(offset, length))
        return -EFBIG;
    void *mapped = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)offset);
    if (mapped == MAP_FAILED)
        return -errno;
    *memory = mapped;
    return 0;
}

static int posix_populate(struct quire__io *io, void *memory, uint64_t length)
{
    (void)io;
    if (madvise(memory, length, MADV_POPULATE_WRITE) == 0)
        return 0;
    /* A kernel before 5.14 does not know it: the pages come one by one, as they are stored into. */
    if (errno == EINVAL)
        return 0;
    /* Storing there would have been a SIGBUS: the file system could not provide the page. */
    return errno == EFAULT ? -EIO : -errno;
}

static int posix_unmap(struct quire__io *io, void *memory, uint64_t length)
{
    (void)io;
    return result(munmap(memory, length));
}

static const struct quire__io_ops system_ops = {
    .open = posix_open,
    .close = posix_close,
    .unlink = posix_unlink,
    .rename = posix_rename,
    .make_directory = posix_make_directory,
    .list = posix_list,
    .free_space = posix_free_space,
    .lock = posix_lock,
    .facts = posix_facts,
    .identify = posix_identify,
    .allocate = posix_allocate,
    .truncate = posix_truncate,
    .write = posix_write,
    .write_durably = posix_write_durably,
    .read = posix_read,
    .sync = posix_sync,
    .sync_directory = posix_sync_directory,
    .start_writeback = posix_start_writeback,
    .drop_cache = posix_drop_cache,
    .map = posix_map,
    .populate = posix_populate,
    .unmap = posix_unmap,
    .queue_open = quire__uring_open,
};

struct quire__io *quire__io_system(void)
{
    static struct quire__io system = {.ops = &system_ops};

    return &system;
}
