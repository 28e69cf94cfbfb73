/* Files to append to. See file.h.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload/workload.h"

enum { PIECE = 1 << 20, PAGE = 4096 };

static int write_all(int fd, const char *memory, uint64_t bytes, uint64_t offset)
{
    for (uint64_t done = 0; done < bytes;) {
        ssize_t n = pwrite(fd, memory + done, bytes - done, (off_t)(offset + done));
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -EIO;
        done += n > 0 ? (uint64_t)n : 0;
    }
    return 0;
}

/* Zeros, or bytes that no record has. */
static int fill_file(int fd, uint64_t bytes, bool zeros)
{
    char *piece = calloc(1, PIECE);
    if (!piece)
        return -ENOMEM;
    int rc = 0;
    for (uint64_t at = 0; rc == 0 && at < bytes; at += PIECE) {
        if (!zeros)
            bench_fill(piece, PIECE, ~at);
        rc = write_all(fd, piece, bytes - at < PIECE ? bytes - at : PIECE, at);
    }
    free(piece);
    return rc;
}

static int prepare(int fd, enum bench_sync_file kind, uint64_t bytes, const char **call)
{
    int rc = 0;
    switch (kind) {
    case BENCH_SYNC_RESERVED:
    case BENCH_SYNC_ALLOCATED:
        *call = "fallocate";
        rc = fallocate(fd, kind == BENCH_SYNC_RESERVED ? FALLOC_FL_KEEP_SIZE : 0, 0, (off_t)bytes) == 0 ? 0 : -errno;
        break;
    case BENCH_SYNC_WRITTEN:
    case BENCH_SYNC_RECYCLED:
        *call = "pwrite";
        rc = fill_file(fd, bytes, kind == BENCH_SYNC_WRITTEN);
        break;
    case BENCH_SYNC_APPEND:
    case BENCH_SYNC_FILES:
        break;
    }
    if (rc == 0) {
        *call = "fsync";
        rc = fsync(fd) == 0 ? 0 : -errno;
    }
    return rc;
}

int bench_sync_file_make(const struct bench_place *place, enum bench_sync_file kind, uint64_t bytes, const char **call)
{
    bool recycled = kind == BENCH_SYNC_RECYCLED;
    *call = "open";
    int fd = open(recycled ? place->written : place->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int rc = prepare(fd, kind, bytes, call);
    if (close(fd) != 0 && rc == 0) {
        *call = "close";
        rc = -errno;
    }
    if (rc == 0 && recycled && rename(place->written, place->file) != 0) {
        *call = "rename";
        rc = -errno;
    }
    return rc;
}

void bench_sync_record_stamp(char *record, uint64_t record_bytes, unsigned run, uint64_t number)
{
    for (uint64_t at = 0; at < record_bytes; at += PAGE) {
        /* Odd multipliers: one-byte records differ from their neighbours and from those of the last run too. */
        uint64_t stamp = (number + 1) * UINT64_C(0x9e3779b97f4a7c15) + run * UINT64_C(0xd1342543de82ef95) + at;
        uint64_t left = record_bytes - at;
        memcpy(record + at, &stamp, left < sizeof stamp ? left : sizeof stamp);
    }
}

static int read_all(int fd, char *memory, uint64_t bytes, uint64_t offset)
{
    for (uint64_t done = 0; done < bytes;) {
        ssize_t n = pread(fd, memory + done, bytes - done, (off_t)(offset + done));
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -EBADMSG;
        done += n > 0 ? (uint64_t)n : 0;
    }
    return 0;
}

static int compare(int fd, char *record, char *found, uint64_t record_bytes, unsigned run, uint64_t records)
{
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < records; i++) {
        rc = read_all(fd, found, record_bytes, i * record_bytes);
        bench_sync_record_stamp(record, record_bytes, run, i);
        if (rc == 0 && memcmp(record, found, record_bytes) != 0)
            rc = -EBADMSG;
    }
    return rc;
}

int bench_sync_file_check(const struct bench_place *place, enum bench_sync_file kind, uint64_t bytes, char *record,
                          uint64_t record_bytes, unsigned run, uint64_t records)
{
    bool grows = kind == BENCH_SYNC_APPEND || kind == BENCH_SYNC_RESERVED;
    char *found = malloc(record_bytes);
    int fd = open(place->file, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -errno : 0;
    struct stat st;
    if (rc == 0 && !found)
        rc = -ENOMEM;
    if (rc == 0 && fstat(fd, &st) != 0)
        rc = -errno;
    if (rc == 0 && (uint64_t)st.st_size != (grows ? records * record_bytes : bytes))
        rc = -EBADMSG;
    if (rc == 0) {
        /* From the device, as far as the kernel lets go of the pages; a wish. */
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        rc = compare(fd, record, found, record_bytes, run, records);
    }
    if (fd >= 0)
        close(fd);
    free(found);
    return rc;
}
