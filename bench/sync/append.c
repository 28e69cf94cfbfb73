/* Durable appends, by way. See append.h.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/append.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

enum { PAGE = 4096, SECTOR = 512 };

/* Direct I/O takes whole blocks, of 512 bytes at least; and tmpfs takes the flag and copies as ever. */
static int check_direct(struct bench_sync_append *a)
{
    struct statfs fs;
    if (a->record_bytes % SECTOR != 0) {
        a->because = "O_DIRECT takes whole blocks of 512 bytes or more, and these records are none";
        return -EINVAL;
    }
    a->call = "fstatfs";
    if (fstatfs(a->fd, &fs) != 0)
        return -errno;
    if (fs.f_type == TMPFS_MAGIC) {
        a->because = "tmpfs has no direct I/O";
        return -EINVAL;
    }
    return 0;
}

static int open_map(struct bench_sync_append *a, uint64_t bytes)
{
    a->call = "mmap";
    a->map_bytes = (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    void *map = mmap(NULL, a->map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, a->fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    a->map = map;
    return 0;
}

static int open_flags(enum bench_sync_way way)
{
    int flags = O_RDWR | O_CLOEXEC;
    if (bench_sync_way_is_direct(way))
        flags |= O_DIRECT;
    if (way == BENCH_SYNC_DSYNC || way == BENCH_SYNC_DIRECT_DSYNC)
        flags |= O_DSYNC;
    return flags;
}

int bench_sync_append_open(struct bench_sync_append *a, const char *path, enum bench_sync_way way,
                           enum bench_sync_file file, uint64_t bytes, char *record, uint64_t record_bytes)
{
    *a = (struct bench_sync_append){
        .way = way,
        .grows = file == BENCH_SYNC_APPEND || file == BENCH_SYNC_RESERVED,
        .fd = open(path, open_flags(way)),
        .record = record,
        .record_bytes = record_bytes,
        .call = bench_sync_way_is_direct(way) ? "open with O_DIRECT" : "open",
    };
    if (a->fd < 0)
        return -errno;
    int rc = 0;
    if (bench_sync_way_is_direct(way))
        rc = check_direct(a);
    else if (way == BENCH_SYNC_MSYNC)
        rc = open_map(a, bytes);
    else if (way == BENCH_SYNC_URING) {
        a->call = "io_uring_setup";
        rc = bench_sync_uring_open(&a->uring);
        if (rc == -ENOSYS)
            a->because = "io_uring is not in this build or not in this kernel";
    }
    if (rc < 0)
        close(a->fd);
    return rc;
}

/* What a write returned, as an error. */
static int whole(struct bench_sync_append *a, ssize_t written)
{
    if (written < 0)
        return -errno;
    return (uint64_t)written == a->record_bytes ? 0 : -EIO;
}

static int write_record(struct bench_sync_append *a, uint64_t offset)
{
    a->call = "pwrite";
    return whole(a, pwrite(a->fd, a->record, a->record_bytes, (off_t)offset));
}

static int write_durably(struct bench_sync_append *a, uint64_t offset)
{
    struct iovec v = {.iov_base = a->record, .iov_len = a->record_bytes};
    a->call = "pwritev2 with RWF_DSYNC";
    return whole(a, pwritev2(a->fd, &v, 1, (off_t)offset, RWF_DSYNC));
}

static int write_and_fdatasync(struct bench_sync_append *a, uint64_t offset)
{
    int rc = write_record(a, offset);
    if (rc < 0)
        return rc;
    a->call = "fdatasync";
    return fdatasync(a->fd) == 0 ? 0 : -errno;
}

static int write_and_fsync(struct bench_sync_append *a, uint64_t offset)
{
    int rc = write_record(a, offset);
    if (rc < 0)
        return rc;
    a->call = "fsync";
    return fsync(a->fd) == 0 ? 0 : -errno;
}

static int write_and_wait(struct bench_sync_append *a, uint64_t offset)
{
    int rc = write_record(a, offset);
    if (rc < 0)
        return rc;
    a->call = "sync_file_range";
    return sync_file_range(a->fd, (off_t)offset, (off_t)a->record_bytes,
                           SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER) == 0
               ? 0
               : -errno;
}

static int copy_and_msync(struct bench_sync_append *a, uint64_t offset)
{
    /* By fallocate, not by ftruncate: a disk that is full is then an error here and not a SIGBUS at the copy. */
    a->call = "fallocate";
    if (a->grows && fallocate(a->fd, 0, (off_t)offset, (off_t)a->record_bytes) != 0)
        return -errno;
    memcpy(a->map + offset, a->record, a->record_bytes);
    uint64_t from = offset & ~(uint64_t)(PAGE - 1);
    a->call = "msync";
    return msync(a->map + from, offset + a->record_bytes - from, MS_SYNC) == 0 ? 0 : -errno;
}

static int append_by_uring(struct bench_sync_append *a, uint64_t offset)
{
    return bench_sync_uring_append(a->uring, a->fd, a->record, a->record_bytes, offset, &a->call);
}

int bench_sync_append_next(struct bench_sync_append *a, uint64_t offset)
{
    static int (*const append[BENCH_SYNC_WAYS])(struct bench_sync_append *, uint64_t) = {
        [BENCH_SYNC_FDATASYNC] = write_and_fdatasync,
        [BENCH_SYNC_FSYNC] = write_and_fsync,
        [BENCH_SYNC_DSYNC] = write_record,
        [BENCH_SYNC_RWF] = write_durably,
        [BENCH_SYNC_DIRECT_FDATASYNC] = write_and_fdatasync,
        [BENCH_SYNC_DIRECT_DSYNC] = write_record,
        [BENCH_SYNC_DIRECT_RWF] = write_durably,
        [BENCH_SYNC_URING] = append_by_uring,
        [BENCH_SYNC_MSYNC] = copy_and_msync,
        [BENCH_SYNC_RANGE] = write_and_wait,
    };
    return append[a->way](a, offset);
}

int bench_sync_append_close(struct bench_sync_append *a)
{
    int rc = 0;
    if (a->uring)
        bench_sync_uring_close(a->uring);
    if (a->map && munmap(a->map, a->map_bytes) != 0) {
        a->call = "munmap";
        rc = -errno;
    }
    if (close(a->fd) != 0 && rc == 0) {
        a->call = "close";
        rc = -errno;
    }
    return rc;
}
