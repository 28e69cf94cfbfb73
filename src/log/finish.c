/* Headers, padding and checksums. See finish.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/finish.h"

#include "base/crc32c.h"
#include "log/chain.h"
#include "log/codec.h"

static void pad(unsigned char *memory, uint64_t bytes)
{
    memset(memory + bytes, 0, quire__round_up(bytes, QUIRE__PAGE) - bytes);
}

/* What all blocks say. */
static struct quire__disk_block begin_header(const quire_log *log, const struct quire__slot *slot)
{
    return (struct quire__disk_block){
        .type = QUIRE__BLOCK_DATA,
        .flags = log->frame > QUIRE__RECORD_WORD ? QUIRE__BLOCK_TIMES : 0,
        .previous_pages = slot->segment->previous_pages,
        .records = slot->records,
        .first_sequence = slot->first_sequence,
        .first_time = slot->first_time,
        .last_time = slot->last_time,
        .durable = quire__progress_durable((struct quire__progress *)&log->progress),
    };
}

/* The checksums, over the payload that lies in memory, padded; and the header in front of it. */
static void seal(struct quire__disk_block *header, const struct quire__segment *segment, unsigned char *memory)
{
    pad(memory, QUIRE__BLOCK_HEADER + header->stored_bytes);
    header->pages = (uint32_t)quire__block_pages(header->stored_bytes);
    header->payload_checksum =
        quire__crc32c(0, memory + QUIRE__BLOCK_HEADER, quire__block_bytes(header) - QUIRE__BLOCK_HEADER);
    quire__block_seal(header, &segment->identity, segment->end, memory);
}

/* Where it saves a page: the compressed payload takes the place of the plain one. */
static void compress(quire_log *log, struct quire__slot *slot, struct quire__disk_block *header)
{
    uint64_t plain = header->payload_bytes;
    uint64_t pages = quire__block_pages(plain);
    uint64_t room = (pages - 1) * QUIRE__PAGE;
    uint64_t stored = 0;

    if (pages < 2 ||
        quire__compress(log->compressor, slot->memory + QUIRE__BLOCK_HEADER, plain, log->spare + QUIRE__BLOCK_HEADER,
                        room - QUIRE__BLOCK_HEADER, &stored) < 0 ||
        stored == 0)
        return;
    unsigned char *memory = slot->memory;
    slot->memory = log->spare;
    log->spare = memory;
    header->codec = (uint8_t)log->options.codec;
    header->stored_bytes = stored;
    /* What it saves, the blocks behind it can have. */
    uint64_t saved = (pages - quire__block_pages(stored)) * QUIRE__PAGE;
    quire__spin_lock(&log->order->lock);
    if (log->order->segment == slot->segment)
        log->order->offset -= saved;
    quire__spin_unlock(&log->order->lock);
}

static void finish_records(quire_log *log, struct quire__slot *slot)
{
    struct quire__disk_block header = begin_header(log, slot);

    header.payload_bytes = header.stored_bytes = slot->bytes - QUIRE__BLOCK_HEADER;
    if (log->compressor)
        compress(log, slot, &header);
    seal(&header, slot->segment, slot->memory);
    quire__log_count(&log->block_payload, header.payload_bytes);
}

static void finish_gap(quire_log *log, struct quire__slot *slot)
{
    struct quire__disk_gap gap = {.reason = slot->lost_reason, .bytes = slot->lost_bytes};
    struct quire__disk_block header = begin_header(log, slot);

    header.type = QUIRE__BLOCK_GAP;
    header.flags = 0;
    header.payload_bytes = header.stored_bytes = sizeof gap;
    memcpy(slot->memory + QUIRE__BLOCK_HEADER, &gap, sizeof gap);
    seal(&header, slot->segment, slot->memory);
    quire__log_count(&log->gaps, 1);
}

/* Made before its place in the file was known, or moved since. */
static void seal_in_place(struct quire__slot *slot)
{
    struct quire__disk_block header;

    memcpy(&header, slot->memory, sizeof header);
    header.previous_pages = slot->segment->previous_pages;
    quire__block_seal(&header, &slot->segment->identity, slot->segment->end, slot->memory);
}

/* The block, or the first piece of one, is at the segment's end now. */
static void begin_block(quire_log *log, struct quire__slot *slot)
{
    struct quire__segment *segment = slot->segment;
    struct quire__disk_block header;

    memcpy(&header, slot->memory, sizeof header);
    quire__footer_add(&segment->sums, &header);
    segment->previous_pages = header.pages;
    slot->length = slot->kind == QUIRE__SLOT_RAW ? slot->bytes : quire__block_bytes(&header);
    quire__log_count(&log->blocks, 1);
}

void quire__finish(quire_log *log, struct quire__slot *slot)
{
    bool raw = slot->kind == QUIRE__SLOT_RAW;

    /* After a failure elsewhere a block may move before it is written for the first time. */
    if (raw ? !slot->continues : slot->finished)
        seal_in_place(slot);
    else if (slot->kind == QUIRE__SLOT_RECORDS)
        finish_records(log, slot);
    else if (slot->kind == QUIRE__SLOT_GAP)
        finish_gap(log, slot);
    slot->finished = true;
    if (raw && slot->continues)
        slot->length = slot->bytes;
    else
        begin_block(log, slot);
    slot->offset = slot->segment->end;
    slot->segment->end += slot->length;
    quire__chain_add(log, slot->memory, slot->length);
}

void quire__finish_footer(quire_log *log, struct quire__segment *segment)
{
    struct quire__disk_block header = {
        .type = QUIRE__BLOCK_FOOTER,
        .previous_pages = segment->previous_pages,
        .stored_bytes = sizeof segment->sums,
        .payload_bytes = sizeof segment->sums,
        .first_sequence = segment->sums.last_sequence + 1,
        .first_time = segment->sums.last_time,
        .last_time = segment->sums.last_time,
        /* It may be written when later segments are durable already. That is not for this one to say: if they are cut off
         * on purpose, nothing that stays may speak of them. */
        .durable = quire__min(quire__progress_durable(&log->progress), segment->sums.last_sequence),
    };

    memcpy(log->page + QUIRE__BLOCK_HEADER, &segment->sums, sizeof segment->sums);
    seal(&header, segment, log->page);
}
