/* The bytes of a log, version 1: what is where. docs/format.md explains it; block.h and segment.h turn it into numbers.
 *
 * All numbers are little-endian. The structures are the layout itself, so their sizes and places are checked here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_FORMAT_H
#define QUIRE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/align.h"

#define QUIRE__FORMAT_VERSION 1u
#define QUIRE__SEGMENT_MAGIC "QUIRESEG"
#define QUIRE__BLOCK_MAGIC 0x4B4C4251u /* "QBLK" */

/* A reader that meets an incompatible feature it does not know refuses the segment; a compatible one it may ignore. */
#define QUIRE__SEGMENT_REUSED 1u /* compatible: behind the last block may lie bytes of an earlier writing */
#define QUIRE__INCOMPATIBLE_KNOWN 0u

/* The first page of a segment; what follows the fields is zero, and the checksum covers it. */
struct quire__disk_segment {
    unsigned char magic[8];
    uint32_t checksum; /* crc32c of bytes 12 to 4095 */
    uint32_t version;
    uint64_t compatible;
    uint64_t incompatible;
    unsigned char log_id[16];
    uint64_t epoch;  /* of each writing of a file */
    uint64_t number; /* of the segment */
    uint64_t created;
    uint64_t segment_bytes;
};

enum quire__block_type { QUIRE__BLOCK_DATA = 1, QUIRE__BLOCK_GAP = 2, QUIRE__BLOCK_FOOTER = 3 };

#define QUIRE__BLOCK_TIMES 1u /* each record has its own time */
#define QUIRE__BLOCK_FLAGS_KNOWN QUIRE__BLOCK_TIMES

/* The beginning of a block. */
struct quire__disk_block {
    uint32_t magic;
    uint32_t header_checksum;  /* crc32c of log id, epoch, offset of the block, and bytes 8 to 95 */
    uint32_t payload_checksum; /* crc32c of bytes 96 to the end of the last page */
    uint32_t pages;            /* of the block, with padding */
    uint8_t type;
    uint8_t codec;
    uint16_t flags;
    uint32_t previous_pages; /* of the block before it in the segment; 0: it is the first */
    uint64_t records;        /* sequences that the block takes up */
    uint64_t stored_bytes;   /* of the payload, as it lies in the file */
    uint64_t payload_bytes;  /* expanded */
    uint64_t first_sequence;
    uint64_t first_time; /* nanoseconds since 1970 */
    uint64_t last_time;
    uint64_t durable; /* this sequence and all before it were durable when the block was built */
    uint64_t epoch;
    uint64_t log_tag; /* the first 8 bytes of the log id */
};

/* The beginning of the payload of a gap block, which may be longer: one that was put over damage fills its place. */
struct quire__disk_gap {
    uint32_t reason; /* enum quire_gap_reason */
    uint32_t reserved;
    uint64_t bytes; /* of the records lost, as far as is known */
};

/* The payload of a footer: what the segment holds. */
struct quire__disk_footer {
    uint64_t blocks;
    uint64_t records;
    uint64_t lost;
    uint64_t first_sequence;
    uint64_t last_sequence;
    uint64_t first_time;
    uint64_t last_time;
    uint32_t checksum;          /* crc32c of the header checksums of all blocks before it, in order */
    uint32_t chained;           /* 1: what follows is filled */
    unsigned char previous[32]; /* the digest of the segment before, or zeros */
    unsigned char digest[32];   /* SHA-256 of previous and all pages of blocks before the footer */
};

/* A record in a block: this word, its time if the block keeps times, its bytes. The word is its length + 1; 0 is never
 * valid. */
#define QUIRE__RECORD_VOID 0x80000000u /* a claim that was never published: its sequence is lost */
#define QUIRE__RECORD_WORD 4u
#define QUIRE__RECORD_TIME 4u /* nanoseconds behind the block's first time */
#define QUIRE__RECORD_MOST (UINT64_C(1) << 30)

/* The file live.quire: 88 bytes, written at open, with each hand-over and with each sync by the writer that has the
 * log open, never synced. Only a hint, but for durable, which was true when it was written and stays so. */
#define QUIRE__LIVE_MAGIC "QUIRLIVE"
struct quire__disk_live {
    unsigned char magic[8];
    uint32_t checksum; /* crc32c of bytes 12 to 87 */
    uint32_t reserved;
    uint64_t log_tag;
    uint64_t written; /* sequences */
    uint64_t durable;
    uint64_t segment; /* that is being written, */
    uint64_t end;     /* and the offset of its next block */
    uint64_t changes; /* counts */
    /* By a writer that closed the log: which segments there are, as long as the directory has not changed since; all 0:
     * not known. */
    uint64_t oldest;
    uint64_t newest;
    uint64_t folder_time;
};

/* No log comes near it: where a sequence is said to be beyond, that was made to do harm. */
#define QUIRE__SEQUENCE_MOST (UINT64_C(1) << 62)

#define QUIRE__BLOCK_HEADER ((uint64_t)sizeof(struct quire__disk_block))

_Static_assert(sizeof(struct quire__disk_segment) == 80, "layout");
_Static_assert(offsetof(struct quire__disk_segment, log_id) == 32, "layout");
_Static_assert(sizeof(struct quire__disk_block) == 96, "layout");
_Static_assert(offsetof(struct quire__disk_block, records) == 24, "layout");
_Static_assert(offsetof(struct quire__disk_block, durable) == 72, "layout");
_Static_assert(sizeof(struct quire__disk_gap) == 16, "layout");
_Static_assert(sizeof(struct quire__disk_footer) == 128, "layout");
_Static_assert(sizeof(struct quire__disk_live) == 88, "layout");
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the log's numbers are little-endian, and are used as they lie in memory"
#endif

#endif
