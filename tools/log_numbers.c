/* Numbers as the commands around a log take them. See log_numbers.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log_numbers.h"

#include <ctype.h>
#include <string.h>

#include "command.h"

static const struct {
    const char *name;
    enum log_unit unit;
    uint64_t factor;
} units[] = {
    {"", LOG_COUNT, 1},
    {"B", LOG_BYTES, 1},
    {"K", LOG_BYTES, UINT64_C(1) << 10},
    {"M", LOG_BYTES, UINT64_C(1) << 20},
    {"G", LOG_BYTES, UINT64_C(1) << 30},
    {"T", LOG_BYTES, UINT64_C(1) << 40},
    {"ms", LOG_TIME, 1},
    {"s", LOG_TIME, 1000},
    {"m", LOG_TIME, 60 * 1000},
    {"h", LOG_TIME, 60 * 60 * 1000},
    {"d", LOG_TIME, 24 * 60 * 60 * 1000},
};
enum { UNITS = sizeof units / sizeof units[0] };

bool log_parse_digits(const char **text, uint64_t *value)
{
    uint64_t sum = 0;
    const char *at = *text;
    for (; isdigit((unsigned char)*at); at++)
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
            return false;
    if (at == *text)
        return false;
    *text = at;
    *value = sum;
    return true;
}

bool log_parse_quantity(const char *text, uint64_t *value, enum log_unit *unit)
{
    uint64_t number;
    if (!log_parse_digits(&text, &number))
        return false;
    for (int i = 0; i < UNITS; i++)
        if (strcmp(text, units[i].name) == 0 && !__builtin_mul_overflow(number, units[i].factor, &number)) {
            *value = number;
            *unit = units[i].unit;
            return true;
        }
    return false;
}

bool log_parse_sequence(const char *text, uint64_t *sequence)
{
    uint64_t number;
    if (!log_parse_digits(&text, &number) || *text || number == 0)
        return false;
    *sequence = number;
    return true;
}

int log_take_sequence(const char *command, const char *option, const char *text, uint64_t *sequence)
{
    if (log_parse_sequence(text, sequence))
        return EXIT_DONE;
    return command_complain(command, EXIT_USAGE, "%s takes a number from 1, not \"%s\"", option, text);
}

bool log_parse_bytes(const char *text, uint64_t *bytes)
{
    char upper[32];
    uint64_t value;
    enum log_unit unit;
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof upper)
        return false;
    memcpy(upper, text, length + 1);
    upper[length - 1] = (char)toupper((unsigned char)upper[length - 1]);
    if (!log_parse_quantity(upper, &value, &unit) || unit == LOG_TIME)
        return false;
    *bytes = value;
    return true;
}

bool log_parse_age(const char *text, uint64_t *milliseconds)
{
    uint64_t value;
    enum log_unit unit;
    if (!log_parse_quantity(text, &value, &unit) || unit != LOG_TIME)
        return false;
    *milliseconds = value;
    return true;
}
