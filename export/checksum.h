/* The checksum of a page: CRC-32 as gzip has it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_CHECKSUM_H
#define EXPORT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Eight bytes at a time: the remainder of a byte that so many bytes follow. Made once, for who computes many. */
struct export_checksum {
    uint32_t remainder[8][256];
};

void export_checksum_prepare(struct export_checksum *checksum);
uint32_t export_checksum(const struct export_checksum *checksum, const void *data, size_t length);

#endif
