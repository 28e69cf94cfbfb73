/* A record that comes in pieces.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_PIECES_H
#define QUIRE_PIECES_H

#include <errno.h>
#include <limits.h>
#include <sys/uio.h>

#include <quire/error.h>

#include "base/align.h"

/* Checks pieces and adds up their lengths. QUIRE_E_ARGUMENT; -EFBIG: more than a file can have. */
static inline int quire__pieces_length(const struct iovec *pieces, int count, uint64_t *length)
{
    uint64_t sum = 0;

    if (count < 0 || count > IOV_MAX || (count > 0 && !pieces))
        return QUIRE_E_ARGUMENT;
    for (int i = 0; i < count; i++) {
        if (!pieces[i].iov_base && pieces[i].iov_len > 0)
            return QUIRE_E_ARGUMENT;
        if (pieces[i].iov_len > QUIRE__FILE_MAX - sum)
            return -EFBIG;
        sum += pieces[i].iov_len;
    }
    *length = sum;
    return 0;
}

#endif
