/* A log's bytes, put together from the tables of docs/format.md and nothing of the library's.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_GOLDEN_ENCODE_H
#define QUIRE_TESTS_GOLDEN_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

/* A segment that is being put together. */
struct encoding {
    unsigned char log_id[16];
    uint64_t epoch;
    uint32_t version;
    uint64_t compatible, incompatible;
    uint64_t number, created, segment_bytes;
    uint64_t length; /* so far */
    uint32_t previous_pages;
    uint32_t checksums; /* of the header checksums */
    unsigned char bytes[64 * 1024];
};

/* A block's fields. What is 0 in pages, epoch, stored and payload is filled in as it should be, unless is_raw. */
struct encoded_block {
    uint32_t pages;
    unsigned char type, codec;
    uint16_t flags;
    uint32_t previous_pages;
    uint64_t records, stored, payload, first_sequence, first_time, last_time, durable, epoch;
    bool is_raw;
};

/* A payload. */
struct encoded_payload {
    uint64_t length;
    unsigned char bytes[16 * 1024];
};

void encode_number(unsigned char *to, uint64_t value, int bytes);

/* Begins with the first page. The other fields of the segment are set. */
void encode_segment(struct encoding *e);

/* Adds a block at the end. */
void encode_block(struct encoding *e, const struct encoded_block *block, const struct encoded_payload *payload);

/* Adds a record: word, with has_time its time, bytes. */
void encode_record(struct encoded_payload *payload, const void *data, uint64_t length, bool has_time, uint32_t time,
                   bool is_void);

/* The bytes of live.quire of a writer that is at work. */
enum { ENCODED_LIVE = 88 };
void encode_live(const struct encoding *e, uint64_t written, uint64_t durable, unsigned char *to);

#endif
