/* `quire bench micro`: the text, the choice of the number of operations, and a run of benchmarks made up for it under a
 * clock that they move.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cost.h"
#include "base/stop.h"
#include "harness.h"
#include "machine/place.h"
#include "micro/files.h"
#include "micro/line.h"
#include "micro/micro.h"

/* Text that is printed into memory. */
static struct {
    FILE *file;
    char *text;
    size_t length;
} printed;

static FILE *print_begin(void)
{
    printed.file = open_memstream(&printed.text, &printed.length);
    REQUIRE(printed.file != NULL);
    return printed.file;
}

/* The text so far. */
static const char *print_end(void)
{
    REQUIRE(fclose(printed.file) == 0);
    return printed.text;
}

/* The widths and decimals that Go's testing package has for the same values. */
TEST(micro_values)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "         0 u"},
        {123456789, " 123456789 u"},
        {12345678901, "12345678901 u"},
        {1000, "      1000 u"},
        {999.95, "      1000 u"},
        {999.94, "       999.9 u"},
        {513.54, "       513.5 u"},
        {99.995, "       100.0 u"},
        {99.99, "        99.99 u"},
        {24.76, "        24.76 u"},
        {9.9995, "        10.00 u"},
        {9.999, "         9.999 u"},
        {0.99995, "         1.000 u"},
        {0.9999, "         0.9999 u"},
        {0.25, "         0.2500 u"},
        {0.01234, "         0.01234 u"},
        {0.001234, "         0.001234 u"},
        {0.0001234, "         0.0001234 u"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench_micro_print_value(print_begin(), rows[i].value, "u");
        CHECK_STR(print_end(), rows[i].text);
        free(printed.text);
    }
}

TEST(micro_lines)
{
    struct bench_micro_result r = {.operations = 2359388, .elapsed_ns = 1211637523, .bytes = 1024, .counted = true};
    FILE *out = print_begin();
    bench_micro_print_header(out, &(struct bench_micro_header){"linux", "amd64", "A processor"});
    bench_micro_print_line(out, "BenchmarkDirectWrite-2", 27, &r);
    r = (struct bench_micro_result){.operations = 3, .elapsed_ns = 4, .counted = true, .allocated = {100, 8}};
    bench_micro_print_line(out, "BenchmarkOdd", 12, &r);
    r = (struct bench_micro_result){.operations = 1, .bytes = 10, .allocated = {64, 1}};
    bench_micro_print_line(out, "BenchmarkInNoTime", 5, &r);
    bench_micro_print_fail(out, "BenchmarkBad-4", "no reason");
    bench_micro_print_skip(out, "BenchmarkAway", "not here");
    bench_micro_print_end(out, true, 12.3454);
    bench_micro_print_end(out, false, 0.0006);
    CHECK_STR(print_end(), "goos: linux\n"
                           "goarch: amd64\n"
                           "pkg: quire\n"
                           "cpu: A processor\n"
                           "BenchmarkDirectWrite-2     \t 2359388\t       513.5 ns/op\t1994.01 MB/s\t       0 B/op\t"
                           "       0 allocs/op\n"
                           "BenchmarkOdd\t       3\t         1.333 ns/op\t      33 B/op\t       2 allocs/op\n"
                           "BenchmarkInNoTime\t       1\n"
                           "--- FAIL: BenchmarkBad-4\n"
                           "    no reason\n"
                           "--- SKIP: BenchmarkAway\n"
                           "    not here\n"
                           "PASS\n"
                           "ok  \tquire\t12.345s\n"
                           "FAIL\n"
                           "FAIL\tquire\t0.001s\n");
}

/* A processor that has no name gets no line. */
TEST(micro_header_without_cpu)
{
    bench_micro_print_header(print_begin(), &(struct bench_micro_header){"linux", "arm64", ""});
    CHECK_STR(print_end(), "goos: linux\ngoarch: arm64\npkg: quire\n");
}

