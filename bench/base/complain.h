/* A sentence on standard error about what went wrong.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_COMPLAIN_H
#define BENCH_COMPLAIN_H

#include <stdarg.h>

/* Removes the line of progress, then prints "who: ", the sentence and the end of the line. Returns 1, the exit code of a
 * command that failed. */
__attribute__((format(printf, 2, 3))) int bench_complain(const char *who, const char *format, ...);
__attribute__((format(printf, 2, 0))) void bench_complain_of(const char *who, const char *format, va_list arguments);

#endif
