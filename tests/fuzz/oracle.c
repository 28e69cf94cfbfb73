/* Whole blocks and their records, after the page. See oracle.h.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifdef QUIRE__HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef QUIRE__HAVE_LZ4
#include <lz4.h>
#endif

#include "fuzz.h"

enum { DATA = 1, GAP = 2, FOOTER = 3, NONE = 0, ZSTD = 1, LZ4 = 2, GAP_DAMAGE = 3 };
#define BELOW (UINT64_C(1) << 63)

/* table[n][byte]: what a byte does to the sum with n zero bytes behind it. */
static uint32_t table[8][256];

static void fill_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t row = i;
        for (int bit = 0; bit < 8; bit++)
            row = row & 1 ? row >> 1 ^ UINT32_C(0x82F63B78) : row >> 1;
        table[0][i] = row;
    }
    for (int n = 1; n < 8; n++)
        for (uint32_t i = 0; i < 256; i++)
            table[n][i] = table[n - 1][i] >> 8 ^ table[0][table[n - 1][i] & 255];
}

uint32_t oracle_crc32c(uint32_t before, const void *bytes, uint64_t length)
{
    const unsigned char *at = bytes;
    const unsigned char *end = at + length;
    uint32_t sum = ~before;
    uint32_t two[2];

    if (!table[0][1])
        fill_table();
    for (; end - at >= 8; at += 8) {
        memcpy(two, at, sizeof two);
        two[0] ^= sum;
        sum = table[7][two[0] & 255] ^ table[6][two[0] >> 8 & 255] ^ table[5][two[0] >> 16 & 255] ^
              table[4][two[0] >> 24] ^ table[3][two[1] & 255] ^ table[2][two[1] >> 8 & 255] ^
              table[1][two[1] >> 16 & 255] ^ table[0][two[1] >> 24];
    }
    for (; at < end; at++)
        sum = sum >> 8 ^ table[0][(sum ^ *at) & 255];
    return ~sum;
}

bool oracle_segment(const unsigned char *bytes, uint64_t size, struct quire__disk_segment *segment)
{
    if (size < QUIRE__PAGE)
        return false;
    memcpy(segment, bytes, sizeof *segment);
    return memcmp(segment->magic, "QUIRESEG", 8) == 0 &&
           segment->checksum == oracle_crc32c(0, bytes + 12, QUIRE__PAGE - 12) && segment->version == 1 &&
           segment->incompatible == 0;
}

/* Conditions 4 and 5. */
static bool lengths_agree(const struct quire__disk_block *h, uint64_t offset)
{
    if (h->pages == 0 || h->stored_bytes > UINT64_C(1) << 44 ||
        h->pages != (96 + h->stored_bytes + QUIRE__PAGE - 1) / QUIRE__PAGE)
        return false;
    if (offset >= BELOW || (uint64_t)h->pages * QUIRE__PAGE >= BELOW - offset)
        return false;
    if (h->first_sequence == 0 || h->first_sequence + h->records < h->first_sequence)
        return false;
    if (h->codec == NONE && h->stored_bytes != h->payload_bytes)
        return false;
    switch (h->type) {
    case DATA:
        return h->records > 0 && h->records <= h->payload_bytes / 4;
    case GAP:
        return h->codec == NONE && h->records > 0 && h->payload_bytes >= 16;
    default:
        return h->records == 0 && h->payload_bytes == 128;
    }
}

bool oracle_header(const unsigned char *bytes, uint64_t size, const struct quire__disk_segment *segment,
                   uint64_t offset, struct quire__disk_block *header)
{
    struct quire__disk_block h;
    uint32_t sum;

    if (offset % QUIRE__PAGE != 0 || offset < QUIRE__PAGE || size < QUIRE__PAGE || offset > size - QUIRE__PAGE)
        return false;
    memcpy(&h, bytes + offset, sizeof h);
    sum = oracle_crc32c(0, segment->log_id, 16);
    sum = oracle_crc32c(sum, &segment->epoch, 8);
    sum = oracle_crc32c(sum, &offset, 8);
    sum = oracle_crc32c(sum, bytes + offset + 8, 88);
    if (h.magic != 0x4B4C4251 || h.header_checksum != sum)
        return false;
    if (h.type < DATA || h.type > FOOTER || h.codec > LZ4 || h.flags > 1 || !lengths_agree(&h, offset))
        return false;
    *header = h;
    return true;
}

#ifdef QUIRE__HAVE_ZSTD
static bool expand_zstd(const struct quire__disk_block *h, const unsigned char *stored, unsigned char *to)
{
    static ZSTD_DCtx *context; /* is large, and made once */

    if (!context)
        context = ZSTD_createDCtx();
    return ZSTD_decompressDCtx(context, to, h->payload_bytes, stored, h->stored_bytes) == h->payload_bytes;
}
#endif

static bool expand(const struct quire__disk_block *h, const unsigned char *stored, unsigned char *to)
{
    switch (h->codec) {
    case NONE:
        memcpy(to, stored, h->payload_bytes);
        return true;
#ifdef QUIRE__HAVE_ZSTD
    case ZSTD:
        return expand_zstd(h, stored, to);
#endif
#ifdef QUIRE__HAVE_LZ4
    case LZ4:
        return h->payload_bytes <= INT32_MAX &&
               (uint64_t)LZ4_decompress_safe((const char *)stored, (char *)to, (int)h->stored_bytes,
                                             (int)h->payload_bytes) == h->payload_bytes;
#endif
    default:
        return false;
    }
}

