/* What is known of a log from outside: which appends had begun, which were acknowledged, and when, in places of a block
 * log. From it follows what a log must hold that was cut off at a place.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_WITNESS_H
#define DISK_WITNESS_H

#include <stdint.h>

enum disk_row_kind {
    DISK_ROW_BEGIN = 1, /* from here on records up to sequence may be there */
    DISK_ROW_DURABLE,   /* sequence and all before it were acknowledged as durable */
    DISK_ROW_LOST,      /* from here on sequence may be a gap: a claim that will not be published */
    DISK_ROW_TRIM,      /* from here on the records before sequence may be taken away */
    DISK_ROW_END        /* the workload ended well */
};

struct disk_row {
    uint64_t kind;     /* enum disk_row_kind */
    uint64_t position; /* entries of the block log by then; 0 where there is none */
    uint64_t sequence;
    uint64_t segment; /* the number of the one that was written to */
};

struct disk_rows {
    struct disk_row *rows; /* in the order in which they happened */
    uint64_t count;
};

/* Reads what was written as structures. 0, or -errno; -EINVAL: not whole rows. Freed by disk_rows_free. */
int disk_rows_read(int file, struct disk_rows *rows);
void disk_rows_free(struct disk_rows *rows);

/* A log that lived several times: the records from first on are of generation. */
struct disk_life {
    uint64_t first, generation;
};

/* What must be found. */
struct disk_expectation {
    uint64_t seed;
    uint64_t durable;    /* all up to this one are there, from first_most on at the latest */
    uint64_t begun;      /* none behind this one is there */
    uint64_t first_most; /* the log begins with this sequence at the latest */
    const uint64_t *lost;
    uint64_t lost_count; /* these may be gaps */
    const struct disk_life *lives;
    uint64_t life_count; /* 0: all are of generation 0 */
};

/* What a log must hold that was cut off when the block log had position entries. keep_segments is its retention (0:
 * none). Sets all but seed, lives; lost points into memory of room for rows->count numbers, the caller's. */
void disk_rows_expect(const struct disk_rows *rows, uint64_t position, uint64_t keep_segments, uint64_t *lost,
                      struct disk_expectation *expectation);

/* The generation that a sequence is of. */
uint64_t disk_generation(const struct disk_expectation *expectation, uint64_t sequence);

#endif
