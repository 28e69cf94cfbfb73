/* The tables of docs/format.md as code. See encode.h.
 *
 * SPDX-License-Identifier: MIT */
#include "encode.h"

#include <string.h>

#include "manifest.h"

enum { PAGE_BYTES = 4096, HEADER = 96 };

static const unsigned char segment_magic[8] = {'Q', 'U', 'I', 'R', 'E', 'S', 'E', 'G'};
static const unsigned char live_magic[8] = {'Q', 'U', 'I', 'R', 'L', 'I', 'V', 'E'};

void encode_number(unsigned char *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

void encode_segment(struct encoding *e)
{
    unsigned char *page = e->bytes;

    memset(page, 0, PAGE_BYTES);
    memcpy(page, segment_magic, sizeof segment_magic);
    encode_number(page + 12, e->version, 4);
    encode_number(page + 16, e->compatible, 8);
    encode_number(page + 24, e->incompatible, 8);
    memcpy(page + 32, e->log_id, 16);
    encode_number(page + 48, e->epoch, 8);
    encode_number(page + 56, e->number, 8);
    encode_number(page + 64, e->created, 8);
    encode_number(page + 72, e->segment_bytes, 8);
    encode_number(page + 8, manifest_crc32c(0, page + 12, PAGE_BYTES - 12), 4);
    e->length = PAGE_BYTES;
    e->previous_pages = 0;
    e->checksums = 0;
}

/* Bytes 8 to 95. */
static void put_fields(unsigned char *at, const struct encoding *e, const struct encoded_block *b, uint64_t span)
{
    encode_number(at + 8, manifest_crc32c(0, at + HEADER, span - HEADER), 4);
    encode_number(at + 12, b->pages, 4);
    at[16] = b->type;
    at[17] = b->codec;
    encode_number(at + 18, b->flags, 2);
    encode_number(at + 20, b->previous_pages, 4);
    encode_number(at + 24, b->records, 8);
    encode_number(at + 32, b->stored, 8);
    encode_number(at + 40, b->payload, 8);
    encode_number(at + 48, b->first_sequence, 8);
    encode_number(at + 56, b->first_time, 8);
    encode_number(at + 64, b->last_time, 8);
    encode_number(at + 72, b->durable, 8);
    encode_number(at + 80, b->epoch, 8);
    memcpy(at + 88, e->log_id, 8);
}

static uint32_t header_checksum(const struct encoding *e, const struct encoded_block *b, const unsigned char *at)
{
    unsigned char place[32];

    memcpy(place, e->log_id, 16);
    encode_number(place + 16, b->epoch, 8);
    encode_number(place + 24, (uint64_t)(at - e->bytes), 8);
    return manifest_crc32c(manifest_crc32c(0, place, 32), at + 8, HEADER - 8);
}

void encode_block(struct encoding *e, const struct encoded_block *block, const struct encoded_payload *payload)
{
    uint64_t span = (HEADER + payload->length + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    unsigned char *at = e->bytes + e->length;
    struct encoded_block b = *block;

    if (!b.is_raw) {
        b.pages = (uint32_t)(span / PAGE_BYTES);
        b.stored = b.payload = payload->length;
        b.epoch = e->epoch;
        b.previous_pages = e->previous_pages;
    }
    memset(at, 0, span);
    memcpy(at + HEADER, payload->bytes, payload->length);
    encode_number(at, 0x4B4C4251, 4);
    put_fields(at, e, &b, span);
    encode_number(at + 4, header_checksum(e, &b, at), 4);
    e->checksums = manifest_crc32c(e->checksums, at + 4, 4);
    e->previous_pages = (uint32_t)(span / PAGE_BYTES);
    e->length += span;
}

void encode_record(struct encoded_payload *payload, const void *data, uint64_t length, bool has_time, uint32_t time,
                   bool is_void)
{
    unsigned char *at = payload->bytes + payload->length;

    encode_number(at, (length + 1) | (is_void ? UINT64_C(1) << 31 : 0), 4);
    at += 4;
    if (has_time) {
        encode_number(at, time, 4);
        at += 4;
    }
    memcpy(at, data, length);
    payload->length = (uint64_t)(at - payload->bytes) + length;
}

void encode_live(const struct encoding *e, uint64_t written, uint64_t durable, unsigned char *to)
{
    memset(to, 0, ENCODED_LIVE);
    memcpy(to, live_magic, sizeof live_magic);
    memcpy(to + 16, e->log_id, 8);
    encode_number(to + 24, written, 8);
    encode_number(to + 32, durable, 8);
    encode_number(to + 40, e->number, 8);
    encode_number(to + 48, e->length, 8);
    encode_number(to + 56, 1, 8);
    encode_number(to + 8, manifest_crc32c(0, to + 12, ENCODED_LIVE - 12), 4);
}
