/* The blocks of one open segment: reading one, and finding the next or the last where the chain of blocks is broken.
 *
 * Nothing here trusts a length before it was checked against the file and against block_most, and looking for a block
 * takes time in proportion to what is looked at.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_SCAN_H
#define QUIRE_READER_SCAN_H

#include "log/segment.h"
#include "reader/window.h"

/* The largest block that a writer makes: a record as large as can be, and what is around it. */
#define QUIRE__BLOCK_MOST_DEFAULT (QUIRE__RECORD_MOST + (UINT64_C(64) << 10))

struct quire__scan {
    struct quire__io *io;
    int file; /* -1: none is open */
    uint64_t number;
    struct quire__identity identity;
    uint64_t block_most; /* bytes of a block, and of its payload expanded */
    struct quire__window window;
    unsigned char *expanded;
    uint64_t expanded_room;
};

/* -ENOMEM. */
int quire__scan_open(struct quire__scan *scan, struct quire__io *io, uint64_t block_most);
void quire__scan_close(struct quire__scan *scan);

/* Goes over to an open file, which the scan closes from now on. */
void quire__scan_enter(struct quire__scan *scan, int file, const struct quire__segment_header *header);
void quire__scan_leave(struct quire__scan *scan);

/* What lies at an offset. */
enum quire__find {
    QUIRE__FIND_BLOCK,  /* a block of ours that meets all conditions */
    QUIRE__FIND_EMPTY,  /* zeros, a block of an earlier writing of the file, or the end of the file */
    QUIRE__FIND_BROKEN, /* anything else */
};

struct quire__found {
    enum quire__find kind;
    int code;        /* BROKEN: QUIRE_E_DAMAGED, QUIRE_E_TOO_LARGE, QUIRE_E_NO_CODEC or -EIO */
    bool has_header; /* BROKEN: the header is whole, and header filled */
    uint64_t offset;
    struct quire__disk_block header;
    const unsigned char *payload; /* BLOCK: expanded. The scan's, until its next call */
};

/* Reads the block at offset, which is a whole number of pages. -ENOMEM, or why the file cannot be read. */
int quire__scan_read(struct quire__scan *scan, uint64_t offset, struct quire__found *found);

/* Looks at the page at offset alone: found->payload is not filled, and what is in it not checked. */
int quire__scan_look(struct quire__scan *scan, uint64_t offset, struct quire__found *found);

/* The first whole block at offset or behind whose first sequence is at least sequence. *found: is there one? */
int quire__scan_ahead(struct quire__scan *scan, uint64_t offset, uint64_t sequence, bool *is_found,
                      struct quire__found *found);

/* The last whole block in front of offset whose records all lie below sequence. */
int quire__scan_back(struct quire__scan *scan, uint64_t offset, uint64_t sequence, bool *is_found,
                     struct quire__found *found);

/* By what blocks are searched. */
enum quire__order {
    QUIRE__BY_SEQUENCE, /* the last block whose first sequence is at most the target */
    QUIRE__BY_TIME      /* the last block whose first time is below the target */
};

/* Finds it by halving, looking at headers only. Not found: not even the first block is. The chain of blocks may go on
 * behind the one found if it is broken there. */
int quire__scan_locate(struct quire__scan *scan, enum quire__order order, uint64_t target, bool *is_found,
                       struct quire__found *found);

/* Bytes of the file. */
int quire__scan_size(struct quire__scan *scan, uint64_t *bytes);

/* Has the file been written anew for another segment since it was opened? */
int quire__scan_is_recycled(struct quire__scan *scan, bool *is_recycled);

static inline uint64_t quire__found_end(const struct quire__found *found)
{
    return found->offset + quire__block_bytes(&found->header);
}

#endif
