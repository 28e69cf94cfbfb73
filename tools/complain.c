/* One sentence on standard error, and the exit code that goes with it.
 *
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>

#include "base/complain.h"
#include "command.h"

int command_complain(const char *command, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    bench_complain_of(command, format, arguments);
    va_end(arguments);
    return code;
}
