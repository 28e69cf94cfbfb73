/* Changes to a script that keep it one: fields of headers, words of records, flags, and the order of items; the rest is
 * libFuzzer's own. What a change breaks (checksums, lengths, sequences) the item's flags let script.c make right again, or
 * not.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "script.h"

/* NULL: the engine has none, and does not ask for ours. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

struct place {
    size_t begin, length; /* of the item's bytes, behind its head */
};

struct items {
    struct place place[SCRIPT_ITEMS];
    uint32_t count;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

static void find_items(const uint8_t *data, size_t size, struct items *items)
{
    struct script_item item;
    size_t at = SCRIPT_HEAD;

    items->count = 0;
    while (items->count < SCRIPT_ITEMS && script_next(data, size, &at, &item))
        items->place[items->count++] = (struct place){at - item.length, item.length};
}

static uint64_t odd_number(uint64_t *random)
{
    static const uint64_t odd[] = {0,          1,         2,          95,         96,        4000,
                                   4095,       4096,      4097,       65535,      1u << 30,  INT32_MAX,
                                   UINT32_MAX, INT64_MAX, UINT64_MAX, 1ull << 40, 1ull << 52};

    switch (next_random(random) % 3) {
    case 0:
        return odd[next_random(random) % (sizeof odd / sizeof odd[0])];
    case 1:
        return next_random(random) % 64;
    default:
        return next_random(random) >> next_random(random) % 53;
    }
}

/* A number of 1, 2, 4 or 8 bytes: another, one more, one less, or a bit of it. */
static void change_number(uint8_t *at, size_t width, uint64_t *random)
{
    uint64_t value = 0;

    memcpy(&value, at, width);
    switch (next_random(random) % 4) {
    case 0:
        value = odd_number(random);
        break;
    case 1:
        value += 1 + next_random(random) % 3;
        break;
    case 2:
        value -= 1 + next_random(random) % 3;
        break;
    default:
        value ^= UINT64_C(1) << next_random(random) % (8 * width);
        break;
    }
    memcpy(at, &value, width);
}

static void change_block_field(uint8_t *block, size_t length, uint64_t *random)
{
    static const struct {
        uint8_t offset, width;
    } fields[] = {{12, 4}, {16, 1}, {17, 1}, {18, 2}, {20, 4}, {24, 8}, {32, 8},
                  {40, 8}, {48, 8}, {56, 8}, {64, 8}, {72, 8}, {80, 8}, {88, 8}};
    size_t i = next_random(random) % (sizeof fields / sizeof fields[0]);

    if (fields[i].offset + (size_t)fields[i].width <= length)
        change_number(block + fields[i].offset, fields[i].width, random);
}

static void change_segment_field(uint8_t *segment, size_t length, uint64_t *random)
{
    static const uint8_t fields[] = {16, 24, 32, 48, 56, 64, 72};
    size_t offset = fields[next_random(random) % sizeof fields];

    if (offset + 8 <= length)
        change_number(segment + offset, 8, random);
}

/* The word of a record, found by following those before it. */
static void change_record(uint8_t *block, size_t length, uint64_t *random)
{
    size_t frame = length > 18 && block[18] & 1 ? 8 : 4;
    size_t at = QUIRE__BLOCK_HEADER;
    uint64_t index = next_random(random) % 8;
    uint32_t word;

    for (; index > 0 && at + frame <= length; index--) {
        memcpy(&word, block + at, sizeof word);
        word &= INT32_MAX;
        if (word == 0 || word - 1 > length - at - frame)
            break;
        at += frame + word - 1;
    }
    if (at + frame <= length)
        change_number(block + at + (frame == 8 && next_random(random) % 2 ? 4 : 0), 4, random);
}

static void change_inside(uint8_t *data, const struct place *place, uint64_t *random)
{
    uint8_t *bytes = data + place->begin;
    uint8_t kind = data[place->begin - SCRIPT_ITEM] % SCRIPT_KINDS;

    if (kind == SCRIPT_BLOCK && next_random(random) % 3 == 0)
        change_record(bytes, place->length, random);
    else if (kind == SCRIPT_BLOCK)
        change_block_field(bytes, place->length, random);
    else if (kind == SCRIPT_SEGMENT)
        change_segment_field(bytes, place->length, random);
    else if (kind == SCRIPT_LIVE && place->length >= 88)
        change_number(bytes + 16 + next_random(random) % 9 * 8, 8, random);
    else if (place->length > 0)
        bytes[next_random(random) % place->length] = (uint8_t)next_random(random);
}

static size_t take_out(uint8_t *data, size_t size, const struct place *place)
{
    size_t begin = place->begin - SCRIPT_ITEM;
    size_t length = place->length + SCRIPT_ITEM;

    memmove(data + begin, data + begin + length, size - begin - length);
    return size - length;
}

/* A copy of an item in front of another one. */
static size_t repeat(uint8_t *data, size_t size, size_t most, const struct place *from, const struct place *to)
{
    uint8_t copy[UINT16_MAX + SCRIPT_ITEM];
    size_t length = from->length + SCRIPT_ITEM;
    size_t at = to->begin - SCRIPT_ITEM;

    if (length > most - size)
        return size;
    memcpy(copy, data + from->begin - SCRIPT_ITEM, length);
    memmove(data + at + length, data + at, size - at);
    memcpy(data + at, copy, length);
    return size + length;
}

/* Damage behind everything else, anywhere in the segment. */
static size_t add_damage(uint8_t *data, size_t size, size_t most, uint64_t *random)
{
    uint8_t item[SCRIPT_ITEM + 5] = {(uint8_t)(SCRIPT_FLIP + next_random(random) % 3), 0, 5, 0};
    uint32_t place = (uint32_t)(next_random(random) % 6 * QUIRE__PAGE + next_random(random) % 160);

    if (sizeof item > most - size)
        return size;
    if (item[0] == SCRIPT_FLIP)
        memcpy(item + SCRIPT_ITEM, &place, sizeof place);
    else
        for (int i = 0; i < 2; i++)
            item[SCRIPT_ITEM + 2 * i] = (uint8_t)(next_random(random) % 12);
    item[SCRIPT_ITEM + 4] = (uint8_t)(1u << next_random(random) % 8);
    memcpy(data + size, item, sizeof item);
    return size + sizeof item;
}

static size_t change(uint8_t *data, size_t size, size_t most, uint64_t *random)
{
    struct items items;

    find_items(data, size, &items);
    if (items.count == 0 || size < SCRIPT_HEAD)
        return LLVMFuzzerMutate(data, size, most);
    const struct place *place = &items.place[next_random(random) % items.count];
    switch (next_random(random) % 12) {
    case 0:
        return take_out(data, size, place);
    case 1:
        return repeat(data, size, most, place, &items.place[next_random(random) % items.count]);
    case 2:
        data[place->begin - SCRIPT_ITEM + 1] ^= (uint8_t)(1u << next_random(random) % 5);
        return size;
    case 3:
        change_number(data + next_random(random) % 2 * 8, 8, random);
        return size;
    case 4:
        return add_damage(data, size, most, random);
    case 5:
        return LLVMFuzzerMutate(data, size, most);
    default:
        change_inside(data, place, random);
        return size;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    uint64_t random = (uint64_t)seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    uint64_t times = 1 + next_random(&random) % 4;

    while (times-- > 0)
        size = change(data, size, most, &random);
    return size;
}
