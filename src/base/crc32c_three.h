/* The Castagnoli checksum by an instruction that takes three cycles and can begin each cycle: three streams at once.
 *
 * A block is cut into three streams of n words. The first checksum is carried over the 2 n words that follow its
 * stream, the second over n, each by one carry-less multiplication with a constant (crc32c_shifts.h). The product has
 * 64 bits; added to the last word of the third stream, it is reduced by the very step over that word.
 *
 * Whoever includes this defines QUIRE__CRC32C_TARGET, the attribute that all of these functions carry, and before it
 *     uint32_t step_byte(uint32_t crc, uint8_t byte);
 *     uint32_t step_word(uint32_t crc, uint64_t word);
 *     uint64_t multiply(uint32_t a, uint32_t b);       without carries
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_CRC32C_THREE_H
#define QUIRE_CRC32C_THREE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/crc32c_shifts.h"

/* Words in a stream: the shifts reach twice as far. Fewer than the least, and joining costs more than it gains (on a
 * Zen 3: below 128 to 144 bytes). */
#define STREAM_MOST 128u
#define STREAM_LEAST 6u

#define BLOCK_BYTES(words) (3u * 8u * (uint64_t)(words))
#define BLOCK_MOST BLOCK_BYTES(STREAM_MOST)

static inline uint64_t load_word(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return le64toh(word);
}

/* One block ahead; measured: without it, what lies in the third cache is read an eighth more slowly. */
static inline void fetch_next(const uint8_t *at, uint64_t stream)
{
    for (uint64_t i = 0; i < 3; i++)
        __builtin_prefetch(at + i * stream + BLOCK_MOST);
}

/* The same word of each stream. */
QUIRE__CRC32C_TARGET static inline void step_each(uint32_t crc[3], const uint8_t *at, uint64_t stream)
{
    crc[0] = step_word(crc[0], load_word(at));
    crc[1] = step_word(crc[1], load_word(at + stream));
    crc[2] = step_word(crc[2], load_word(at + 2 * stream));
}

/* The last word of each stream, and the three become one. */
QUIRE__CRC32C_TARGET static inline uint32_t step_join(const uint32_t crc[3], const uint8_t *at, uint64_t words)
{
    uint64_t stream = 8 * words;
    uint64_t first = multiply(step_word(crc[0], load_word(at)), quire__crc32c_shifts[2 * words]);
    uint64_t second = multiply(step_word(crc[1], load_word(at + stream)), quire__crc32c_shifts[words]);

    return step_word(crc[2], load_word(at + 2 * stream) ^ first ^ second);
}

/* Three streams of so many words, STREAM_LEAST to STREAM_MOST. */
QUIRE__CRC32C_TARGET static inline uint32_t step_block(uint32_t start, const uint8_t *at, uint64_t words)
{
    uint32_t crc[3] = {start, 0, 0};
    uint64_t stream = 8 * words;
    const uint8_t *last = at + stream - 8;

    for (; last - at >= 64; at += 64) {
        fetch_next(at, stream);
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++)
            step_each(crc, at + 8 * i, stream);
    }
    for (; at < last; at += 8)
        step_each(crc, at, stream);
    return step_join(crc, at, words);
}

/* Less than a block of STREAM_MOST. */
QUIRE__CRC32C_TARGET static inline uint32_t step_rest(uint32_t crc, const uint8_t *at, uint64_t length)
{
    uint64_t words = length / BLOCK_BYTES(1);

    if (words >= STREAM_LEAST) {
        crc = step_block(crc, at, words);
        at += BLOCK_BYTES(words);
        length -= BLOCK_BYTES(words);
    }
    for (; length >= 8; at += 8, length -= 8)
        crc = step_word(crc, load_word(at));
    while (length--)
        crc = step_byte(crc, *at++);
    return crc;
}

/* Without the inversion at either end. */
QUIRE__CRC32C_TARGET static inline uint32_t step_all(uint32_t crc, const uint8_t *at, uint64_t length)
{
    if (length > BLOCK_MOST)
        for (; (uintptr_t)at % 8; length--)
            crc = step_byte(crc, *at++);
    for (; length >= BLOCK_MOST; at += BLOCK_MOST, length -= BLOCK_MOST)
        crc = step_block(crc, at, STREAM_MOST);
    return step_rest(crc, at, length);
}

#endif
