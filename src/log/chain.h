/* The hash chain: each segment's footer holds the SHA-256 of the footer before it and of all blocks between.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_CHAIN_H
#define QUIRE_LOG_CHAIN_H

#include "log/log.h"

/* With the drain lock: a block, or a piece of one, as it goes to the file; and the end of a segment, whose sums get the
 * digest. Nothing happens where segments are not chained. */
void quire__chain_add(quire_log *log, const void *pages, uint64_t length);
void quire__chain_end(quire_log *log, struct quire__segment *segment);

#endif
