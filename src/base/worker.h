/* A thread of the library's own that works when it is asked, or when some time has passed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_WORKER_H
#define QUIRE_WORKER_H

#include <stdint.h>

struct quire__worker;

/* Starts a thread that calls work(argument) after each poke (once for several that came meanwhile), and every every_ms
 * if that is not 0. -EAGAIN, -ENOMEM. */
int quire__worker_start(void (*work)(void *argument), void *argument, uint32_t every_ms, struct quire__worker **worker);

/* There is work. Any thread. */
void quire__worker_poke(struct quire__worker *worker);

/* Ends the thread, after what it is doing, and frees worker. NULL: nothing happens. */
void quire__worker_stop(struct quire__worker *worker);

#endif
