/* Which of the writes that no flush covered a power cut leaves: a legal outcome, chosen by chance.
 *
 * Any subset is legal. A write of quire's blocks may besides be torn, at sectors of 512 bytes or at pages; the
 * superblocks and journals of the file system are left whole, since what it makes of torn ones is not quire's doing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_PLAN_H
#define DISK_PLAN_H

#include "entries.h"

enum disk_fate {
    DISK_FATE_GONE = 0,
    DISK_FATE_KEPT,
    DISK_FATE_TORN_PREFIX, /* only its first unit * cut bytes */
    DISK_FATE_TORN_SUBSET  /* of its units those that chance says */
};

enum disk_plan_kind {
    DISK_PLAN_ALL = 0,
    DISK_PLAN_NONE,
    DISK_PLAN_SOME,
    DISK_PLAN_ALL_BUT_ONE,
    DISK_PLAN_ONE,
    DISK_PLAN_TORN
};
enum { DISK_PLAN_KINDS = DISK_PLAN_TORN + 1 };

struct disk_plan {
    uint64_t position; /* the power goes when the log has so many entries */
    uint64_t window;   /* those from here on may be missing */
    unsigned char *fates;
    uint64_t room; /* of fates */
    uint32_t kind; /* enum disk_plan_kind: what it came to be */
    uint32_t unit; /* of tears: 512 or 4096 */
    uint64_t torn; /* the entry that is torn; UINT64_MAX: none */
    uint64_t cut;
    uint64_t chance; /* which units of it are kept */
};

/* Chooses by *state. Where it cannot be of the kind wanted (nothing to tear, an empty window) it becomes another. fates
 * is made larger as needed; freed by disk_plan_free. 0 or -ENOMEM. */
int disk_plan_choose(const struct disk_entries *entries, uint64_t position, enum disk_plan_kind wanted, uint64_t *state,
                     struct disk_plan *plan);
void disk_plan_free(struct disk_plan *plan);

/* The bytes from the start of an entry that belong to a block of quire's: 0, if it does not begin with one. */
uint64_t disk_plan_block_bytes(const struct disk_entries *entries, const struct disk_entry *entry);

/* Whether the unit at offset of the torn entry is kept. */
bool disk_plan_keeps(const struct disk_plan *plan, uint64_t offset);

const char *disk_plan_name(enum disk_plan_kind kind);

#endif
