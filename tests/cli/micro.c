/* `quire bench micro` as its users meet it.
 *
 * QUIRE names the command to test.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "command.h"
#include "support.h"

enum { FAILED = 1, USAGE = 2, NAMES = 35 };

#define ARGUMENTS(...) ((const char *const[]){"bench", "micro", __VA_ARGS__, NULL})
#define HERE "--dir", harness_directory()

/* Under a sanitizer nothing is counted, and one line on standard error says so. */
static bool counts(const struct outcome *o)
{
    if (*o->err == '\0')
        return true;
    CHECK_INT(lines_of(o->err), 1);
    CHECK(strstr(o->err, "B/op and allocs/op are left out") != NULL);
    return false;
}

/* Not understood: exit 2, one sentence that names the culprit, and nothing on standard output. */
static void check_refused(const char *const *arguments, const char *culprit)
{
    check_refusal(arguments, USAGE, "quire bench micro", culprit);
}

TEST(cli_micro_help)
{
    static const char *const options[] = {"--filter",  "--benchtime", "--count", "--cpu",  "--benchmem",
                                          "--dir DIR", "--dry-run",   "--list",  "--help", NULL};
    check_help(ARGUMENTS("--help"), options);
}

TEST(cli_micro_list)
{
    static const char *const names[] = {"DirectWrite",
                                        "PageAligned4K",
                                        "PageAligned16K",
                                        "PageAligned64K",
                                        "MemoryMapped",
                                        "ConcurrentWrites",
                                        "Buffered64K",
                                        "Lane",
                                        "LaneDirect",
                                        "Uring",
                                        "ClaimPublish",
                                        "AppendV",
                                        "Memcpy",
                                        "Fwrite",
                                        "FwriteUnlocked",
                                        "LaneClaimPublish",
                                        "LaneThreads/16",
                                        "SharedThreads/1",
                                        "SharedThreads/8",
                                        "SmallRecords/DirectWrite",
                                        "MediumRecords/PageAligned16K",
                                        "LargeRecords/PageAligned16K",
                                        "DurableAppend/DirectWrite",
                                        "DurableAppend/PageAligned",
                                        "DurableAppend/Uring"};
    struct outcome o = run_command(ARGUMENTS("--list"));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    CHECK_INT(lines_of(o.out), NAMES);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "Benchmark%s\n", names[i]);
        if (!strstr(o.out, line))
            FAIL("no %s", names[i]);
    }
    outcome_free(&o);
    o = run_command(ARGUMENTS("--list", "--filter", "^(Memcpy|Lane)$"));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.out, "BenchmarkLane\nBenchmarkMemcpy\n");
    outcome_free(&o);
}

