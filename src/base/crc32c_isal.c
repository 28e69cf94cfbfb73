/* The Castagnoli checksum by ISA-L, whose function counts in int and leaves the inversion to its caller.
 *
 * SPDX-License-Identifier: MIT */
#include "base/crc32c_engines.h"

#ifdef QUIRE__HAVE_ISAL

#include <isa-l/crc.h>

/* What an int can count, in whole pages. */
#define PIECE_MOST (UINT64_C(1) << 30)

uint32_t quire__crc32c_isal(uint32_t crc, const void *data, uint64_t length)
{
    /* It only reads; its prototype lacks the const. */
    unsigned char *at = (unsigned char *)data;

    crc = ~crc;
    for (; length > PIECE_MOST; at += PIECE_MOST, length -= PIECE_MOST)
        crc = crc32_iscsi(at, (int)PIECE_MOST, crc);
    return ~crc32_iscsi(at, (int)length, crc);
}

#endif
