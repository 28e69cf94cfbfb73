/* Counts what this process syncs, beneath libquire: fsync, fdatasync and writes with RWF_DSYNC of the program come here,
 * and go on to the kernel. What a library says of itself is not asked.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_GATE_SYNCS_H
#define DISK_GATE_SYNCS_H

#include <stdint.h>

/* Syncs of regular files so far; those that failed; those of a file for which one had failed before. */
struct disk_syncs {
    uint64_t calls, failed, again;
};
struct disk_syncs disk_syncs(void);

#endif
