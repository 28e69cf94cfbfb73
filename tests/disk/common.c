/* What the programs share. See common.h.
 *
 * SPDX-License-Identifier: MIT */
#include "common.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

volatile int disk_stopped;

__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list arguments)
{
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void disk_usage(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    exit(2);
}

void disk_give_up(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    exit(1);
}

void disk_skip_unavailable(int rc)
{
    if (rc != QUIRE_E_NO_DIRECT && rc != QUIRE_E_NO_URING)
        return;
    fprintf(stderr, "skip: %s\n", quire_strerror(rc));
    exit(77);
}

uint64_t disk_number_of(const char *text)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0')
        disk_usage("'%s' is not a number", text);
    return value;
}

uint32_t disk_method_of(const char *text)
{
    uint32_t method = disk_method_find(text);

    if (method == 0)
        disk_usage("there is no method '%s': write, paged, mmap, uring", text);
    return method;
}

const struct disk_profile *disk_profile_of(const char *text)
{
    const struct disk_profile *profile = disk_profile_find(text);

    if (!profile)
        disk_usage("there is no profile '%s': each, request, recycle, sessions, rotate", text);
    return profile;
}

void disk_line_print(const struct disk_line *line)
{
    printf("row %-6s %-6s %-6s %-9s %6" PRIu64 " %6" PRIu64 " %7.1f  %s\n", line->part, line->file_system, line->method,
           line->profile, line->tried, line->violations, line->seconds, line->note);
    fflush(stdout);
}

double disk_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stop(int signal)
{
    disk_stopped = signal;
}

void disk_stop_install(void)
{
    struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}
