/* Records made of a seed, a sequence and a generation. See record.h.
 *
 * SPDX-License-Identifier: MIT */
#include "record.h"

#include <string.h>

uint64_t disk_mix(uint64_t value)
{
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

uint64_t disk_random(uint64_t *state)
{
    uint64_t value = disk_mix(*state);

    *state += 0x9E3779B97F4A7C15u;
    return value;
}

uint64_t disk_below(uint64_t *state, uint64_t limit)
{
    return disk_random(state) % limit;
}

uint64_t disk_record_length(uint64_t seed, uint64_t sequence)
{
    uint64_t chance = disk_mix(seed ^ disk_mix(sequence));
    uint64_t span = chance % 16 == 0 ? DISK_RECORD_MOST : 2000; /* most are small, some are larger than a buffer */

    return DISK_RECORD_LEAST + (chance >> 8) % (span - DISK_RECORD_LEAST);
}

void disk_record_fill(unsigned char *memory, uint64_t seed, uint64_t sequence, uint64_t generation)
{
    uint64_t length = disk_record_length(seed, sequence);
    uint64_t state = seed ^ disk_mix(sequence) ^ disk_mix(~generation);

    memcpy(memory, &sequence, sizeof sequence);
    memcpy(memory + 8, &generation, sizeof generation);
    for (uint64_t at = DISK_RECORD_LEAST; at < length; at += 8) {
        uint64_t word = at % 16 == 0 ? disk_random(&state) : sequence;
        uint64_t left = length - at;
        memcpy(memory + at, &word, left < sizeof word ? left : sizeof word);
    }
}
