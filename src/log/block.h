/* A block: is it whole, is it ours, what is in it. Works on memory only.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_BLOCK_H
#define QUIRE_BLOCK_H

#include <stdbool.h>
#include <string.h>

#include "log/format.h"

/* What a block's checksum is bound to, beside its place. */
struct quire__identity {
    unsigned char log_id[16];
    uint64_t epoch;
    bool reused; /* not bound to it: the file was another segment before, and where no block is may lie anything */
};

static inline uint64_t quire__block_bytes(const struct quire__disk_block *header)
{
    return (uint64_t)header->pages * QUIRE__PAGE;
}

/* The pages that a payload of stored bytes takes, with the header. */
static inline uint64_t quire__block_pages(uint64_t stored)
{
    return (QUIRE__BLOCK_HEADER + stored + QUIRE__PAGE - 1) / QUIRE__PAGE;
}

/* The sequence after the block's last. */
static inline uint64_t quire__block_next(const struct quire__disk_block *header)
{
    return header->first_sequence + header->records;
}

/* What was durable when the block was built, as it says: of what lies in front of it. */
static inline uint64_t quire__block_mark(const struct quire__disk_block *header)
{
    return quire__min(header->durable, header->first_sequence - 1); /* a valid header's is 1 at least */
}

/* Fills in magic, epoch, tag and header checksum, for a block that will lie at offset, and puts the header to
 * memory. */
void quire__block_seal(struct quire__disk_block *header, const struct quire__identity *identity, uint64_t offset,
                       void *memory);

bool quire__page_is_zero(const void *page);

/* What lies at a page boundary. */
enum quire__block_look {
    QUIRE__LOOK_HEADER,  /* the header of a block of ours, in its place; the payload was not looked at */
    QUIRE__LOOK_ZERO,    /* a page of zeros */
    QUIRE__LOOK_STALE,   /* of an earlier writing of this file: a header, or anything else in one that is reused */
    QUIRE__LOOK_UNKNOWN, /* anything else */
};

/* page: 4096 bytes. *header is filled for HEADER alone. Conditions 1 to 5 of docs/format.md. */
enum quire__block_look quire__block_look(const void *page, const struct quire__identity *identity, uint64_t offset,
                                         struct quire__disk_block *header);

/* Condition 6: memory holds the whole block of header. */
bool quire__block_payload_is_whole(const struct quire__disk_block *header, const void *memory);

/* Condition 7: the records of an expanded payload are as many as the header says, and fill it. */
bool quire__block_records_fit(const struct quire__disk_block *header, const void *payload);

/* Bytes in front of each record of a block of data. */
static inline uint64_t quire__block_frame(const struct quire__disk_block *header)
{
    return header->flags & QUIRE__BLOCK_TIMES ? QUIRE__RECORD_WORD + QUIRE__RECORD_TIME : QUIRE__RECORD_WORD;
}

/* A record within an expanded payload. */
struct quire__block_record {
    const unsigned char *data;
    uint64_t length;
    uint64_t time;
    bool is_void;
};

/* The record at *at of the payload, and moves *at behind it. The payload was checked. */
static inline void quire__block_next_record(const struct quire__disk_block *header, const unsigned char *payload,
                                            uint64_t *at, struct quire__block_record *record)
{
    const unsigned char *from = payload + *at;
    uint32_t word;
    uint32_t delta = 0;

    memcpy(&word, from, sizeof word);
    from += QUIRE__RECORD_WORD;
    if (header->flags & QUIRE__BLOCK_TIMES) {
        memcpy(&delta, from, sizeof delta);
        from += QUIRE__RECORD_TIME;
    }
    record->data = from;
    record->length = (word & ~QUIRE__RECORD_VOID) - 1;
    record->time = header->first_time + delta;
    record->is_void = word & QUIRE__RECORD_VOID;
    *at = (uint64_t)(from - payload) + record->length;
}

/* Adds a block, which is no footer, to what a footer says. */
void quire__footer_add(struct quire__disk_footer *sums, const struct quire__disk_block *header);

/* The bytes of live.quire. Reading one that is torn, or of another log, or cannot be true, gives false. */
void quire__live_seal(struct quire__disk_live *live, const unsigned char *log_id);
bool quire__live_is_whole(const struct quire__disk_live *live, const unsigned char *log_id);

#endif
