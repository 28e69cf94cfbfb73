/* A sentence on standard error. See complain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/complain.h"

#include <stdio.h>

#include "base/progress.h"

void bench_complain_of(const char *who, const char *format, va_list arguments)
{
    bench_progress("");
    fprintf(stderr, "%s: ", who);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

int bench_complain(const char *who, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    bench_complain_of(who, format, arguments);
    va_end(arguments);
    return 1;
}
