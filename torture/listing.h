/* What a reader finds in a log, sequence by sequence.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_LISTING_H
#define QUIRE_TORTURE_LISTING_H

#include "torture/check.h"
#include "torture/disk.h"

enum torture_held { TORTURE_NOT_HELD, TORTURE_LOST, TORTURE_HELD };

struct torture_listing {
    uint64_t first, last; /* last < first: none */
    struct torture_held_record {
        uint32_t held;   /* enum torture_held; lost: a gap says so */
        uint32_t digest; /* CRC-32C, of length and bytes */
    } of[TORTURE_SEQUENCES];
};

/* Reads all of it. damaged: what is damaged counts as lost, and reading goes on behind it. 0, or what the reader says;
 * -ERANGE: more sequences than there is room for, or not in order. */
int torture_listing_read(struct torture_disk *disk, bool damaged, struct torture_listing *listing);

/* NOT_HELD for what lies beyond its ends. */
const struct torture_held_record *torture_listing_at(const struct torture_listing *listing, uint64_t sequence);

/* The first sequence from first to last that a has and b does not have like it; 0: there is none. all: also what a
 * declares lost. */
uint64_t torture_listing_differs(const struct torture_listing *a, const struct torture_listing *b, uint64_t first,
                                 uint64_t last, bool all);

#endif
