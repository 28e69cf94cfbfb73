/* Building logs by hand. See log_builder.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log_builder.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "log/codec.h"

void builder_open(struct log_builder *b, const char *directory, uint64_t tag)
{
    *b = (struct log_builder){.directory = directory, .file = -1, .next_sequence = 1, .time = 1000};
    memset(b->header.identity.log_id, (int)tag, 16);
    b->header.identity.epoch = tag * 1000;
    mkdir(directory, 0700); /* it may be there */
}

void builder_close(struct log_builder *b)
{
    if (b->file >= 0)
        REQUIRE_INT(close(b->file), 0);
    bytes_free(&b->payload);
    free(b->records);
    free(b->blocks);
}

const char *segment_path(const struct log_builder *b, uint64_t number)
{
    static char text[8][4096];
    static unsigned turn;
    char *path = text[turn++ % 8];

    snprintf(path, sizeof text[0], "%s/" QUIRE__SEGMENT_NAME, b->directory, number);
    return path;
}

static void put(struct log_builder *b, const void *from, uint64_t length)
{
    REQUIRE_INT(pwrite(b->file, from, length, (off_t)b->offset), length);
    b->offset += length;
}

void builder_segment(struct log_builder *b, uint64_t number)
{
    unsigned char page[QUIRE__PAGE];

    if (b->file >= 0)
        REQUIRE_INT(close(b->file), 0);
    b->header.number = number;
    b->header.identity.epoch += 1;
    b->header.created = b->time;
    b->file = open(segment_path(b, number), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(b->file >= 0);
    b->offset = b->previous_pages = b->number_of_block = 0;
    b->checksums = 0;
    b->footer = (struct quire__disk_footer){0};
    quire__segment_encode(&b->header, page);
    put(b, page, sizeof page);
}

static struct built_record *add_record(struct log_builder *b)
{
    if (b->record_count == b->record_room) {
        b->record_room = b->record_room ? 2 * b->record_room : 256;
        b->records = realloc(b->records, b->record_room * sizeof *b->records);
        REQUIRE(b->records);
    }
    struct built_record *built = &b->records[b->record_count++];
    *built = (struct built_record){.block = b->number_of_block};
    built->record.sequence = b->next_sequence;
    built->record.segment = b->header.number;
    built->record.offset = b->offset;
    return built;
}

static void add_block(struct log_builder *b, const struct quire__disk_block *header)
{
    if (b->block_count == b->block_room) {
        b->block_room = b->block_room ? 2 * b->block_room : 64;
        b->blocks = realloc(b->blocks, b->block_room * sizeof *b->blocks);
        REQUIRE(b->blocks);
    }
    b->blocks[b->block_count++] = (struct built_block){
        .segment = b->header.number,
        .number = b->number_of_block,
        .offset = b->offset,
        .bytes = quire__block_bytes(header),
        .first_sequence = header->first_sequence,
        .records = header->records,
    };
}

/* The payload of the header, compressed if that is chosen, with header and padding. */
static unsigned char *pack(struct log_builder *b, struct quire__disk_block *header, const void *payload)
{
    struct quire__compressor *compressor;
    uint64_t room = header->payload_bytes + header->payload_bytes / 8 + 2 * QUIRE__PAGE;
    unsigned char *memory = calloc(1, room);

    REQUIRE(memory);
    /* A gap is never compressed. */
    header->codec = (uint8_t)(header->type == QUIRE__BLOCK_GAP ? QUIRE_CODEC_NONE : b->codec);
    REQUIRE_OK(quire__compressor_open(header->codec, 0, &compressor));
    REQUIRE_OK(quire__compress(compressor, payload, header->payload_bytes, memory + QUIRE__BLOCK_HEADER,
                               room - QUIRE__BLOCK_HEADER, &header->stored_bytes));
    quire__compressor_close(compressor);
    memset(memory + QUIRE__BLOCK_HEADER + header->stored_bytes, 0, room - QUIRE__BLOCK_HEADER - header->stored_bytes);
    header->pages = (uint32_t)quire__block_pages(header->stored_bytes);
    return memory;
}

static void count_in_footer(struct log_builder *b, const struct quire__disk_block *header)
{
    struct quire__disk_footer *footer = &b->footer;

    if (footer->blocks == 0) {
        footer->first_sequence = header->first_sequence;
        footer->first_time = header->first_time;
    }
    footer->blocks++;
    *(header->type == QUIRE__BLOCK_GAP ? &footer->lost : &footer->records) += header->records;
    footer->last_sequence = quire__block_next(header) - 1;
    footer->last_time = header->last_time;
    footer->checksum = quire__crc32c(footer->checksum, &header->header_checksum, sizeof header->header_checksum);
}

static void write_block(struct log_builder *b, uint8_t type, uint64_t records, const void *payload, uint64_t length)
{
    struct quire__disk_block header = {
        .type = type,
        .flags = type == QUIRE__BLOCK_DATA && b->times ? QUIRE__BLOCK_TIMES : 0,
        .previous_pages = (uint32_t)b->previous_pages,
        .records = records,
        .payload_bytes = length,
        .first_sequence = b->next_sequence - (type == QUIRE__BLOCK_DATA ? records : 0),
        .first_time = type == QUIRE__BLOCK_DATA ? b->block_first_time : b->time,
        .last_time = b->time,
        .durable = b->durable,
    };
    unsigned char *memory = pack(b, &header, payload);

    header.payload_checksum =
        quire__crc32c(0, memory + QUIRE__BLOCK_HEADER, quire__block_bytes(&header) - QUIRE__BLOCK_HEADER);
    quire__block_seal(&header, &b->header.identity, b->offset, memory);
    add_block(b, &header);
    put(b, memory, quire__block_bytes(&header));
    free(memory);
    if (type != QUIRE__BLOCK_FOOTER)
        count_in_footer(b, &header);
    b->previous_pages = header.pages;
    b->number_of_block++;
}

static void add(struct log_builder *b, uint64_t length, bool is_void)
{
    uint32_t word = (uint32_t)(length + 1) | (is_void ? QUIRE__RECORD_VOID : 0);
    struct built_record *built = add_record(b);

    b->time += 10;
    if (b->in_block++ == 0)
        b->block_first_time = b->time;
    uint32_t delta = (uint32_t)(b->time - b->block_first_time);
    bytes_add(&b->payload, &word, sizeof word);
    if (b->times)
        bytes_add(&b->payload, &delta, sizeof delta);
    bytes_add_filled(&b->payload, length, b->next_sequence);
    built->record.length = is_void ? 0 : length;
    built->record.time = b->times ? b->time : b->block_first_time;
    built->record.kind = is_void ? QUIRE_RECORD_GAP : QUIRE_RECORD_DATA;
    built->record.reason = is_void ? QUIRE_GAP_CLAIM : QUIRE_GAP_NONE;
    built->record.lost = is_void;
    b->next_sequence++;
}

void builder_record(struct log_builder *b, uint64_t length)
{
    add(b, length, false);
}

void builder_void(struct log_builder *b, uint64_t length)
{
    add(b, length, true);
}

void builder_seal(struct log_builder *b)
{
    write_block(b, QUIRE__BLOCK_DATA, b->in_block, b->payload.data, b->payload.length);
    b->payload.length = 0;
    b->in_block = 0;
}

void builder_block(struct log_builder *b, uint64_t count, uint64_t length)
{
    for (uint64_t i = 0; i < count; i++)
        builder_record(b, length);
    builder_seal(b);
}

void builder_gap(struct log_builder *b, uint64_t lost, uint32_t reason)
{
    struct quire__disk_gap gap = {.reason = reason, .bytes = 100 * lost};
    struct built_record *built = add_record(b);

    built->record.kind = QUIRE_RECORD_GAP;
    built->record.reason = reason;
    built->record.lost = lost;
    built->record.time = b->time;
    write_block(b, QUIRE__BLOCK_GAP, lost, &gap, sizeof gap);
    b->next_sequence += lost;
}

void builder_footer(struct log_builder *b)
{
    write_block(b, QUIRE__BLOCK_FOOTER, 0, &b->footer, sizeof b->footer);
}

void builder_live(struct log_builder *b, uint64_t durable)
{
    struct quire__disk_live live = {
        .written = b->next_sequence - 1, .durable = durable, .segment = b->header.number, .end = b->offset};
    char path[4096];

    quire__live_seal(&live, b->header.identity.log_id);
    snprintf(path, sizeof path, "%s/" QUIRE__LIVE_NAME, b->directory);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    REQUIRE_INT(pwrite(file, &live, sizeof live, 0), sizeof live);
    REQUIRE_INT(close(file), 0);
}

void builder_extend(struct log_builder *b, uint64_t bytes)
{
    REQUIRE_INT(ftruncate(b->file, (off_t)bytes), 0);
}

void hurt(const struct log_builder *b, uint64_t number, uint64_t offset, const void *bytes, uint64_t length)
{
    overwrite(segment_path(b, number), offset, bytes, length);
}

void flip(const struct log_builder *b, uint64_t number, uint64_t offset, unsigned char mask)
{
    flip_byte(segment_path(b, number), offset, mask);
}

static bool has_bytes(const struct quire_record *record)
{
    struct bytes should = {0};

    bytes_add_filled(&should, record->length, record->sequence);
    bool same = record->length == 0 || memcmp(should.data, record->data, record->length) == 0;
    bytes_free(&should);
    return same;
}

static bool same(const struct quire_record *a, const struct quire_record *b)
{
    return a->length == b->length && a->sequence == b->sequence && a->time == b->time && a->kind == b->kind &&
           a->reason == b->reason && a->lost == b->lost && a->segment == b->segment && a->offset == b->offset;
}

bool check_record(const struct log_builder *b, uint64_t index, const struct quire_record *record, const char *file,
                  int line)
{
    const struct quire_record *should = index < b->record_count ? &b->records[index].record : NULL;

    if (should && same(record, should) && (record->kind == QUIRE_RECORD_GAP ? !record->data : has_bytes(record)))
        return true;
    harness_fail(file, line,
                 "record %" PRIu64 ": sequence %" PRIu64 " length %" PRIu64 " time %" PRIu64
                 " kind %u reason %u lost %" PRIu64 " segment %" PRIu64 " offset %" PRIu64
                 "; should be sequence %" PRIu64 " length %" PRIu64 " time %" PRIu64,
                 index, record->sequence, record->length, record->time, record->kind, record->reason, record->lost,
                 record->segment, record->offset, should ? should->sequence : 0, should ? should->length : 0,
                 should ? should->time : 0);
    return false;
}

bool is_right(const struct log_builder *b, const struct quire_record *record)
{
    for (uint64_t i = 0; i < b->record_count; i++) {
        const struct quire_record *should = &b->records[i].record;
        if (should->sequence == record->sequence)
            return should->kind == record->kind && should->length == record->length && has_bytes(record);
    }
    return false;
}

quire_reader *open_reader(const char *directory, uint32_t flags, struct quire_damage *damage)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = flags, .damage = damage};
    quire_reader *reader = NULL;

    REQUIRE_OK(quire_reader_open(directory, &options, &reader));
    return reader;
}
