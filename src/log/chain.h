/* The hash chain: each segment's footer holds the SHA-256 of the footer before it and of all blocks between.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_CHAIN_H
#define QUIRE_LOG_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "log/log.h"

struct quire__chain;

/* QUIRE_E_NO_CHAIN where this build has no SHA-256. */
int quire__chain_open(struct quire__chain **chain);
void quire__chain_close(struct quire__chain *chain); /* NULL: nothing happens */

/* Begins a segment, behind one whose digest was previous. */
void quire__chain_begin(struct quire__chain *chain, const unsigned char *previous);
void quire__chain_update(struct quire__chain *chain, const void *pages, uint64_t length);
/* 32 bytes. */
void quire__chain_digest(struct quire__chain *chain, unsigned char *digest);

/* With the drain lock: a block, or a piece of one, as it goes to the file; and the end of a segment, whose sums get the
 * digest. Nothing happens where segments are not chained. */
void quire__chain_add(quire_log *log, const void *pages, uint64_t length);
void quire__chain_end(quire_log *log, struct quire__segment *segment);

#endif
