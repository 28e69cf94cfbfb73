/* The drainer: a thread that hands over, so that appends which may not wait never do I/O.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_DRAINER_H
#define QUIRE_DRAINER_H

#include <stdint.h>

struct quire__drainer;
struct quire__shared;

/* Starts the thread for a shared lane and attaches it. -EAGAIN, -ENOMEM. */
int quire__drainer_start(struct quire__shared *shared);

/* Ends the thread, after what it is doing. */
void quire__drainer_stop(struct quire__shared *shared);

/* There is a whole buffer to hand over. */
void quire__drainer_wake(struct quire__drainer *drainer);

/* Somebody was refused for want of room up to end: see to it. Returns -EAGAIN, or why the last attempt failed. */
int quire__drainer_ask(struct quire__drainer *drainer, uint64_t end);

#endif