/* By the rule of Go: goal x last / elapsed, a fifth more, at most 100 times last, more than last, at most 1e9. */
TEST(micro_next)
{
    static const struct {
        uint64_t goal_ns, last, elapsed_ns, next;
    } rows[] = {
        {1000000000, 1, 10000000, 100},                /* 120, but a hundred times more at most */
        {1000000000, 1, 100000000, 12},                /* 10 and a fifth */
        {1000000000, 100, 700, 10000},                 /* limited */
        {1000000000, 100000000, 700000000, 171428570}, /* 142857142 and a fifth of it */
        {1000000000, 100, 999999999, 120},
        {1000000000, 5, 990000000, 6},  /* 5 and a fifth: one more */
        {1000000000, 3, 900000000, 4},  /* 3 would be the same again */
        {1000000000, 7, 2000000000, 8}, /* even where it took longer */
        {1000000000, 1, 0, 100},        /* no time at all counts as a nanosecond */
        {1000000000, 1000000000, 1, 1000000000},
        {3600000000000, 1000000000, 3000000000, 1000000000},
        {3600000000000, 100000000, 1000000000000, 432000000}, /* 64 bits would not hold the product */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_UINT(bench_micro_next(rows[i].goal_ns, rows[i].last, rows[i].elapsed_ns), rows[i].next);
}

TEST(micro_goals)
{
    static const struct {
        const char *text;
        uint64_t ns, operations;
    } rows[] = {{"2s", 2000000000, 0}, {"500ms", 500000000, 0}, {"1.5s", 1500000000, 0},
                {"1x", 0, 1},          {"100000x", 0, 100000},  {"1000000000x", 0, 1000000000}};
    static const char *const bad[] = {"",     "x",   "0x",  "-1x",   "1000000001x",  "99999999999999999999x",
                                      "1.5x", "10",  "0s",  "3601s", "-1s",          "s",
                                      "1 s",  "1xx", "1Kx", "inf",   "1000000000 x", "nans"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench_micro_goal goal = {1, 1};
        CHECK(bench_micro_parse_goal(rows[i].text, &goal));
        CHECK_UINT(goal.ns, rows[i].ns);
        CHECK_UINT(goal.operations, rows[i].operations);
    }
    struct bench_micro_goal goal = {5, 7};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bench_micro_parse_goal(bad[i], &goal))
            FAIL("\"%s\" was understood", bad[i]);
    CHECK(goal.ns == 5 && goal.operations == 7);
}

TEST(micro_cpus)
{
    static const char *const bad[] = {"",
                                      "0",
                                      "257",
                                      "1,",
                                      ",1",
                                      "1,,2",
                                      "a",
                                      "1;2",
                                      "-1",
                                      "1K",
                                      "1.5",
                                      "1, 2",
                                      "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"};
    struct bench_micro_settings s = {.cpu_count = 0};
    REQUIRE(bench_micro_parse_cpus("1,2,256", &s));
    CHECK_UINT(s.cpu_count, 3);
    CHECK(s.cpus[0] == 1 && s.cpus[1] == 2 && s.cpus[2] == 256);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bench_micro_parse_cpus(bad[i], &s))
            FAIL("\"%s\" was understood", bad[i]);
    CHECK(s.cpu_count == 3 && s.cpus[2] == 256);
}

/* A clock that benchmarks move, and a counter that they raise. */
static uint64_t moment;
static struct bench_micro_allocations raised;
static uint64_t runs[64];
static unsigned run_count, cpus_seen;

static uint64_t moment_now(void)
{
    return moment;
}

static void moment_wait(uint64_t until)
{
    moment = until;
}

static const struct bench_clock fake = {moment_now, moment_wait};

static struct bench_micro_allocations raised_now(void)
{
    return raised;
}

/* 7 ns, 3 bytes allocated an operation; making ready and clearing up takes long and allocates much. */
static int seven(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    trial->bytes = benchmark->record_bytes;
    moment += 1000000000;
    raised.bytes += 4096;
    bench_trial_start(trial);
    moment += 7 * trial->operations;
    raised.bytes += 3 * trial->operations;
    raised.count += 2 * trial->operations;
    bench_trial_stop(trial);
    moment += 1000000000;
    raised.count += 1000;
    cpus_seen = trial->cpus;
    if (run_count < sizeof runs / sizeof runs[0])
        runs[run_count++] = trial->operations;
    return 0;
}

static int broken(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    (void)benchmark;
    bench_trial_fail(trial, -EIO, "record %d is lost", 5);
    return bench_trial_fail(trial, -EIO, "what came of it");
}

static int absent(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    (void)benchmark;
    trial->skipped = true;
    return bench_trial_fail(trial, -ENOSYS, "not on this machine");
}

static int wordless(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    (void)benchmark, (void)trial;
    return -EIO;
}

static const struct bench_micro made_up[] = {
    {.name = "Seven", .run = seven, .record_bytes = 1024},
    {.name = "Seven/Long", .run = seven},
    {.name = "Broken", .run = broken},
    {.name = "Absent", .run = absent},
    {.name = "Wordless", .run = wordless},
};

