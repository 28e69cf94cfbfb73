/* Times of records, as the commands around a log take and print them. A time is nanoseconds since 1970.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LOG_TIMES_H
#define TOOLS_LOG_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_TIME_TEXT = 40 /* room for a time in words */ };

/* Of RFC 3339, with a fraction or without: 2026-11-24T15:30:00.5Z, 2026-11-24T15:30:00+01:00; the same with a blank for
 * the T, without the zone (then it is that of TZ), without seconds, without a time of day; @ and seconds since 1970;
 * - and an age, like -90s, -5m, -1h, -7d, before now. False, and *time untouched, for anything else. */
bool log_parse_time(const char *text, uint64_t now, uint64_t *time);

/* Such a time, the value of that option. EXIT_DONE, or EXIT_USAGE after a complaint. */
int log_take_time(const char *command, const char *option, const char *text, uint64_t *time);

/* 2026-11-24T15:30:00.000000000Z: RFC 3339, in UTC, with all its nanoseconds. Its length. */
size_t log_time_text(uint64_t time, char text[LOG_TIME_TEXT]);

uint64_t log_now(void);

#endif
