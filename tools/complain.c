/* One sentence on standard error, and the exit code that goes with it.
 *
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "command.h"

int command_complain(const char *command, int code, const char *format, ...)
{
    fprintf(stderr, "%s: ", command);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return code;
}
