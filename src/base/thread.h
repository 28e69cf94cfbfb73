/* Threads of the library's own, which take no signal that the program wants to handle, and waiting with a deadline.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_THREAD_H
#define QUIRE_THREAD_H

#include <pthread.h>

/* Starts run(argument) with all signals blocked. -EAGAIN where no thread is to be had. */
int quire__thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

/* A condition whose timed waits go by CLOCK_MONOTONIC. */
int quire__cond_init(pthread_cond_t *cond);

#endif
