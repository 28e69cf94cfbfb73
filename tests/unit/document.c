/* Reports that are read back: whole ones, damaged ones, foreign ones, and every cut and many a flipped bit of one.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/document.h"
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ONE_THREAD;

#define ROUND(rate)                                                                                       \
    "{\"seconds\":0.5,\"sync_seconds\":0.1,\"flush_seconds\":0.0,\"cpu_seconds\":0.0,\"mib_per_s\":" rate \
    ",\"records_per_s\":2e5,\"open_seconds\":0,\"close_seconds\":1e-3}"
#define LATE_ROUND                                                                                          \
    "{\"seconds\":0.5,\"sync_seconds\":0.1,\"flush_seconds\":0.0,\"cpu_seconds\":0.2,\"mib_per_s\":12.5,"   \
    "\"records_per_s\":2e5,\"open_seconds\":0,\"close_seconds\":1e-3,\"latency\":{\"append\":{\"count\":9," \
    "\"p50_ns\":40,\"p90_ns\":50,\"p99_ns\":60,\"p999_ns\":70,\"max_ns\":900},\"sync\":{\"p99_ns\":7e6}}}"
#define ROW(name, more, rounds)                                                                                   \
    "{\"name\":\"" name "\",\"method\":\"paged\",\"buffer_bytes\":65536,\"record_bytes\":128,\"records\":100000," \
    "\"threads\":1,\"sync\":\"end\",\"kind\":\"quire\"" more ",\"rounds\":[" rounds "]}"
#define REPORT(schema, results)                                                                              \
    "{\"schema\":" schema ",\"env\":{\"date\":\"today\",\"quire\":\"0.1.0\",\"cpu\":\"a cpu\",\"cores\":2}," \
    "\"workloads\":[],\"results\":[" results "]}"

static const char whole[] =
    REPORT("1", ROW("one", "", ROUND("12.5") "," ROUND("13")) "," ROW("two\\u001b[2J\\u009b\\n\\u00e9",
                                                                      ",\"durability\":\"device\"", LATE_ROUND));

TEST(document_whole)
{
    struct bench_document document = {.path = "x"};
    char why[BENCH_DOCUMENT_WHY] = "";
    REQUIRE_INT(bench_document_parse(&document, whole, sizeof whole - 1, why), 0);
    CHECK_STR(why, "");
    CHECK_STR(document.date, "today");
    CHECK_STR(document.version, "0.1.0");
    CHECK_STR(document.traits[0], "a cpu");
    CHECK_STR(document.traits[1], "2");
    CHECK_STR(document.traits[2], "");
    REQUIRE_UINT(document.count, 2);
    const struct bench_document_row *one = &document.rows[0], *two = &document.rows[1];
    CHECK_STR(one->name, "one");
    CHECK_STR(two->name, "two?[2J??\xc3\xa9"); /* what could speak to a terminal is gone */
    CHECK_STR(one->durability, "");
    CHECK_STR(two->durability, "device");
    CHECK_UINT(one->rounds, 2);
    CHECK(one->figures[0] == 12.5 && one->figures[BENCH_FIGURES] == 13);
    CHECK(isnan(one->figures[BENCH_FIGURE_P99]));
    CHECK(two->figures[BENCH_FIGURE_P99] == 60);
    unsigned figure = 0;
    CHECK(bench_figure_find("p99.9", 5, &figure) && two->figures[figure] == 70);
    CHECK(bench_figure_find("p99.99", 6, &figure) && isnan(two->figures[figure]));
    CHECK(bench_figure_find("append_max", 10, &figure) && two->figures[figure] == 900);
    CHECK(bench_figure_find("sync_p99", 8, &figure) && two->figures[figure] == 7e6);
    CHECK(bench_figure_find("hand_over_p99", 13, &figure) && isnan(two->figures[figure]));
    CHECK(bench_figure_find("cpu", 3, &figure) && two->figures[figure] == 0.2);
    CHECK(!bench_figure_find("p98", 3, &figure) && !bench_figure_find("", 0, &figure));
    CHECK(bench_document_find(&document, "one", 128, 100000) == one);
    CHECK(!bench_document_find(&document, "one", 128, 100001) && !bench_document_find(&document, "on", 128, 100000));
    bench_document_free(&document);
}