/* Every benchmark works, or says what is missing here, which may be only io_uring or direct I/O. */
TEST(cli_micro_dry_run)
{
    struct outcome o = run_command(ARGUMENTS("--dry-run", "--count", "3", "--cpu", "3", HERE));
    int measured = 0, skipped = 0;
    bool counted = counts(&o);
    CHECK_INT(o.status, 0);
    CHECK(strncmp(o.out, "goos: linux\ngoarch: ", 20) == 0);
    CHECK(strstr(o.out, "\npkg: quire\n") && strstr(o.out, "\nPASS\nok  \tquire\t"));
    for (char *line = strtok(o.out, "\n"); line; line = strtok(NULL, "\n")) {
        skipped +=
            strncmp(line, "--- SKIP: Benchmark", 19) == 0 && (strstr(line, "Uring-3") || strstr(line, "Direct-3"));
        if (strncmp(line, "Benchmark", 9) != 0)
            continue;
        CHECK(strstr(line, "-3 ") || strstr(line, "-3\t"));
        CHECK(strstr(line, "\t       1\t") && strstr(line, " ns/op\t") && strstr(line, " MB/s"));
        CHECK(counted == (strstr(line, " B/op\t") && strstr(line, " allocs/op")));
        measured++;
    }
    CHECK_INT(measured + skipped, NAMES);
    CHECK(skipped == 0 || skipped == 3);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* No append allocates: so libquire says, and here it is counted. */
TEST(cli_micro_appends_allocate_nothing)
{
    struct outcome o = run_command(ARGUMENTS("--benchtime", "2000x", "--benchmem", "--cpu", "1,2", "--filter",
                                             "^(DirectWrite|Lane|Uring|ClaimPublish|AppendV|ConcurrentWrites)$", HERE));
    bool counted = counts(&o);
    CHECK_INT(o.status, 0);
    for (char *line = strtok(o.out, "\n"); line; line = strtok(NULL, "\n"))
        if (strncmp(line, "Benchmark", 9) == 0) {
            CHECK(strstr(line, "\t    2000\t") != NULL);
            CHECK(!counted || strstr(line, "\t       0 B/op\t       0 allocs/op"));
        }
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* With something preloaded the allocator is looked for elsewhere: libm brings none, so it is glibc's again. */
TEST(cli_micro_preloaded)
{
    REQUIRE(setenv("LD_PRELOAD", "libm.so.6", 1) == 0);
    struct outcome o = run_command(ARGUMENTS("--dry-run", "--filter", "^(Fwrite|LaneThreads/16)", HERE));
    if (*o.err)
        SKIP("%s", o.err);
    CHECK_INT(o.status, 0);
    CHECK_INT(lines_of(o.out), 4 + 3 + 2);
    CHECK(strstr(o.out, "\t       0 B/op\t       0 allocs/op\n") != NULL);
    outcome_free(&o);
}

TEST(cli_micro_not_understood)
{
    static const struct garbled rows[] = {
        {"--benchtime", {"", "0", "1", "0s", "0x", "-1s", "4000s", "1000000001x", "many", "1.5x"}},
        {"--count", {"", "0", "-1", "1001", "x", "1.5", "99999999999999999999"}},
        {"--cpu", {"", "0", "-1", "257", "1,", "1,,2", "two", "1 2"}},
        {"--filter", {"(", "[a", "nothing is called this", "a{2"}},
        {"--dir", {"", "/dev/null", "/missing/directory"}},
    };
    check_garbled("micro", rows, sizeof rows / sizeof rows[0]);
    check_refused(ARGUMENTS("--list", "--filter", "nothing is called this"), "--filter");
    check_refused(ARGUMENTS("--nope"), "--nope");
    check_refused(ARGUMENTS("-x"), "-x");
    check_refused(ARGUMENTS("stray"), "stray");
    check_refused(ARGUMENTS("--count"), "--count");
    CHECK_INT(count_files(), 0);
}

/* In the middle of appends, with and without a sync in each, as soon as there is a file to leave behind. */
static const struct stopped {
    const char *name;
    int signal;
} stopped[] = {{"^DirectWrite$", SIGINT}, {"DurableAppend/DirectWrite", SIGTERM}, {"LaneThreads/4", SIGINT}};

TEST_EACH(cli_micro_stopped, struct stopped, stopped)
{
    struct running r = start_command(ARGUMENTS("--benchtime", "60s", "--filter", it->name, HERE));
    while (count_files() == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    REQUIRE_INT(kill(r.child, it->signal), 0);
    struct outcome o = finish_command(&r);
    CHECK_INT(o.status, 128 + it->signal);
    CHECK(strstr(o.err, "stopped by a signal") != NULL);
    CHECK(strstr(o.out, "ok  \t") == NULL && strstr(o.out, "\nBenchmark") == NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* A file that may not grow stands in for a full disk. The others are measured all the same. */
TEST(cli_micro_no_space)
{
    struct rlimit limit = {.rlim_cur = 65536, .rlim_max = RLIM_INFINITY};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    struct outcome o = run_command(ARGUMENTS("--benchtime", "1000x", "--filter",
                                             "^(DirectWrite|PageAligned4K|Fwrite|Memcpy)$", "--cpu", "1", HERE));
    CHECK_INT(o.status, FAILED);
    CHECK(strstr(o.out, "--- FAIL: BenchmarkDirectWrite\n    appending to the file: File too large\n") != NULL);
    CHECK(strstr(o.out, "--- FAIL: BenchmarkPageAligned4K\n") && strstr(o.out, "--- FAIL: BenchmarkFwrite\n"));
    CHECK(strstr(o.out, "\nBenchmarkMemcpy ") && strstr(o.out, "\nFAIL\nFAIL\tquire\t"));
    CHECK(strstr(o.out, "PASS") == NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}
