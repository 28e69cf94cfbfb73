/* A record, or a batch, that no buffer holds: a block of its own, written in pieces.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_BIG_H
#define QUIRE_LOG_BIG_H

#include <sys/uio.h>

#include "log/log.h"

struct quire__big {
    const struct iovec *pieces; /* of one record of first_length bytes, or a record each */
    int count;
    uint64_t records;
    uint64_t first_length;
    uint64_t bytes; /* with the frames */
};

/* Appends it, and gives the first sequence. Errors as of quire_log_append. */
int quire__big_append(quire_log *log, const struct quire__big *big, uint64_t *first);

#endif