static const struct bad {
    const char *name, *text, *why;
} bads[] = {
    {"nothing", " ", "is not whole JSON: line 1, column 1"},
    {"cut", "{\"schema\": 1,\n  \"env\"", "is not whole JSON: line 2, column 7"},
    {"text", "Method Duration\n", "is not whole JSON: line 1"},
    {"binary",
     "\x7f"
     "ELF\x02\x01",
     "is not whole JSON"},
    {"trailing", "{\"schema\":1} x", "is not whole JSON"},
    {"twice", "{\"schema\":1,\"schema\":1}", "duplicate"},
    {"array", "[1,2]", "it has no \"schema\""},
    {"foreign", "{\"name\":\"x\"}", "it has no \"schema\""},
    {"future", REPORT("2", ""), "has schema 2, and this quire reads schema 1"},
    {"far-future", REPORT("9223372036854775807", ""), "has schema 9223372036854775807"},
    {"past", REPORT("0", ""), "\"schema\" is not a number from 1 on"},
    {"schema-text", REPORT("\"1\"", ""), "\"schema\" is not a number from 1 on"},
    {"sync", "{\"schema\":1,\"env\":{},\"sync\":[]}", "cannot be compared"},
    {"results-object", "{\"schema\":1,\"env\":{},\"workloads\":[],\"results\":{}}", "cannot be compared"},
    {"result-number", REPORT("1", "7"), "results[0]: not an object"},
    {"no-rounds", REPORT("1", ROW("x", "", "")), "results[0]: it has 0 rounds"},
    {"no-name", REPORT("1", "{\"rounds\":[]}"), "results[0]: \"name\" is missing"},
    {"round-null", REPORT("1", ROW("x", "", "null")), "results[0].rounds[0]: not an object"},
    {"round-empty", REPORT("1", ROW("x", "", ROUND("1") ",{}")), "results[0].rounds[1]: \"mib_per_s\" is missing"},
    {"rate-text", REPORT("1", ROW("x", "", ROUND("\"1\""))), "\"mib_per_s\" is not a number"},
    {"rate-zero", REPORT("1", ROW("x", "", ROUND("0"))), "\"mib_per_s\" is 0, which nothing measured can be"},
    {"rate-less", REPORT("1", ROW("x", "", ROUND("-1.5"))), "\"mib_per_s\" is -1.5"},
    {"rate-nan", REPORT("1", ROW("x", "", ROUND("NaN"))), "is not whole JSON"},
    {"rate-huge", REPORT("1", ROW("x", "", ROUND("1e999"))), "is not whole JSON"},
    {"latency-text", REPORT("1", ROW("x", "", "{\"latency\":1}")), "\"latency\" is not an object"},
    {"kind",
     REPORT("1", "{\"name\":\"x\",\"sync\":\"end\",\"record_bytes\":1,\"records\":1,\"threads\":1,"
                 "\"kind\":\"other\"}"),
     "\"kind\" is \"other\""},
    {"records-less", REPORT("1", "{\"name\":\"x\",\"sync\":\"end\",\"record_bytes\":1,\"records\":-1}"),
     "\"records\" is -1"},
    {"records-real", REPORT("1", "{\"name\":\"x\",\"sync\":\"end\",\"record_bytes\":1,\"records\":1.5}"),
     "\"records\" is not a whole number"},
    {"records-huge",
     REPORT("1", "{\"name\":\"x\",\"sync\":\"end\",\"record_bytes\":1,\"records\":99999999999999999999}"),
     "is not whole JSON"},
    {"threads-huge",
     REPORT("1", "{\"name\":\"x\",\"sync\":\"end\",\"record_bytes\":1,\"records\":1,"
                 "\"threads\":4294967297}"),
     "\"threads\" is 4294967297"},
    {"long-name",
     REPORT("1", "{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123456789"
                 "01234567890123456789012345\"}"),
     "\"name\" is longer than 95 bytes"},
};

