/* Small numbers in few bits: Parquet's encodings of integers.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_PACKED_H
#define EXPORT_PACKED_H

#include "bytes.h"

/* Bits that a number needs: 0 for 0. */
static inline unsigned export_bits(uint64_t number)
{
    return number ? 64 - (unsigned)__builtin_clzll(number) : 0;
}

/* count numbers of width bits each, the lowest bit of the first in the lowest bit of the first byte; then zeros to the
 * end of the last byte. width is 0 to 64. */
void export_pack(struct export_bytes *out, const uint64_t *values, size_t count, unsigned width);

/* RLE and bit packing in turns, of numbers below 2 to the power of width (at most 32): eight of the same or more are a
 * run, what is between runs is packed by eights. */
void export_put_hybrid(struct export_bytes *out, const uint32_t *values, size_t count, unsigned width);

/* DELTA_BINARY_PACKED: the first number, then differences, in blocks of 128 with their least one apart. */
void export_put_delta(struct export_bytes *out, const uint64_t *values, size_t count);

#endif
