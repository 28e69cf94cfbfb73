/* The JSON of `quire bench`, schema 1: every field that was promised, with its type and a value that can be.
 *
 * SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "command.h"
#include "support.h"

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_number(value)) {
        FAIL("no number %s", name);
        return -1;
    }
    return json_number_value(value);
}

static uint64_t whole(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        FAIL("no whole number %s", name);
        return 0;
    }
    return (uint64_t)json_integer_value(value);
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    if (!value)
        FAIL("no text %s", name);
    return value ? value : "";
}

static void check_sample(const json_t *sample, uint64_t most, uint64_t record_bytes)
{
    /* What was appended: all records, except where a limit is known from fewer. */
    uint64_t bytes = whole(sample, "bytes");
    if (record_bytes == 0) {
        FAIL("records of no bytes");
        return;
    }
    uint64_t records = bytes / record_bytes;
    CHECK(bytes > 0 && bytes <= most && bytes % record_bytes == 0);
    double seconds = number(sample, "seconds"), sync = number(sample, "sync_seconds");
    CHECK(isfinite(seconds) && seconds > 0);
    CHECK(sync >= 0 && sync <= seconds);
    CHECK(number(sample, "cpu_seconds") >= 0);
    /* The rates are of the same time, as far as rounding goes. */
    CHECK(fabs(number(sample, "records_per_s") * seconds / (double)records - 1) < 1e-3);
    CHECK(fabs(number(sample, "mib_per_s") * seconds * 1048576 / (double)bytes - 1) < 1e-3);
}

/* A median lies between the least and the most of its rounds. */
static void check_median(const json_t *median, const json_t *rounds, const char *name)
{
    double least = INFINITY, most = -INFINITY;
    size_t i;
    json_t *round;
    json_array_foreach(rounds, i, round)
    {
        double value = number(round, name);
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    double value = number(median, name);
    if (value < least - 1e-9 || value > most + 1e-9)
        FAIL("median %s %f is not within %f and %f", name, value, least, most);
}

static void check_result(const json_t *result, size_t rounds)
{
    static const char *const fields[] = {"seconds", "sync_seconds", "cpu_seconds", "mib_per_s", "records_per_s"};
    const json_t *median = json_object_get(result, "median"), *all = json_object_get(result, "rounds");
    uint64_t record_bytes = whole(result, "record_bytes"), bytes = whole(result, "records") * record_bytes;
    whole(result, "buffer_bytes");
    CHECK(*text(result, "name") && *text(result, "method"));
    CHECK(whole(result, "threads") >= 1);
    CHECK_STR(text(result, "sync"), "end");
    const char *durability = text(result, "durability");
    if (strcmp(durability, "device") == 0)
        CHECK_UINT(whole(result, "risk_bytes"), 0);
    else
        CHECK(strcmp(durability, "nothing") == 0 && whole(result, "risk_bytes") == bytes);
    REQUIRE(json_is_object(median) && json_is_array(all));
    CHECK_UINT(json_array_size(all), rounds);
    size_t i;
    json_t *round;
    json_array_foreach(all, i, round) check_sample(round, bytes, record_bytes);
    for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
        check_median(median, all, fields[i]);
}

static bool has_row(const json_t *results, const char *name, size_t bytes, size_t records)
{
    size_t i;
    json_t *result;
    json_array_foreach(results, i, result)
    {
        if (strcmp(text(result, "name"), name) == 0 && whole(result, "record_bytes") == bytes &&
            whole(result, "records") == records)
            return true;
    }
    return false;
}

void check_report(const char *report, const size_t bytes[2], const size_t records[2], size_t rounds)
{
    static const char *const rows[] = {"Direct Write", "Memory Mapped", "limit: page cache"};
    json_error_t error;
    json_t *root = json_loads(report, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        FAIL("not JSON: %s at line %d", error.text, error.line);
        harness_abandon();
    }
    CHECK_UINT(whole(root, "schema"), 1);
    CHECK(json_is_object(json_object_get(root, "env")) && json_object_size(json_object_get(root, "env")) >= 5);
    const json_t *results = json_object_get(root, "results");
    REQUIRE(json_is_array(results) && json_array_size(results) > 10);
    size_t i;
    json_t *result;
    json_array_foreach(results, i, result) check_result(result, rounds);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (int w = 0; w < 2; w++)
            if (!has_row(results, rows[r], bytes[w], records[w]))
                FAIL("no row %s of %zu x %zu", rows[r], bytes[w], records[w]);
    json_decref(root);
}
