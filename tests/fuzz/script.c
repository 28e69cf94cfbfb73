/* From a script to the files of a log. See script.h.
 *
 * SPDX-License-Identifier: MIT */
#include "script.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <quire/log.h>

#include "base/crc32c.h"
#include "log/block.h"
#include "log/codec.h"
#include "log/segment.h"

/* What is known while files are laid out, in the order of the items. */
struct layout {
    struct script *script;
    struct memory_io *memory;
    struct memory_file *file; /* of the segment; NULL: none yet */
    uint64_t number;
    uint64_t next_sequence, last_time, durable;
    uint32_t previous_pages;
};

bool script_next(const uint8_t *data, size_t size, size_t *at, struct script_item *item)
{
    if (size < SCRIPT_ITEM || *at > size - SCRIPT_ITEM)
        return false;
    const uint8_t *from = data + *at;
    size_t left = size - *at - SCRIPT_ITEM;
    size_t length = from[2] | (size_t)from[3] << 8;

    length = length < left ? length : left;
    *item = (struct script_item){
        .kind = from[0] % SCRIPT_KINDS, .flags = from[1], .length = (uint16_t)length, .bytes = from + SCRIPT_ITEM};
    *at += SCRIPT_ITEM + length;
    return true;
}

/* Room for pages at the end of the segment. NULL: none. */
static unsigned char *add_pages(struct layout *layout, uint64_t pages)
{
    struct memory_file *file = layout->file;

    if (!file || layout->script->pages + pages > SCRIPT_PAGES_MOST)
        return NULL;
    layout->script->pages += pages;
    uint64_t at = file->size;
    file = memory_io_grow(layout->memory, file, at + pages * QUIRE__PAGE);
    return file ? file->bytes + at : NULL;
}

static void lay_segment(struct layout *layout, const struct script_item *item)
{
    char name[MEMORY_NAME];
    struct quire__disk_segment disk = {.version = QUIRE__FORMAT_VERSION, .number = layout->number + 1};

    memcpy(&disk, item->bytes, item->length < sizeof disk ? item->length : sizeof disk);
    uint64_t number = disk.number;
    if (item->flags & SCRIPT_FOLLOW)
        number = disk.number = layout->number + 1;
    if (item->flags & SCRIPT_SEAL) {
        memcpy(disk.magic, QUIRE__SEGMENT_MAGIC, sizeof disk.magic);
        disk.version = QUIRE__FORMAT_VERSION;
        disk.incompatible = 0;
    }
    snprintf(name, sizeof name, QUIRE__SEGMENT_NAME, number % UINT64_C(10000000000000000));
    if (memory_io_find(layout->memory, name))
        return;
    if (layout->number == 0)
        memcpy(layout->script->log_id, disk.log_id, sizeof disk.log_id);
    layout->script->lawful &= (item->flags & SCRIPT_LAWFUL) == SCRIPT_LAWFUL && number == disk.number &&
                              memcmp(layout->script->log_id, disk.log_id, sizeof disk.log_id) == 0;
    layout->script->reused |= disk.compatible & QUIRE__SEGMENT_REUSED;
    layout->file = memory_io_put(layout->memory, name, 0);
    layout->number = number;
    layout->previous_pages = 0;
    unsigned char *page = add_pages(layout, 1);
    if (!page) {
        layout->file = NULL;
        return;
    }
    memcpy(page, &disk, sizeof disk);
    if (item->flags & SCRIPT_SEAL)
        disk.checksum = quire__crc32c(0, page + 12, QUIRE__PAGE - 12);
    memcpy(page, &disk, sizeof disk);
}

/* Each is made once. NULL: there is none. */
static struct quire__compressor *compressor_for(uint32_t codec)
{
    static struct quire__compressor *compressors[QUIRE_CODEC_LZ4 + 1];

    if (codec == QUIRE_CODEC_NONE || codec > QUIRE_CODEC_LZ4)
        return NULL;
    if (!compressors[codec] && quire__compressor_open(codec, 0, &compressors[codec]) < 0)
        return NULL;
    return compressors[codec];
}

/* Compressed where the flags ask for it and it gets smaller. The header says then how. */
static uint64_t pack(const struct script_item *item, struct quire__disk_block *header, const uint8_t *payload,
                     uint64_t length, unsigned char *to, uint64_t room)
{
    struct quire__compressor *compressor = item->flags & SCRIPT_COMPRESS ? compressor_for(header->codec) : NULL;
    uint64_t stored = 0;

    if (compressor)
        quire__compress(compressor, payload, length, to, room, &stored);
    if (stored == 0 && item->flags & SCRIPT_COMPRESS)
        header->codec = QUIRE_CODEC_NONE;
    /* What is compressed already says itself how long it was. */
    if (item->flags & SCRIPT_FIT && (stored > 0 || header->codec == QUIRE_CODEC_NONE))
        header->payload_bytes = length;
    if (stored > 0)
        return stored;
    if (length > 0)
        memcpy(to, payload, length);
    return length;
}

