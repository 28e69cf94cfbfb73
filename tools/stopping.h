/* Being told to stop, for a command that waits for files: a descriptor to poll beside them, so that no signal can come
 * between looking and waiting. (bench/base/stop.h sets a flag instead, for what is always at work.)
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_STOPPING_H
#define TOOLS_STOPPING_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT are kept back in this thread, and in those that it starts, for
 * stopping_signal to find; one that was ignored stays ignored. A reader that went away, and a file too large, are
 * errors of writing. The descriptor, or -errno. */
int stopping_open(void);

/* 0, or the signal that asked. Asking again gives the same. */
int stopping_signal(int stopping);

/* Waits until the file can be read (or written), or a signal asks to stop: 1, also where it has failed or ended; 0 when
 * timeout_ms is over (-1: never); -EINTR: to stop. */
int stopping_wait(int stopping, int file, bool write, int timeout_ms);

#endif
