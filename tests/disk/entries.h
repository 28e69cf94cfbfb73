/* A block log as qemu's blklogwrites (and Linux's dm-log-writes) writes it: every write, zeroing and flush that a disk
 * was given, in the order in which they came to their end.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_ENTRIES_H
#define DISK_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

struct disk_entry {
    uint64_t offset, length; /* bytes on the disk; of a bare flush 0 */
    uint64_t data;           /* where its bytes are in the file of the log; UINT64_MAX: it writes zeros */
    bool flush;              /* everything before it was on the disk when it ended; then it was written itself */
    bool durable;            /* FUA: it was on the disk when it ended */
};

struct disk_entries {
    struct disk_entry *entries;
    uint64_t count;
    const unsigned char *file; /* the log, mapped */
    uint64_t file_bytes;
};

/* 0 or -errno: -EINVAL: not a block log, or not whole. Freed by disk_entries_free. */
int disk_entries_open(const char *path, struct disk_entries *entries);
void disk_entries_free(struct disk_entries *entries);

/* How many entries the log at file, still being written, has: every write that had ended when this was asked is among
 * them. 0 or -errno. */
int disk_entries_count(int file, uint64_t *count);

/* The entries from the one returned to position may be missing if the power goes when there are position: no flush covered
 * them. */
uint64_t disk_entries_window(const struct disk_entries *entries, uint64_t position);

#endif