static void lay_block(struct layout *layout, const struct script_item *item)
{
    static _Thread_local unsigned char packed[UINT16_MAX + QUIRE__PAGE];
    struct quire__disk_block header = {.type = QUIRE__BLOCK_DATA};
    struct script *script = layout->script;
    uint64_t head = item->length < sizeof header ? item->length : sizeof header;

    memcpy(&header, item->bytes, head);
    uint64_t stored = pack(item, &header, item->bytes + head, item->length - head, packed, sizeof packed);
    if (item->flags & SCRIPT_FIT) {
        header.stored_bytes = stored;
        header.pages = (uint32_t)quire__block_pages(stored);
    }
    if (item->flags & SCRIPT_FOLLOW) {
        header.first_sequence = layout->next_sequence;
        header.previous_pages = layout->previous_pages;
        header.first_time = quire__max(header.first_time, layout->last_time);
        header.last_time = quire__max(header.last_time, header.first_time);
        header.durable = quire__max(layout->durable, quire__min(header.durable, layout->next_sequence - 1));
    }
    unsigned char *to = script->block_count < SCRIPT_ITEMS ? add_pages(layout, quire__block_pages(stored)) : NULL;
    if (!to)
        return;
    memcpy(to, &header, sizeof header);
    memcpy(to + sizeof header, packed, stored);
    script->blocks[script->block_count++] = (struct script_block){
        .file = (uint32_t)(layout->file - layout->memory->files),
        .flags = item->flags,
        .number = layout->number,
        .offset = (uint64_t)(to - layout->file->bytes),
        .bytes = quire__block_pages(stored) * QUIRE__PAGE,
    };
    script->lawful &= (item->flags & SCRIPT_LAWFUL) == SCRIPT_LAWFUL &&
                      (header.type != QUIRE__BLOCK_FOOTER || item->flags & SCRIPT_SUM);
    layout->next_sequence = quire__block_next(&header);
    layout->last_time = header.last_time;
    layout->durable = header.durable;
    layout->previous_pages = (uint32_t)quire__block_pages(stored);
}

static void lay_live(struct layout *layout, const struct script_item *item)
{
    struct quire__disk_live live = {0};
    struct memory_file *file = memory_io_put(layout->memory, QUIRE__LIVE_NAME, item->length);

    if (!file || item->length == 0)
        return;
    memcpy(&live, item->bytes, item->length < sizeof live ? item->length : sizeof live);
    /* Of which log it is was said by the segment before. */
    if (item->flags & SCRIPT_SEAL && layout->file && item->length >= sizeof live) {
        quire__live_seal(&live, layout->file->bytes + offsetof(struct quire__disk_segment, log_id));
        memcpy(file->bytes, &live, sizeof live);
    } else {
        memcpy(file->bytes, item->bytes, item->length);
    }
    layout->script->tidy = false;
}

static void lay_name(struct layout *layout, const struct script_item *item)
{
    char name[MEMORY_NAME] = {0};

    memcpy(name, item->bytes, item->length < sizeof name ? item->length : sizeof name - 1);
    if (name[0] && !memory_io_find(layout->memory, name))
        memory_io_put(layout->memory, name, 0);
    layout->script->tidy = false;
}

static void lay_item(struct layout *layout, const struct script_item *item)
{
    unsigned char *to;

    switch ((enum script_kind)item->kind) {
    case SCRIPT_SEGMENT:
        lay_segment(layout, item);
        break;
    case SCRIPT_BLOCK:
        lay_block(layout, item);
        break;
    case SCRIPT_PAGES:
        layout->script->tidy = false;
        to = item->length ? add_pages(layout, (item->length + QUIRE__PAGE - 1) / QUIRE__PAGE) : NULL;
        if (to)
            memcpy(to, item->bytes, item->length);
        break;
    case SCRIPT_ZEROS:
        layout->script->tidy = false;
        if (item->length)
            add_pages(layout, item->bytes[0] % 16);
        break;
    case SCRIPT_LIVE:
        lay_live(layout, item);
        break;
    case SCRIPT_NAME:
        lay_name(layout, item);
        break;
    default:
        break;
    }
}

/* The identity that the segment's first page says. */
static struct quire__identity identity_of(const struct memory_file *file)
{
    struct quire__identity identity = {0};
    struct quire__disk_segment disk;

    memcpy(&disk, file->bytes, sizeof disk);
    memcpy(identity.log_id, disk.log_id, sizeof identity.log_id);
    identity.epoch = disk.epoch;
    return identity;
}

