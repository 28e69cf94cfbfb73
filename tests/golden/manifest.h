/* What a log holds, in lines of text: one for each record and gap, as quire_reader gives it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_GOLDEN_MANIFEST_H
#define QUIRE_TESTS_GOLDEN_MANIFEST_H

#include <stdint.h>

#include <quire/quire.h>

/* Without a newline. */
struct manifest_line {
    char text[160];
};

/* data SEQUENCE TIME SEGMENT OFFSET LENGTH CRC32C, or gap SEQUENCE TIME SEGMENT OFFSET LOST REASON. */
struct manifest_line manifest_line(const struct quire_record *record);

/* chain DIGEST. */
struct manifest_line manifest_chain(const unsigned char *digest);

/* CRC-32C bit by bit, from its definition: the library's own has tables and instructions to be wrong about. Of several
 * pieces: crc is that of those before, 0 at first. */
uint32_t manifest_crc32c(uint32_t crc, const void *data, uint64_t length);

#endif
