/* The Castagnoli checksum by tables: eight look-ups for eight bytes, none of which waits for another.
 *
 * SPDX-License-Identifier: MIT */
#include <endian.h>
#include <string.h>

#include "base/crc32c_engines.h"
#include "base/crc32c_slices.h"

static uint32_t step_byte(uint32_t crc, uint8_t byte)
{
    return crc >> 8 ^ quire__crc32c_slices[0][(crc ^ byte) & 0xff];
}

static uint32_t look_up(uint32_t bytes, unsigned followers)
{
    const uint32_t(*slices)[256] = quire__crc32c_slices + followers;

    return (slices[3][bytes & 0xff] ^ slices[2][bytes >> 8 & 0xff]) ^
           (slices[1][bytes >> 16 & 0xff] ^ slices[0][bytes >> 24]);
}

/* The second half does not wait for crc. */
static uint32_t step_word(uint32_t crc, const uint8_t *at)
{
    uint32_t half[2];

    memcpy(half, at, sizeof(half));
    return look_up(le32toh(half[0]) ^ crc, 4) ^ look_up(le32toh(half[1]), 0);
}

uint32_t quire__crc32c_portable(uint32_t crc, const void *data, uint64_t length)
{
    const uint8_t *at = data;

    crc = ~crc;
    for (; length >= 8; at += 8, length -= 8)
        crc = step_word(crc, at);
    while (length--)
        crc = step_byte(crc, *at++);
    return ~crc;
}