static struct bench_micro_settings made_up_settings(void)
{
    struct bench_micro_settings s = bench_micro_settings_default();
    s.directory = harness_directory();
    s.counter = raised_now;
    s.cpus[0] = 1;
    bench_clock_use(&fake);
    return s;
}

/* What was printed below the header, which is the machine's own. */
static const char *below_header(const char *text)
{
    const char *at = strstr(text, "\nBenchmark");
    const char *other = strstr(text, "\n---");
    if (!at || (other && other < at))
        at = other;
    REQUIRE(at != NULL);
    return at + 1;
}

static int run_made_up(const struct bench_micro_settings *settings)
{
    FILE *out = print_begin();
    int rc = bench_micro_run(made_up, sizeof made_up / sizeof made_up[0], settings, out);
    print_end();
    CHECK(strncmp(printed.text, "goos: linux\ngoarch: ", 20) == 0);
    CHECK(strstr(printed.text, "\npkg: quire\n") != NULL);
    return rc;
}

static void filter(struct bench_micro_settings *settings, regex_t *compiled, const char *text)
{
    REQUIRE(regcomp(compiled, text, REG_EXTENDED | REG_NOSUB) == 0);
    settings->filter = compiled;
}

/* 1, 100, 1e4, 1e6, 1e8 operations take 7 ns to 0.7 s; the sixth is predicted and long enough. */
TEST(micro_run_whole)
{
    static const uint64_t expected[] = {1, 100, 10000, 1000000, 100000000, 171428570};
    regex_t compiled;
    struct bench_micro_settings s = made_up_settings();
    filter(&s, &compiled, "^Seven$");
    CHECK_INT(run_made_up(&s), 0);
    CHECK_STR(below_header(printed.text),
              "BenchmarkSeven\t171428570\t         7.000 ns/op\t146285.71 MB/s\t       3 B/op\t       2 allocs/op\n"
              "PASS\n"
              "ok  \tquire\t13.907s\n");
    CHECK_UINT(run_count, 6);
    for (size_t i = 0; i < 6; i++)
        CHECK_UINT(runs[i], expected[i]);
    regfree(&compiled);
}

/* A number of operations: 1 to see that it works, then so many. Every number of threads, as often as asked. */
TEST(micro_run_count_and_cpus)
{
    regex_t compiled;
    struct bench_micro_settings s = made_up_settings();
    filter(&s, &compiled, "Long|^Sev");
    REQUIRE(bench_micro_parse_cpus("1,12", &s));
    s.goal = (struct bench_micro_goal){.operations = 200};
    s.count = 2;
    s.counter = NULL;
    CHECK_INT(run_made_up(&s), 0);
    CHECK_STR(below_header(printed.text), "BenchmarkSeven        \t     200\t         7.000 ns/op\t146285.71 MB/s\n"
                                          "BenchmarkSeven        \t     200\t         7.000 ns/op\t146285.71 MB/s\n"
                                          "BenchmarkSeven-12     \t     200\t         7.000 ns/op\t146285.71 MB/s\n"
                                          "BenchmarkSeven-12     \t     200\t         7.000 ns/op\t146285.71 MB/s\n"
                                          "BenchmarkSeven/Long   \t     200\t         7.000 ns/op\n"
                                          "BenchmarkSeven/Long   \t     200\t         7.000 ns/op\n"
                                          "BenchmarkSeven/Long-12\t     200\t         7.000 ns/op\n"
                                          "BenchmarkSeven/Long-12\t     200\t         7.000 ns/op\n"
                                          "PASS\n"
                                          "ok  \tquire\t32.000s\n");
    CHECK_UINT(run_count, 16);
    CHECK_UINT(runs[0], 1);
    CHECK_UINT(cpus_seen, 12);
    regfree(&compiled);
}

TEST(micro_run_failed)
{
    regex_t compiled;
    struct bench_micro_settings s = made_up_settings();
    filter(&s, &compiled, "Broken|Absent|Wordless");
    CHECK_INT(run_made_up(&s), 1);
    CHECK_STR(below_header(printed.text), "--- FAIL: BenchmarkBroken\n"
                                          "    record 5 is lost\n"
                                          "--- SKIP: BenchmarkAbsent\n"
                                          "    not on this machine\n"
                                          "--- FAIL: BenchmarkWordless\n"
                                          "    Input/output error\n"
                                          "FAIL\n"
                                          "FAIL\tquire\t0.000s\n");
    regfree(&compiled);
}

/* What is not here is no failure. */
TEST(micro_run_skipped)
{
    regex_t compiled;
    struct bench_micro_settings s = made_up_settings();
    filter(&s, &compiled, "Absent");
    CHECK_INT(run_made_up(&s), 0);
    CHECK(strstr(printed.text, "\nPASS\n") != NULL);
    regfree(&compiled);
}

