/* Reading a block log. See entries.h.
 *
 * SPDX-License-Identifier: MIT */
#include "entries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x6a736677736872)

enum { FLUSH = 1, FUA = 2, DISCARD = 4 };
enum { COUNT_AT = 16, COUNT_MOST = 1 << 24 };

/* The first sector of the log, little-endian as this machine. */
struct superblock {
    uint64_t magic, version, count;
    uint32_t sector_bytes;
};

struct header {
    uint64_t sector, sectors, flags, data_bytes;
};

static int parse(struct disk_entries *entries, const struct superblock *super)
{
    uint64_t at = super->sector_bytes;

    for (uint64_t i = 0; i < super->count; i++) {
        struct header header;
        if (at + super->sector_bytes > entries->file_bytes)
            return -EINVAL;
        memcpy(&header, entries->file + at, sizeof header);
        at += super->sector_bytes;
        struct disk_entry *entry = &entries->entries[i];
        *entry = (struct disk_entry){.offset = header.sector * super->sector_bytes,
                                     .length = header.sectors * super->sector_bytes,
                                     .data = header.flags & DISCARD ? UINT64_MAX : at,
                                     .flush = header.flags & FLUSH,
                                     .durable = header.flags & FUA};
        if (header.flags & DISCARD)
            continue;
        if (entry->length > entries->file_bytes - at)
            return -EINVAL;
        at += entry->length;
    }
    return 0;
}

static int map(const char *path, struct disk_entries *entries)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return -errno;
    int rc = fstat(file, &status) < 0 ? -errno : status.st_size < 512 ? -EINVAL : 0;
    if (rc == 0) {
        void *mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (mapped == MAP_FAILED)
            rc = -errno;
        else
            *entries = (struct disk_entries){.file = mapped, .file_bytes = (uint64_t)status.st_size};
    }
    close(file);
    return rc;
}

int disk_entries_open(const char *path, struct disk_entries *entries)
{
    struct superblock super;

    int rc = map(path, entries);
    if (rc < 0)
        return rc;
    memcpy(&super, entries->file, sizeof super);
    if (super.magic != MAGIC || super.version != 1 || super.sector_bytes != 512 || super.count > COUNT_MOST) {
        disk_entries_free(entries);
        return -EINVAL;
    }
    entries->count = super.count;
    entries->entries = calloc(super.count + 1, sizeof *entries->entries);
    rc = entries->entries ? parse(entries, &super) : -ENOMEM;
    if (rc < 0)
        disk_entries_free(entries);
    return rc;
}

void disk_entries_free(struct disk_entries *entries)
{
    munmap((void *)(uintptr_t)entries->file, entries->file_bytes);
    free(entries->entries);
    *entries = (struct disk_entries){0};
}

int disk_entries_count(int file, uint64_t *count)
{
    uint64_t value;
    ssize_t got = pread(file, &value, sizeof value, COUNT_AT);

    if (got != (ssize_t)sizeof value)
        return got < 0 ? -errno : -EIO;
    *count = value;
    return 0;
}

uint64_t disk_entries_window(const struct disk_entries *entries, uint64_t position)
{
    while (position > 0 && !entries->entries[position - 1].flush)
        position--;
    /* A flush that carries data: the data is written behind the flush of what was before it. */
    if (position > 0 && entries->entries[position - 1].length > 0)
        position--;
    return position;
}
