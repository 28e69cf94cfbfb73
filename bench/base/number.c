/* Numbers as people write them. See number.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t record_most = 16u << 20;
static const uint64_t bytes_most = (uint64_t)1 << 40;

/* Digits and at most one unit, up to the character `end` or the end of the text. No sign, no space, no fraction. */
static bool parse_units(const char *text, const char *end, uint64_t unit, uint64_t *value)
{
    uint64_t sum = 0;
    const char *at = text;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
            return false;
    if (at == text)
        return false;
    if (at < end) {
        static const char units[] = "kmg";
        const char *found = strchr(units, *at | 0x20);
        if (!found || !*found || at + 1 != end)
            return false;
        for (const char *u = units; u <= found; u++)
            if (__builtin_mul_overflow(sum, unit, &sum))
                return false;
    }
    *value = sum;
    return true;
}

bool bench_parse_size(const char *text, uint64_t *bytes)
{
    return parse_units(text, text + strlen(text), 1024, bytes);
}

bool bench_parse_count(const char *text, uint64_t *count)
{
    return parse_units(text, text + strlen(text), 1000, count);
}

static bool parse_workload(const char *text, const char *end, struct bench_size *size)
{
    const char *x = memchr(text, 'x', (size_t)(end - text));
    uint64_t bytes;
    if (!x || !parse_units(text, x, 1024, &size->record_bytes) || !parse_units(x + 1, end, 1000, &size->records))
        return false;
    return size->record_bytes >= 1 && size->record_bytes <= record_most && size->records >= 1 &&
           !__builtin_mul_overflow(size->record_bytes, size->records, &bytes) && bytes <= bytes_most;
}

bool bench_parse_workloads(const char *text, struct bench_size *sizes, size_t most, size_t *count)
{
    size_t n = 0;
    for (;;) {
        const char *end = strchrnul(text, ',');
        if (n == most || !parse_workload(text, end, &sizes[n]))
            return false;
        n++;
        if (!*end)
            break;
        text = end + 1;
    }
    *count = n;
    return true;
}

/* The largest unit that divides the value, so that nothing is lost: its name, and how many of it. */
static const char *whole_units(uint64_t value, uint64_t unit, uint64_t *many)
{
    static const char *const names[] = {"", "K", "M", "G", "T"};
    size_t u = 0;
    while (value && value % unit == 0 && u + 1 < sizeof names / sizeof names[0]) {
        value /= unit;
        u++;
    }
    *many = value;
    return names[u];
}

const char *bench_size_name(uint64_t bytes, char text[BENCH_NUMBER_TEXT])
{
    uint64_t many;
    const char *unit = whole_units(bytes, 1024, &many);
    snprintf(text, BENCH_NUMBER_TEXT, "%" PRIu64 "%s", many, unit);
    return text;
}

const char *bench_size_text(uint64_t bytes, char text[BENCH_NUMBER_TEXT])
{
    uint64_t many;
    const char *unit = whole_units(bytes, 1024, &many);
    snprintf(text, BENCH_NUMBER_TEXT, "%" PRIu64 " %s%s", many, unit, *unit ? "iB" : "B");
    return text;
}

const char *bench_count_text(uint64_t count, char text[BENCH_NUMBER_TEXT])
{
    uint64_t many;
    const char *unit = whole_units(count, 1000, &many);
    snprintf(text, BENCH_NUMBER_TEXT, "%" PRIu64 "%s", many, unit);
    return text;
}

const char *bench_grouped(double value, char text[BENCH_NUMBER_TEXT])
{
    char digits[BENCH_NUMBER_TEXT];
    int length = snprintf(digits, sizeof digits, "%.0f", value < 1e15 ? value : 1e15);
    int to = 0;
    for (int from = 0; from < length && to < BENCH_NUMBER_TEXT - 2; from++) {
        if (from && (length - from) % 3 == 0)
            text[to++] = ',';
        text[to++] = digits[from];
    }
    text[to] = '\0';
    return text;
}

static const struct {
    const char *name;
    double seconds;
} units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
enum { UNITS = sizeof units / sizeof units[0] };

bool bench_parse_duration(const char *text, double *seconds)
{
    size_t digits = strspn(text, "0123456789.");
    char *end;
    double value = strtod(text, &end);
    if (digits == 0 || end != text + digits)
        return false;
    for (size_t u = 0; u < UNITS; u++)
        if (strcmp(end, units[u].name) == 0) {
            *seconds = value * units[u].seconds;
            return true;
        }
    return false;
}

const char *bench_duration_text(double seconds, char text[BENCH_NUMBER_TEXT])
{
    size_t u = 0;
    /* 999.5 of a unit would be written with four digits. */
    while (u + 1 < UNITS && seconds >= 0.9995 * units[u + 1].seconds)
        u++;
    double value = seconds / units[u].seconds;
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(text, BENCH_NUMBER_TEXT, "%.*f %s", decimals, value, units[u].name);
    return text;
}
