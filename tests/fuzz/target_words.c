/* The numbers, sizes, ages and times of a command line: what is taken is what the digits say, and nothing is taken that
 * does not fit; a time that is printed is read back as it was.
 *
 * Input: a text.
 *
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "fuzz.h"
#include "log_numbers.h"
#include "log_times.h"

enum { TEXT_MOST = 200, SIZES = 8 };
#define UNTOUCHED UINT64_C(0x5555555555555555)
#define NOW UINT64_C(1795534200000000000)

/* The digits that a text begins with, with more bits than any number has. */
static bool digits(const char *text, unsigned __int128 *value, const char **rest)
{
    unsigned __int128 sum = 0;

    for (*rest = text; isdigit((unsigned char)**rest); ++*rest)
        if (sum <= UINT64_MAX)
            sum = sum * 10 + (unsigned)(**rest - '0');
    *value = sum;
    return *rest != text;
}

static void check_sequence(const char *text)
{
    unsigned __int128 should = 0;
    const char *rest;
    uint64_t sequence = UNTOUCHED;

    bool valid = digits(text, &should, &rest) && !*rest && should > 0 && should <= UINT64_MAX;
    bool taken = log_parse_sequence(text, &sequence);
    FUZZ_CHECK(taken == valid, "\"%s\" as a sequence", text);
    FUZZ_CHECK(sequence == (taken ? (uint64_t)should : UNTOUCHED), "\"%s\" as a sequence", text);
}

static void check_bytes(const char *text)
{
    static const char units[] = "BKMGT";
    unsigned __int128 should = 0;
    const char *rest;
    uint64_t bytes = UNTOUCHED;

    bool valid = digits(text, &should, &rest) && should <= UINT64_MAX;
    const char *unit = valid && *rest ? strchr(units, toupper((unsigned char)*rest)) : NULL;
    if (unit)
        should <<= 10 * (unit - units);
    valid = valid && (unit ? !rest[1] : !*rest) && should <= UINT64_MAX && strlen(text) < 32;
    bool taken = log_parse_bytes(text, &bytes);
    FUZZ_CHECK(taken == valid, "\"%s\" as bytes", text);
    FUZZ_CHECK(bytes == (taken ? (uint64_t)should : UNTOUCHED), "\"%s\" as bytes", text);
}

static void check_age(const char *text)
{
    static const struct {
        const char *name;
        uint64_t factor;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    unsigned __int128 should = 0;
    const char *rest;
    uint64_t age = UNTOUCHED;
    bool valid = false;

    if (digits(text, &should, &rest) && should <= UINT64_MAX)
        for (int i = 0; i < 5 && !valid; i++)
            if (strcmp(rest, units[i].name) == 0) {
                should *= units[i].factor;
                valid = should <= UINT64_MAX;
            }
    bool taken = log_parse_age(text, &age);
    FUZZ_CHECK(taken == valid, "\"%s\" as an age", text);
    FUZZ_CHECK(age == (taken ? (uint64_t)should : UNTOUCHED), "\"%s\" as an age", text);
}

static void check_time(const char *text)
{
    char printed[LOG_TIME_TEXT];
    uint64_t time = UNTOUCHED;
    uint64_t again = UNTOUCHED;

    if (!log_parse_time(text, NOW, &time)) {
        FUZZ_CHECK(time == UNTOUCHED, "\"%s\" as a time", text);
        return;
    }
    size_t length = log_time_text(time, printed);
    FUZZ_CHECK(length == strlen(printed) && length < sizeof printed, "%" PRIu64 " as text", time);
    /* Of years with four digits. */
    if (length == 30)
        FUZZ_CHECK(log_parse_time(printed, NOW, &again) && again == time, "%" PRIu64 ", \"%s\"", time, printed);
}

/* Those of `quire bench`: within their bounds. */
static void check_bench(const char *text)
{
    struct bench_size sizes[SIZES];
    uint64_t number = UNTOUCHED;
    size_t count = 0;
    double seconds = -1;

    if (bench_parse_size(text, &number))
        FUZZ_CHECK(isdigit((unsigned char)text[0]), "\"%s\" as a size", text);
    if (bench_parse_count(text, &number))
        FUZZ_CHECK(isdigit((unsigned char)text[0]), "\"%s\" as a count", text);
    if (bench_parse_workloads(text, sizes, SIZES, &count))
        FUZZ_CHECK(count > 0 && count <= SIZES, "\"%s\" as workloads", text);
    if (bench_parse_duration(text, &seconds))
        FUZZ_CHECK(seconds >= 0 && seconds < 1e300, "\"%s\" as a duration", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size > TEXT_MOST)
        return 0;
    /* Exactly as long as it is, so that a byte read behind its end is seen. */
    text = malloc(size + 1);
    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check_sequence(text);
    check_bytes(text);
    check_age(text);
    check_time(text);
    check_bench(text);
    free(text);
    return 0;
}
