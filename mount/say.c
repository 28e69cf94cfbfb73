/* What the daemon has to say. See say.h.
 *
 * SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>

static bool is_system_log;

void say_to_system_log(void)
{
    openlog("quire-mount", LOG_PID, LOG_DAEMON);
    is_system_log = true;
}

void say(const char *format, ...)
{
    char sentence[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (is_system_log)
        syslog(LOG_WARNING, "%s", sentence);
    else
        fprintf(stderr, MOUNT_COMMAND ": %s\n", sentence);
}
