/* Making bytes durable: one device flush for everybody who waits.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_COMMIT_H
#define QUIRE_COMMIT_H

#include "writer/writer.h"

/* Returns when everything before target is durable, or with the failure, or QUIRE_E_CLAIM_OPEN if a round that covered
 * target could not get past a claim. lead: work a round if nobody does; else wait for somebody who will. */
int quire__commit(quire_writer *writer, uint64_t target, bool lead);

/* The device flush of everything written so far. A failure poisons, and is never tried again. */
int quire__commit_sync(quire_writer *writer);

/* A thread that commits every sync_interval_ms while there is something to commit. */
int quire__ticker_start(quire_writer *writer);
void quire__ticker_stop(quire_writer *writer);

#endif