static int stopping(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    (void)benchmark, (void)trial;
    bench_stop_signal = SIGTERM;
    return 0;
}

TEST(micro_run_stopped)
{
    static const struct bench_micro table[] = {{.name = "Stopping", .run = stopping}, {.name = "Never", .run = seven}};
    struct bench_micro_settings s = made_up_settings();
    int rc = bench_micro_run(table, 2, &s, print_begin());
    CHECK_INT(rc, 128 + SIGTERM);
    CHECK(strstr(print_end(), "Benchmark") == NULL);
    CHECK_UINT(run_count, 0);
}

/* A way of appending that notes what it is asked for. */
static struct {
    unsigned opened, closed, finished;
    uint64_t in_file, most, total;
} noted;

static int note_open(const struct bench_micro *benchmark, const char *path, void **state)
{
    (void)benchmark;
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    noted.opened++;
    noted.in_file = 0;
    moment += 1000;
    *state = &noted;
    return 0;
}

static int note_append(const struct bench_micro *benchmark, void *state, struct bench_cursor *cursor)
{
    (void)benchmark, (void)state;
    while (bench_cursor_next(cursor)) {
        __atomic_fetch_add(&noted.in_file, cursor->record_bytes, __ATOMIC_RELAXED);
        __atomic_fetch_add(&moment, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

static int note_finish(void *state)
{
    (void)state;
    noted.finished++;
    moment += 5;
    return 0;
}

static int note_close(void *state)
{
    (void)state;
    noted.closed++;
    noted.total += noted.in_file;
    if (noted.in_file > noted.most)
        noted.most = noted.in_file;
    moment += 1000;
    return 0;
}

static const struct threads_row {
    const char *name;
    unsigned in_table, cpus;
} threads_rows[] = {{"alone", 1, 4}, {"as many as the table says", 3, 1}, {"as many as cpus", 0, 5}};

/* 64 MiB in a file and no more; opening, closing and removing are not in the time, the flush at its end is. */
TEST_EACH(micro_files_are_bounded, struct threads_row, threads_rows)
{
    enum { RECORD = 8192, PER_FILE = (64 << 20) / RECORD, OPERATIONS = 2 * PER_FILE + 77 };
    static const struct bench_micro_file file = {
        .open = note_open, .append = note_append, .finish = note_finish, .close = note_close};
    const struct bench_micro benchmark = {.record_bytes = RECORD, .threads = it->in_table};
    struct bench_place place;
    bench_clock_use(&fake);
    REQUIRE_INT(bench_place_make(&place, harness_directory()), 0);
    struct bench_trial trial = {.operations = OPERATIONS, .cpus = it->cpus, .place = &place};
    CHECK_INT(bench_micro_in_files(&benchmark, &trial, &file), 0);
    CHECK_UINT(noted.opened, 3);
    CHECK_UINT(noted.finished, 3);
    CHECK_UINT(noted.closed, 3);
    CHECK_UINT(noted.most, 64 << 20);
    CHECK_UINT(noted.total, (uint64_t)OPERATIONS * RECORD);
    CHECK_UINT(trial.elapsed_ns, OPERATIONS + 3 * 5);
    CHECK_UINT(trial.bytes, RECORD);
    CHECK(access(place.file, F_OK) != 0);
    bench_place_remove(&place);
}

static int full_append(const struct bench_micro *benchmark, void *state, struct bench_cursor *cursor)
{
    (void)benchmark, (void)state, (void)cursor;
    return -ENOSPC;
}

/* An append that fails is the benchmark's failure, and the file is closed and removed all the same. */
TEST(micro_files_failing)
{
    static const struct bench_micro_file file = {
        .open = note_open, .append = full_append, .finish = note_finish, .close = note_close};
    const struct bench_micro benchmark = {.record_bytes = 100, .threads = 2};
    struct bench_place place;
    REQUIRE_INT(bench_place_make(&place, harness_directory()), 0);
    struct bench_trial trial = {.operations = 10, .cpus = 1, .place = &place};
    CHECK_INT(bench_micro_in_files(&benchmark, &trial, &file), -ENOSPC);
    CHECK_STR(trial.reason, "appending to the file: No space left on device");
    CHECK_UINT(noted.finished, 0);
    CHECK_UINT(noted.closed, 1);
    CHECK(!trial.running && access(place.file, F_OK) != 0);
    bench_place_remove(&place);
}
