/* The distinct values of a column chunk. See dictionary.h.
 *
 * SPDX-License-Identifier: MIT */
#include "dictionary.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SLOTS_LEAST = 1 << 10, VALUES_LEAST = SLOTS_LEAST / 2 };

void dictionary_free(struct dictionary *dictionary)
{
    export_bytes_free(&dictionary->values);
    free(dictionary->value);
    free(dictionary->slots);
    *dictionary = (struct dictionary){.count = 0};
}

void dictionary_clear(struct dictionary *dictionary)
{
    export_bytes_clear(&dictionary->values, 2 * DICTIONARY_MOST_BYTES);
    dictionary->count = 0;
    if (dictionary->slots)
        memset(dictionary->slots, 0, ((size_t)dictionary->mask + 1) * sizeof dictionary->slots[0]);
}

/* Eight bytes at a time, by multiplication. Who chooses records to collide makes this slow, and no more than that: the
 * number of values is bounded. */
static uint64_t hash_of(const unsigned char *data, size_t length)
{
    const uint64_t factor = 0x9e3779b97f4a7c15u; /* 2^64 by the golden ratio: odd, and its bits are mixed */
    uint64_t hash = length * factor, word;
    for (; length >= sizeof word; data += sizeof word, length -= sizeof word) {
        memcpy(&word, data, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, data, length);
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 32;
}

static void place(struct dictionary *dictionary, uint32_t number)
{
    uint32_t slot = (uint32_t)dictionary->value[number].hash & dictionary->mask;
    while (dictionary->slots[slot])
        slot = (slot + 1) & dictionary->mask;
    dictionary->slots[slot] = number + 1;
}

/* Twice as much room, of values and of slots, so that half of those are free at least. */
static bool grow(struct dictionary *dictionary)
{
    uint32_t room = dictionary->room ? 2 * dictionary->room : VALUES_LEAST, slots = 2 * room;
    struct dictionary_value *value = realloc(dictionary->value, room * sizeof *value);
    if (value)
        dictionary->value = value;
    uint32_t *fresh = calloc(slots, sizeof *fresh);
    if (!value || !fresh) {
        free(fresh);
        return false;
    }
    free(dictionary->slots);
    dictionary->slots = fresh;
    dictionary->mask = slots - 1;
    dictionary->room = room;
    for (uint32_t i = 0; i < dictionary->count; i++)
        place(dictionary, i);
    return true;
}

static int64_t add(struct dictionary *dictionary, const void *data, size_t length, uint64_t hash)
{
    if (dictionary->count == DICTIONARY_MOST || length > DICTIONARY_MOST_BYTES - dictionary->values.used)
        return -ENOSPC;
    if (dictionary->count == dictionary->room && !grow(dictionary))
        return -ENOMEM;
    uint32_t number = dictionary->count;
    dictionary->value[number] =
        (struct dictionary_value){.begin = (uint32_t)dictionary->values.used, .length = (uint32_t)length, .hash = hash};
    export_bytes_put(&dictionary->values, data, length);
    if (dictionary->values.code < 0)
        return dictionary->values.code;
    dictionary->count++;
    place(dictionary, number);
    return number;
}

int64_t dictionary_number(struct dictionary *dictionary, const void *data, size_t length)
{
    uint64_t hash = hash_of(data, length);
    if (dictionary->slots)
        for (uint32_t slot = (uint32_t)hash & dictionary->mask; dictionary->slots[slot];
             slot = (slot + 1) & dictionary->mask) {
            uint32_t number = dictionary->slots[slot] - 1;
            const struct dictionary_value *value = &dictionary->value[number];
            if (value->hash == hash && value->length == length &&
                (length == 0 || memcmp(dictionary->values.data + value->begin, data, length) == 0))
                return number;
        }
    return add(dictionary, data, length, hash);
}
