/* What is known of a log from outside, over several lives of its machine: the power goes, and it is started again on
 * what is left of its disk. Rows (witness.h) have places in the block log of the last life; those of lives before
 * have place 0.
 *
 * SPDX-License-Identifier: MIT */
#ifndef VM_HISTORY_H
#define VM_HISTORY_H

#include <stdbool.h>

#include "witness.h"

enum { VM_LIVES_MOST = 64 };

struct vm_lives {
    struct disk_life lives[VM_LIVES_MOST];
    uint64_t count;
};

struct vm_history {
    struct disk_rows rows;
    uint64_t room;  /* of rows */
    uint64_t *lost; /* room as well */
    struct vm_lives before, now;
    uint64_t generation;
    bool recovered;        /* in this life something was told of the log */
    uint64_t recovered_at; /* where; before it the lives are those before */
    uint64_t recovered_last;
};

void vm_history_free(struct vm_history *history); /* empty again, for another disk */

/* The machine starts; what it appends is of generation. At most VM_LIVES_MOST lives. */
void vm_history_begin_life(struct vm_history *history, uint64_t generation);

/* Adds what was heard. The first row of a life says what was recovered: all up to a DISK_ROW_DURABLE's sequence, or
 * nothing. 0 or -ENOMEM. */
int vm_history_add(struct vm_history *history, const struct disk_row *row);

/* What the log must hold when the block log had position entries. Sets all but the seed; what it points at stays until
 * the next call of anything here. */
void vm_history_expect(struct vm_history *history, uint64_t position, uint64_t keep_segments,
                       struct disk_expectation *expectation);

#endif
