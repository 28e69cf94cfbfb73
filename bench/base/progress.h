/* One line on the terminal that says how far it has come. On anything but a terminal: nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

/* Shows text in place of what was shown before. "" removes the line. */
void bench_progress(const char *text);

#endif
