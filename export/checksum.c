/* The checksum of a page. See checksum.h.
 *
 * SPDX-License-Identifier: MIT */
#include "checksum.h"

#include <endian.h>
#include <string.h>

static const uint32_t polynomial = 0xedb88320; /* its bits mirrored, as those of the data are */

void export_checksum_prepare(struct export_checksum *checksum)
{
    uint32_t(*remainder)[256] = checksum->remainder;
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
        remainder[0][byte] = crc;
    }
    for (size_t behind = 1; behind < 8; behind++)
        for (size_t byte = 0; byte < 256; byte++) {
            uint32_t crc = remainder[behind - 1][byte];
            remainder[behind][byte] = crc >> 8 ^ remainder[0][crc & 255];
        }
}

uint32_t export_checksum(const struct export_checksum *checksum, const void *data, size_t length)
{
    const uint32_t(*remainder)[256] = checksum->remainder;
    const unsigned char *byte = data;
    uint32_t crc = UINT32_MAX;
    uint64_t word;
    for (; length >= sizeof word; byte += sizeof word, length -= sizeof word) {
        memcpy(&word, byte, sizeof word);
        word = le64toh(word) ^ crc;
        crc = 0;
        for (unsigned i = 0; i < sizeof word; i++)
            crc ^= remainder[7 - i][word >> 8 * i & 255];
    }
    for (; length > 0; byte++, length--)
        crc = crc >> 8 ^ remainder[0][(crc ^ *byte) & 255];
    return ~crc;
}