static void seal(const struct memory_file *file, uint64_t offset)
{
    struct quire__identity identity = identity_of(file);
    struct quire__disk_block header;
    unsigned char *at = file->bytes + offset;

    memcpy(&header, at, sizeof header);
    uint64_t bytes = quire__min(quire__block_bytes(&header), file->size - offset);
    if (bytes > sizeof header)
        header.payload_checksum = quire__crc32c(0, at + sizeof header, bytes - sizeof header);
    quire__block_seal(&header, &identity, offset, at);
}

/* From the last to the first: the payload of a block that reaches too far is what lies behind it, sealed. */
static void seal_blocks(const struct script *script, struct memory_io *memory)
{
    for (uint32_t i = script->block_count; i > 0; i--)
        if (script->blocks[i - 1].flags & SCRIPT_SEAL)
            seal(&memory->files[script->blocks[i - 1].file], script->blocks[i - 1].offset);
}

/* A footer is of the blocks of its segment that stand before it. */
static void sum_up(const struct script *script, struct memory_io *memory)
{
    struct quire__disk_footer sums = {0};
    struct quire__disk_footer old;
    uint32_t of = MEMORY_FILES;

    for (uint32_t i = 0; i < script->block_count; i++) {
        const struct script_block *block = &script->blocks[i];
        const struct memory_file *file = &memory->files[block->file];
        struct quire__disk_block header;
        memcpy(&header, file->bytes + block->offset, sizeof header);
        if (block->file != of)
            sums = (struct quire__disk_footer){0};
        of = block->file;
        if (header.type == QUIRE__BLOCK_FOOTER && block->flags & SCRIPT_SUM) {
            memcpy(&old, file->bytes + block->offset + sizeof header, sizeof old);
            memcpy((unsigned char *)&sums + offsetof(struct quire__disk_footer, chained), &old.chained,
                   sizeof sums - offsetof(struct quire__disk_footer, chained));
            memcpy(file->bytes + block->offset + sizeof header, &sums, sizeof sums);
            seal(file, block->offset);
        } else {
            quire__footer_add(&sums, &header);
        }
    }
}

static void flip(const struct memory_file *file, const struct script_item *item)
{
    uint32_t at;

    if (item->length < 5 || file->size == 0)
        return;
    memcpy(&at, item->bytes, sizeof at);
    for (uint64_t i = 4; i < item->length; i++)
        file->bytes[(at + i - 4) % file->size] ^= item->bytes[i];
}

static void copy_page(const struct memory_file *file, const struct script_item *item)
{
    uint16_t place[2];
    uint64_t pages = file->size / QUIRE__PAGE;

    if (item->length < 5 || pages == 0)
        return;
    memcpy(place, item->bytes, sizeof place);
    memmove(file->bytes + place[1] % pages * QUIRE__PAGE, file->bytes + place[0] % pages * QUIRE__PAGE,
            (item->bytes[4] % 8 + 1u) * 512);
}

static void cut(struct memory_file *file, const struct script_item *item)
{
    uint16_t bytes;

    if (item->length < 2)
        return;
    memcpy(&bytes, item->bytes, sizeof bytes);
    file->size -= quire__min(bytes, file->size);
}

static void do_damage(struct script *script, struct memory_file *file, const struct script_item *item)
{
    if (item->kind < SCRIPT_FLIP || !file)
        return;
    script->damaged = true;
    script->moved |= item->kind != SCRIPT_FLIP;
    if (item->kind == SCRIPT_FLIP)
        flip(file, item);
    else if (item->kind == SCRIPT_COPY)
        copy_page(file, item);
    else
        cut(file, item);
}

void script_build(struct script *script, const uint8_t *data, size_t size, struct memory_io *memory)
{
    struct layout layout = {.script = script, .memory = memory, .next_sequence = 1};
    struct script_item item;
    size_t at = SCRIPT_HEAD;

    memset(script, 0, offsetof(struct script, blocks));
    script->lawful = script->tidy = true;
    memcpy(&script->head, data, size < SCRIPT_HEAD ? size : SCRIPT_HEAD);
    while (script->item_count < SCRIPT_ITEMS && script_next(data, size, &at, &item)) {
        lay_item(&layout, &item);
        script->file_of_item[script->item_count++] = layout.file;
    }
    seal_blocks(script, memory);
    sum_up(script, memory);
}

void script_damage(struct script *script, const uint8_t *data, size_t size)
{
    struct script_item item;
    size_t at = SCRIPT_HEAD;

    for (uint32_t i = 0; i < script->item_count && script_next(data, size, &at, &item); i++)
        do_damage(script, script->file_of_item[i], &item);
}
