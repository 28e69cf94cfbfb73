/* Times of records. See log_times.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log_times.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "log_numbers.h"

#define SECOND UINT64_C(1000000000)

/* Digits of a fraction of a second, as nanoseconds: what is finer is cut off. */
static const char *take_fraction(const char *text, uint64_t *nanoseconds)
{
    uint64_t unit = SECOND / 10;
    *nanoseconds = 0;
    if (*text != '.' || !isdigit((unsigned char)text[1]))
        return text;
    for (text++; isdigit((unsigned char)*text); text++, unit /= 10)
        *nanoseconds += (uint64_t)(*text - '0') * unit;
    return text;
}

static bool join(int64_t seconds, uint64_t nanoseconds, uint64_t *time)
{
    uint64_t sum;
    if (seconds < 0 || __builtin_mul_overflow((uint64_t)seconds, SECOND, &sum) ||
        __builtin_add_overflow(sum, nanoseconds, &sum))
        return false;
    *time = sum;
    return true;
}

static bool parse_seconds(const char *text, uint64_t *time)
{
    uint64_t seconds, nanoseconds;
    return log_parse_digits(&text, &seconds) && seconds <= INT64_MAX && *take_fraction(text, &nanoseconds) == '\0' &&
           join((int64_t)seconds, nanoseconds, time);
}

static bool parse_age(const char *text, uint64_t now, uint64_t *time)
{
    uint64_t age;
    if (!log_parse_age(text, &age) || __builtin_mul_overflow(age, SECOND / 1000, &age))
        return false;
    *time = age < now ? now - age : 0;
    return true;
}

/* Two digits at text[0] and text[1]. */
static bool take_two(const char *text, int *value)
{
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
        return false;
    *value = 10 * (text[0] - '0') + text[1] - '0';
    return true;
}

/* "Z", "+01:00" or "-0330" at the end of the text: seconds east. */
static bool parse_zone(const char *text, int64_t *east)
{
    int hours, minutes;
    if ((*text == 'Z' || *text == 'z') && !text[1]) {
        *east = 0;
        return true;
    }
    if ((*text != '+' && *text != '-') || !take_two(text + 1, &hours))
        return false;
    const char *rest = text + 3 + (text[3] == ':');
    if (!take_two(rest, &minutes) || rest[2] || hours > 23 || minutes > 59)
        return false;
    *east = (*text == '-' ? -1 : 1) * (60 * hours + minutes) * 60;
    return true;
}

static const char *take_time_of_day(const char *text, struct tm *tm, uint64_t *nanoseconds)
{
    if (!take_two(text, &tm->tm_hour) || text[2] != ':' || !take_two(text + 3, &tm->tm_min) || tm->tm_hour > 23 ||
        tm->tm_min > 59)
        return NULL;
    text += 5;
    if (*text != ':')
        return text;
    if (!take_two(text + 1, &tm->tm_sec) || tm->tm_sec > 60)
        return NULL;
    return take_fraction(text + 3, nanoseconds);
}

/* mktime and timegm make the 2nd of March of the 30th of February: such a date is refused. */
static bool is_a_date(const struct tm *tm)
{
    struct tm copy = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday};
    timegm(&copy);
    return tm->tm_mon >= 0 && tm->tm_mon < 12 && copy.tm_mon == tm->tm_mon && copy.tm_mday == tm->tm_mday;
}

static bool parse_date(const char *text, uint64_t *time)
{
    int century, year;
    struct tm tm = {.tm_isdst = -1};
    uint64_t nanoseconds = 0;
    int64_t east;
    if (strnlen(text, 10) < 10 || !take_two(text, &century) || !take_two(text + 2, &year) || text[4] != '-' ||
        !take_two(text + 5, &tm.tm_mon) || text[7] != '-' || !take_two(text + 8, &tm.tm_mday))
        return false;
    tm.tm_year = 100 * century + year - 1900;
    tm.tm_mon--;
    text += 10;
    if (*text == 'T' || *text == 't' || *text == ' ')
        text = take_time_of_day(text + 1, &tm, &nanoseconds);
    if (!text || !is_a_date(&tm))
        return false;
    if (!*text)
        return join(mktime(&tm), nanoseconds, time);
    return parse_zone(text, &east) && join(timegm(&tm) - east, nanoseconds, time);
}

bool log_parse_time(const char *text, uint64_t now, uint64_t *time)
{
    if (*text == '@')
        return parse_seconds(text + 1, time);
    if (*text == '-')
        return parse_age(text + 1, now, time);
    return parse_date(text, time);
}

int log_take_time(const char *command, const char *option, const char *text, uint64_t *time)
{
    if (log_parse_time(text, log_now(), time))
        return EXIT_DONE;
    return command_complain(command, EXIT_USAGE,
                            "%s takes a time like 2026-11-24, \"2026-11-24 15:30\", 2026-11-24T15:30:00Z, "
                            "@1795534200 or -1h, not \"%s\"",
                            option, text);
}

static char *put_digits(char *to, uint64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + digits;
}

/* Records follow each other within a second: the calendar is asked once for all of them. */
size_t log_time_text(uint64_t time, char text[LOG_TIME_TEXT])
{
    static _Thread_local uint64_t known = UINT64_MAX;
    static _Thread_local char calendar[LOG_TIME_TEXT];
    static _Thread_local size_t length;
    uint64_t seconds = time / SECOND;
    if (seconds != known) {
        time_t t = (time_t)seconds;
        struct tm tm;
        length = gmtime_r(&t, &tm) ? strftime(calendar, sizeof calendar, "%Y-%m-%dT%H:%M:%S.", &tm) : 0;
        known = seconds;
    }
    memcpy(text, calendar, length);
    char *end = put_digits(text + length, time % SECOND, 9);
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - text);
}

uint64_t log_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}