/* The record at *at; false: it does not fit. */
static bool step(const struct oracle_block *block, uint64_t *at, struct oracle_record *record)
{
    uint64_t frame = block->header.flags & 1 ? 8 : 4;
    uint64_t left = block->header.payload_bytes - *at;
    uint32_t word;
    uint32_t delta = 0;

    if (left < frame)
        return false;
    memcpy(&word, block->payload + *at, 4);
    if (frame == 8)
        memcpy(&delta, block->payload + *at + 4, 4);
    uint32_t length = word & 0x7FFFFFFF;
    if (length == 0 || length - 1 > left - frame)
        return false;
    record->data = block->payload + *at + frame;
    record->length = length - 1;
    record->time = block->header.first_time + delta;
    record->is_void = word >> 31;
    *at += frame + record->length;
    return true;
}

static bool records_fill(const struct oracle_block *block)
{
    struct oracle_record record;
    uint64_t at = 0;

    for (uint64_t i = 0; i < block->header.records; i++)
        if (!step(block, &at, &record))
            return false;
    return at == block->header.payload_bytes;
}

bool oracle_block(const unsigned char *bytes, uint64_t size, const struct quire__disk_segment *segment, uint64_t offset,
                  uint64_t most, struct oracle_block *block)
{
    struct oracle_block found;

    if (!oracle_header(bytes, size, segment, offset, &found.header))
        return false;
    uint64_t length = (uint64_t)found.header.pages * QUIRE__PAGE;
    if (length > size - offset || found.header.payload_bytes > most || length > most)
        return false;
    if (found.header.payload_checksum != oracle_crc32c(0, bytes + offset + 96, length - 96))
        return false;
    found.payload = malloc(found.header.payload_bytes + 1);
    if (!found.payload)
        abort();
    if (expand(&found.header, bytes + offset + 96, found.payload) &&
        (found.header.type != DATA || records_fill(&found))) {
        *block = found;
        return true;
    }
    free(found.payload);
    return false;
}

bool oracle_record(const struct oracle_block *block, uint64_t index, struct oracle_record *record)
{
    uint64_t at = 0;

    for (uint64_t i = 0; i <= index; i++)
        if (!step(block, &at, record))
            return false;
    return true;
}

void oracle_open(struct oracle *oracle, struct memory_io *memory, uint64_t most)
{
    *oracle = (struct oracle){.memory = memory, .most = most};
}

static void forget(struct oracle *oracle)
{
    if (oracle->known && oracle->whole)
        free(oracle->block.payload);
    free(oracle->places);
    oracle->places = NULL;
    oracle->known = false;
}

void oracle_close(struct oracle *oracle)
{
    forget(oracle);
}

static void find_places(struct oracle *oracle)
{
    struct oracle_record record;
    uint64_t at = 0;

    oracle->places = malloc(oracle->block.header.records * sizeof *oracle->places);
    if (!oracle->places)
        abort();
    for (uint64_t i = 0; i < oracle->block.header.records; i++) {
        oracle->places[i] = (uint32_t)at;
        step(&oracle->block, &at, &record);
    }
}

bool oracle_is_whole(struct oracle *oracle, uint64_t segment, uint64_t offset)
{
    struct quire__disk_segment first;
    const struct memory_file *file;

    if (oracle->known && oracle->segment == segment && oracle->offset == offset)
        return oracle->whole;
    forget(oracle);
    oracle->known = true;
    oracle->segment = segment;
    oracle->offset = offset;
    file = memory_io_segment(oracle->memory, segment);
    oracle->whole = file && oracle_segment(file->bytes, file->size, &first) && first.number == segment &&
                    oracle_block(file->bytes, file->size, &first, offset, oracle->most, &oracle->block);
    if (oracle->whole && oracle->block.header.type == DATA)
        find_places(oracle);
    return oracle->whole;
}

static bool find_record(struct oracle *oracle, uint64_t index, struct oracle_record *record)
{
    uint64_t at = oracle->places[index];

    return step(&oracle->block, &at, record);
}

static void check_data(struct oracle *oracle, const struct quire_record *record)
{
    struct oracle_record should = {0};
    uint64_t index = record->sequence - oracle->block.header.first_sequence;

    FUZZ_CHECK(oracle->block.header.type == DATA && index < oracle->block.header.records, "record %" PRIu64,
               record->sequence);
    FUZZ_CHECK(find_record(oracle, index, &should), "record %" PRIu64, record->sequence);
    FUZZ_CHECK(!should.is_void && should.length == record->length && should.time == record->time, "record %" PRIu64,
               record->sequence);
    FUZZ_CHECK(should.length == 0 || memcmp(should.data, record->data, should.length) == 0, "record %" PRIu64,
               record->sequence);
}

void oracle_check(struct oracle *oracle, const struct quire_record *record)
{
    struct oracle_record should = {0};

    if (record->kind == QUIRE_RECORD_GAP)
        FUZZ_CHECK(record->data == NULL && record->length == 0, "gap at %" PRIu64, record->sequence);
    /* What the reader says of damage is of no block. */
    if (record->kind == QUIRE_RECORD_GAP && record->reason == GAP_DAMAGE)
        return;
    FUZZ_CHECK(oracle_is_whole(oracle, record->segment, record->offset),
               "record %" PRIu64 " of segment %" PRIu64 ", offset %" PRIu64, record->sequence, record->segment,
               record->offset);
    if (record->kind == QUIRE_RECORD_DATA) {
        check_data(oracle, record);
    } else if (oracle->block.header.type == DATA) {
        uint64_t index = record->sequence - oracle->block.header.first_sequence;
        FUZZ_CHECK(index < oracle->block.header.records && find_record(oracle, index, &should) && should.is_void,
                   "claim %" PRIu64, record->sequence);
    } else {
        FUZZ_CHECK(oracle->block.header.type == GAP, "gap at %" PRIu64, record->sequence);
    }
}
