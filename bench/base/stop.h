/* Being told to stop. Signals set a flag; whoever is at work looks at it and goes the ordinary way out, so that files
 * are removed there and nowhere else.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_STOP_H
#define BENCH_STOP_H

#include <signal.h>

extern volatile sig_atomic_t bench_stop_signal; /* 0, or the signal that asked */

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT set the flag (one that was ignored stays ignored), a reader that went
 * away is an error of writing (no SIGPIPE), and so is a file too large (no SIGXFSZ). */
void bench_stop_install(void);

/* The exit code a shell expects: 128 + the signal. */
int bench_stop_code(void);

#endif
