/* Feeding the chain. See chain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/chain.h"

#include "base/sha256.h"

void quire__chain_add(quire_log *log, const void *pages, uint64_t length)
{
    if (log->chain)
        quire__sha256_update(log->chain, pages, length);
}

void quire__chain_end(quire_log *log, struct quire__segment *segment)
{
    if (!log->chain)
        return;
    segment->sums.chained = 1;
    memcpy(segment->sums.previous, log->chain_previous, sizeof log->chain_previous);
    quire__sha256_digest(log->chain, segment->sums.digest);
    memcpy(log->chain_previous, segment->sums.digest, sizeof log->chain_previous);
    quire__sha256_begin(log->chain, log->chain_previous);
}
