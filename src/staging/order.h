/* The slow half of taking a place: what happens when a look is not enough. Private to the shared lane.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_ORDER_H
#define QUIRE_ORDER_H

#include "staging/shared.h"

int quire__order_init(struct quire__shared *shared);

/* With the order lock: takes published claims off the table, oldest first, up to the first open one. False if none. */
bool quire__order_advance(struct quire__shared *shared);

/* With the order lock, which is given up meanwhile: waits for whatever stands in the way of a claim of length bytes. 0: look
 * again. Without wait nothing is waited for: -EAGAIN. */
int quire__order_wait(struct quire__shared *shared, uint64_t length, bool wait);

/* The same for whoever has the order to itself, up to limit: memory or a slot of the table stands in the way. */
int quire__order_unblock(struct quire__shared *shared, uint64_t length, uint64_t limit);

/* A whole buffer is published: hand it over, or see to it that somebody does. Without locks. */
int quire__order_hand_over(struct quire__shared *shared);

/* From begin to end all claims are this thread's. begin_offset: where the first will be. */
int quire__order_begin_exclusive(struct quire__shared *shared, uint64_t *begin_offset);
void quire__order_end_exclusive(struct quire__shared *shared, bool whole);

/* With the order lock: there is memory, and space in the file, up to limit. */
void quire__order_set_limit(struct quire__shared *shared, uint64_t limit);

#endif
