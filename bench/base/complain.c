/* A sentence on standard error. See complain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/complain.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/progress.h"

int bench_complain(const char *who, const char *format, ...)
{
    bench_progress("");
    fprintf(stderr, "%s: ", who);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return 1;
}
