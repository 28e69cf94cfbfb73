/* What runs begin with: somebody's log, and what is in it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_BASE_H
#define QUIRE_TORTURE_BASE_H

#include <quire/reader.h>

#include "torture/load.h"

/* A record, or a gap that was declared. */
struct torture_known {
    uint64_t sequence;
    uint64_t length; /* bytes; of a gap: how many sequences */
    uint32_t digest; /* CRC-32C */
    uint32_t kind;   /* enum quire_record_kind */
};

/* A piece of a segment that begins with a block. While its pages are the image's own they need not be read again. */
struct torture_stretch {
    uint64_t first_sequence;
    uint64_t segment, offset; /* offset 0, too, for the first block of a segment: its header is in front of it */
};

struct torture_base {
    struct torture_arena arena;
    struct torture_image image; /* as it is on the disk, a torn tail included */
    struct torture_load load;
    uint64_t first, last; /* sequences that recovery finds there; last < first: none */
    uint64_t torn_bytes;  /* that it cuts off */
    struct torture_known *known;
    uint64_t known_count, known_room;
    struct torture_stretch *stretches;
    uint64_t stretch_count, stretch_room;
};

/* base->load.most says how much; everything else is filled in. An empty directory is a base without records, and no
 * error. Errors: of torture_image_load; what recovery and the reader say of a log that is damaged, and *damage where.
 * -ENOTRECOVERABLE: recovery loses what could be read before and was durable: a mistake of the library's. Frees
 * nothing: torture_base_free, whatever is returned. */
int torture_base_load(const char *directory, struct torture_base *base, struct quire_damage *damage);
void torture_base_free(struct torture_base *base);

/* The entry that a sequence belongs to; NULL: none. */
const struct torture_known *torture_base_find(const struct torture_base *base, uint64_t sequence);

/* NULL, or what is wrong with a record, of which base knows the sequence. */
const char *torture_base_object(const struct torture_base *base, const struct quire_record *record);

/* Of base, or NULL, which is none. */
uint64_t torture_base_first(const struct torture_base *base);
uint64_t torture_base_last(const struct torture_base *base);

/* Where to begin reading what became of the base: at the last of its sequences such that all of it in front of that
 * lies, page for page, where it lay; or first: read everything. may_trim: segments may be gone from the front. */
uint64_t torture_base_unchanged(const struct torture_base *base, const struct torture_image *image, bool may_trim);

#endif
