/* The input of the targets that read a log: a short text of bytes that says what lies in its files.
 *
 * A log's own bytes are mostly zeros and checksums, and whatever changes one of them is found by the checksum. So an input
 * is a list of items, each a block or page without its padding; what an item's flags ask for (checksums, lengths,
 * sequences) is made right when the files are laid out, and damage comes after that. An engine that knows nothing of this
 * gets behind the checksums all the same, and one that does (mutate.c) changes fields and sets flags.
 *
 *     head: 16 bytes     item: kind (1), flags (1), length (2, little-endian), length bytes     item ...
 *
 * Any bytes are a script: what does not fit is left out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FUZZ_SCRIPT_H
#define QUIRE_TESTS_FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "log/format.h"
#include "memory_io.h"

struct script_head {
    uint8_t flags;     /* the target's */
    uint8_t choice[3]; /* the target's, too */
    uint32_t random;
    uint64_t target; /* of a seek */
};

enum script_kind {
    SCRIPT_PAGES,   /* bytes as they are, and zeros up to the end of the page */
    SCRIPT_ZEROS,   /* so many pages as the first byte says */
    SCRIPT_BLOCK,   /* a block's header and payload */
    SCRIPT_SEGMENT, /* the beginning of a segment's first page: what follows goes to this file */
    SCRIPT_LIVE,    /* live.quire */
    SCRIPT_NAME,    /* an empty file of that name */
    /* When everything else is there, in the segment they stand in: */
    SCRIPT_FLIP, /* where (4 bytes), and what is xor'ed there */
    SCRIPT_COPY, /* from which page (2 bytes) to which (2), how many sectors of 512 (1) */
    SCRIPT_CUT,  /* so many bytes (2) off the end */
    SCRIPT_KINDS
};

enum script_flag {
    SCRIPT_SEAL = 1,     /* checksums are right, and magic, epoch and tag */
    SCRIPT_FIT = 2,      /* of a block: pages, stored and payload bytes are those of what stands there */
    SCRIPT_COMPRESS = 4, /* what stands there is compressed with the header's codec first */
    SCRIPT_FOLLOW = 8, /* first sequence and previous pages are those behind the block before; a segment's number too */
    SCRIPT_SUM = 16    /* a footer's sums are right */
};
#define SCRIPT_LAWFUL (SCRIPT_SEAL | SCRIPT_FIT | SCRIPT_FOLLOW)

struct script_item {
    uint8_t kind, flags;
    uint16_t length;
    const uint8_t *bytes;
};

enum { SCRIPT_HEAD = sizeof(struct script_head), SCRIPT_ITEM = 4, SCRIPT_ITEMS = 400, SCRIPT_PAGES_MOST = 400 };

/* The item at *at, and moves *at behind it. False: the bytes end. */
bool script_next(const uint8_t *data, size_t size, size_t *at, struct script_item *item);

/* Where a block was laid out. */
struct script_block {
    uint32_t file; /* of the directory in memory */
    uint8_t flags;
    uint64_t number; /* of the segment */
    uint64_t offset, bytes;
};

struct script {
    struct script_head head;
    uint32_t block_count, item_count;
    uint64_t pages;
    unsigned char log_id[16];                 /* of the first segment */
    bool lawful;                              /* segments and headers follow each other as a writer leaves them, */
    bool tidy;                                /* and nothing else lies between them or beside */
    bool damaged;                             /* something was flipped, copied or cut */
    bool moved;                               /* copied or cut */
    bool reused;                              /* a segment says that it was another one before */
    struct script_block blocks[SCRIPT_ITEMS]; /* from here on not zeros where it is not used */
    struct memory_file *file_of_item[SCRIPT_ITEMS];
};

/* Lays the files out in a directory that is open and empty. */
void script_build(struct script *script, const uint8_t *data, size_t size, struct memory_io *memory);
/* And then does the damage, after which no checksum is mended. */
void script_damage(struct script *script, const uint8_t *data, size_t size);

#endif
