/* Lines of a manifest. See manifest.h.
 *
 * SPDX-License-Identifier: MIT */
#include "manifest.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

uint32_t manifest_crc32c(uint32_t crc, const void *data, uint64_t length)
{
    const unsigned char *bytes = data;

    crc = ~crc;
    for (uint64_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
    }
    return ~crc;
}

struct manifest_line manifest_line(const struct quire_record *record)
{
    struct manifest_line line;
    bool gap = record->kind == QUIRE_RECORD_GAP;

    int length = snprintf(line.text, sizeof line.text, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
                          gap ? "gap" : "data", record->sequence, record->time, record->segment, record->offset);
    if (gap)
        snprintf(line.text + length, sizeof line.text - (size_t)length, " %" PRIu64 " %u", record->lost,
                 record->reason);
    else
        snprintf(line.text + length, sizeof line.text - (size_t)length, " %" PRIu64 " %08x", record->length,
                 manifest_crc32c(0, record->data, record->length));
    return line;
}

struct manifest_line manifest_chain(const unsigned char *digest)
{
    struct manifest_line line = {"chain "};

    for (int i = 0; i < 32; i++)
        snprintf(line.text + 6 + 2 * i, 3, "%02x", digest[i]);
    return line;
}
