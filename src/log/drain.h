/* Finishing sealed blocks and giving them to the method, in order.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_DRAIN_H
#define QUIRE_LOG_DRAIN_H

#include "log/log.h"

/* With the drain lock: finishes and writes the slots before upto. wait: for copies not yet done, up to
 * claim_timeout_ms (QUIRE_E_CLAIM_OPEN); else it stops there. */
int quire__drain(quire_log *log, uint64_t upto, bool wait);

/* With the drain lock: waits until the slots before upto are written, or something has failed. */
int quire__drain_reap(quire_log *log, uint64_t upto);

/* The same, but goes on after trouble. Not for the keeper, who would wait for a segment from himself. */
int quire__drain_complete(quire_log *log, uint64_t upto);

/* Seals what is open, and returns when all of it is written. */
int quire__drain_all(quire_log *log);

/* Hands over sealed blocks if nobody does, and if it is worth a write. */
int quire__drain_some(quire_log *log);

/* Returns when there was a free slot. */
int quire__drain_for_slot(quire_log *log);

/* For the thread of QUIRE_LOG_BACKGROUND: hands over all that is sealed, block by block, so that who waits for a slot has
 * the first that is free. */
void quire__drain_by_blocks(quire_log *log);

/* Returns when that thread has freed a slot; without it in the end, if it cannot. */
int quire__drain_await_slot(quire_log *log);

/* Seals the segment that appends go to, and returns when all before the next is written and has its footer; what is
 * appended meanwhile goes there. Nothing happens where the segment has no block. */
int quire__rotate_now(quire_log *log);

/* With the drain lock: what was written without a hole is written, and its slots are free. */
void quire__drain_advance(quire_log *log);

/* With the drain lock: buffers that are kept until they are durable (QUIRE_LOG_CONTINUE) and are so by now may be used
 * again, whoever made them durable. */
void quire__drain_free_durable(quire_log *log);

/* The last sequence that has been given. */
uint64_t quire__log_appended(quire_log *log);

#endif