static void check_refused(const char *text, size_t length, const char *expected)
{
    struct bench_document document = {.path = "x"};
    char why[BENCH_DOCUMENT_WHY] = "";
    if (bench_document_parse(&document, text, length, why) == 0) {
        FAIL("%.*s was taken for a report", (int)(length < 200 ? length : 200), text);
        bench_document_free(&document);
    }
    if (!strstr(why, expected))
        FAIL("\"%s\" does not say \"%s\"", why, expected);
    CHECK(!strchr(why, '\n'));
}

TEST_EACH(document_bad, struct bad, bads)
{
    check_refused(it->text, strlen(it->text), it->why);
}

TEST(document_cut_anywhere)
{
    for (size_t length = 0; length < sizeof whole - 1; length++)
        check_refused(whole, length, "is not whole JSON");
}

/* A flipped bit may leave a report: then with finite figures. Else it is refused in words. */
TEST(document_flipped_anywhere)
{
    char *text = calloc(1, sizeof whole), why[BENCH_DOCUMENT_WHY];
    REQUIRE(text);
    for (size_t at = 0; at < sizeof whole - 1; at++)
        for (int bit = 0; bit < 8; bit++) {
            struct bench_document document = {.path = "x"};
            memcpy(text, whole, sizeof whole);
            text[at] = (char)(text[at] ^ (1 << bit));
            *why = '\0';
            if (bench_document_parse(&document, text, sizeof whole - 1, why) != 0) {
                CHECK(*why);
                continue;
            }
            for (size_t i = 0; i < document.count; i++)
                CHECK(document.rows[i].rounds > 0 && document.rows[i].figures[0] > 0 &&
                      isfinite(document.rows[i].figures[0]));
            bench_document_free(&document);
        }
    free(text);
}

/* As deep as a large file can go, and longer than a report may be. */
TEST(document_large)
{
    size_t length = (size_t)100 << 20;
    char *text = calloc(length, 1);
    REQUIRE(text);
    memset(text, '[', length);
    check_refused(text, length, "is not whole JSON");
    const char path[] = "large.json";
    FILE *file = fopen(harness_path(path), "we");
    REQUIRE(file);
    REQUIRE(fwrite(text, 1, length, file) == length);
    REQUIRE(fclose(file) == 0);
    free(text);
    struct bench_document document;
    char why[BENCH_DOCUMENT_WHY] = "";
    CHECK_INT(bench_document_read(&document, harness_path(path), why), -1);
    CHECK_STR(why, "is larger than 64 MiB: no report of `quire bench --json` is");
}

TEST(document_not_there)
{
    struct bench_document document;
    char why[BENCH_DOCUMENT_WHY] = "";
    CHECK_INT(bench_document_read(&document, harness_path("none.json"), why), -1);
    CHECK_STR(why, "cannot be read: No such file or directory");
    CHECK_INT(bench_document_read(&document, harness_directory(), why), -1);
    CHECK_STR(why, "cannot be read: Is a directory");
    CHECK_INT(bench_document_read(&document, "/dev/null", why), -1);
    CHECK_STR(why, "is empty");
}

/* Too many rows, each of them fine. */
TEST(document_many_rows)
{
    static const char row[] = ROW("x", "", ROUND("1")) ",";
    size_t rows = BENCH_DOCUMENT_ROWS_MOST + 1, length = 0;
    static const char head[] = "{\"schema\":1,\"env\":{},\"workloads\":[],\"results\":[";
    char *text = calloc(1, sizeof head + rows * sizeof row + 2);
    REQUIRE(text);
    memcpy(text, head, sizeof head - 1);
    length = sizeof head - 1;
    for (size_t i = 0; i < rows; i++, length += sizeof row - 1)
        memcpy(text + length, row, sizeof row - 1);
    text[length - 1] = ']';
    text[length] = '}';
    check_refused(text, length + 1, "\"results\" has 4097 elements");
    free(text);
}
