/* `quire bench sync` as its users meet it.
 *
 * QUIRE names the command to test.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "support.h"

enum { FAILED = 1, USAGE = 2 };

#define ARGUMENTS(...) ((const char *const[]){"bench", "sync", __VA_ARGS__, NULL})
#define HERE "--dir", harness_directory()

/* Not understood: exit 2, one sentence that names the culprit, and nothing on standard output. */
static void check_refused(const char *const *arguments, const char *culprit)
{
    check_refusal(arguments, USAGE, "quire bench sync", culprit);
}

TEST(cli_sync_help)
{
    static const char *const options[] = {"--dir",   "--records-size", "--count", "--time", "--rounds",
                                          "--files", "--methods",      "--quick", "--json", "--csv",
                                          "--list",  "--help",         NULL};
    check_help(ARGUMENTS("--help"), options);
}

TEST(cli_sync_list)
{
    struct outcome o = run_command(ARGUMENTS("--list", "--files", "written", "--methods", "direct-rwf,range"));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    CHECK(strstr(o.out, "\nwritten ") && strstr(o.out, "\ndirect-rwf ") && strstr(o.out, "\nrange "));
    CHECK(!strstr(o.out, "recycled ") && !strstr(o.out, "\nfsync "));
    outcome_free(&o);
}

TEST(cli_sync_not_understood)
{
    static const struct garbled rows[] = {
        {"--records-size", {"", "0", "-1", "1.5K", "2M", "1048577", "4KB", "many", "99999999999999999999"}},
        {"--count", {"", "0", "-1", "11M", "x", "1.5"}},
        {"--time", {"", "0", "-1", "0.001", "3601", "1s", "nan", "inf", "0x1", "1e3", "1.2.3", " 1"}},
        {"--rounds", {"", "0", "2", "26", "-3", "x"}},
        {"--files", {"", "appendix", "append,", "append,,written", "fsync"}},
        {"--methods", {"", "sync", "fsync,", "FSYNC", "written"}},
    };
    check_garbled("sync", rows, sizeof rows / sizeof rows[0]);
    check_refused(ARGUMENTS("--nope"), "--nope");
    check_refused(ARGUMENTS("-x"), "-x");
    check_refused(ARGUMENTS("stray"), "stray");
    check_refused(ARGUMENTS("--count"), "--count");
    check_refused(ARGUMENTS("--count", "5", "--time", "1"), "--count");
    check_refused(ARGUMENTS("--dir", harness_path("missing")), "missing");
    check_refused(ARGUMENTS("--csv", harness_path("missing/report"), HERE), "--csv");
    check_refused(ARGUMENTS("--json", "-", "--csv", "-"), "--json");
    CHECK_INT(count_files(), 0);
}

TEST(cli_sync_on_a_pipe)
{
    struct outcome o = run_command(
        ARGUMENTS(HERE, "--count", "6", "--rounds", "3", "--methods", "fdatasync,direct-dsync,msync,range"));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    static const char *const rows[] = {"append     fdatasync ", "reserved   fdatasync ", "allocated  msync ",
                                       "recycled   range ", "written    direct-dsync "};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!strstr(o.out, rows[i]))
            FAIL("no row %s", rows[i]);
    CHECK(longest_line(o.out) <= 118);
    CHECK(strchr(o.out, '\033') == NULL && strchr(o.out, '\r') == NULL);
    CHECK(strstr(o.out, "NOT durable") != NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* Records that are no whole blocks: what needs them is left out and says why, the rest is measured. */
TEST(cli_sync_odd_records)
{
    struct outcome o = run_command(
        ARGUMENTS(HERE, "--count", "6", "--records-size", "1000", "--files", "append,written", "--csv", "-"));
    CHECK_INT(o.status, 0);
    CHECK_INT(lines_of(o.out), 1 + 2 * 10);
    CHECK(strncmp(o.out, "file,way,record_bytes,", 22) == 0);
    CHECK(strstr(o.out, "\r\nappend,direct-dsync,1000,0,0,") != NULL);
    CHECK(strstr(o.out, "\r\nwritten,fdatasync,1000,5,10,") != NULL);
    CHECK(strstr(o.out, "From this run") == NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

TEST(cli_sync_to_a_file)
{
    const char *path = harness_path("report.csv");
    struct outcome o = run_command(
        ARGUMENTS(HERE, "--count", "3", "--rounds", "3", "--files", "append", "--methods", "fsync", "--csv", path));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.out, "append     fsync ") != NULL);
    struct bytes report = read_file(path);
    bytes_add(&report, "", 1);
    CHECK(strstr((const char *)report.data, "append,fsync,4096,3,3,") != NULL);
    CHECK_INT(count_files(), 1);
    bytes_free(&report);
    outcome_free(&o);
    o = run_command(ARGUMENTS(HERE, "--count", "3", "--files", "append", "--methods", "fsync", "--csv", "/dev/full"));
    CHECK_INT(o.status, FAILED);
    CHECK_INT(lines_of(o.err), 1);
    CHECK_INT(count_files(), 1);
    outcome_free(&o);
}

/* As soon as there is a file to leave behind. */
TEST(cli_sync_stopped)
{
    struct running r = start_command(ARGUMENTS(HERE, "--time", "60"));
    while (count_files() == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    REQUIRE_INT(kill(r.child, SIGINT), 0);
    struct outcome o = finish_command(&r);
    CHECK_INT(o.status, 128 + SIGINT);
    CHECK_STR(o.out, "");
    CHECK_INT(lines_of(o.err), 1);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* A file that may not grow stands in for a full disk: the write fails in the middle, for good. */
TEST(cli_sync_no_space)
{
    static const char *const files[] = {"append", "reserved", "allocated", "written", "recycled"};
    struct rlimit limit = {.rlim_cur = 16384, .rlim_max = RLIM_INFINITY};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct outcome o = run_command(
            ARGUMENTS(HERE, "--count", "60", "--rounds", "3", "--files", files[i], "--methods", "fdatasync,msync"));
        CHECK_INT(o.status, FAILED);
        CHECK_STR(o.out, "");
        CHECK_INT(lines_of(o.err), 1);
        CHECK(strstr(o.err, files[i]) && strstr(o.err, "File too large"));
        CHECK_INT(count_files(), 0);
        outcome_free(&o);
    }
}

TEST(cli_sync_no_room)
{
    struct outcome o = run_command(ARGUMENTS(HERE, "--count", "10M", "--records-size", "1M"));
    CHECK_INT(o.status, FAILED);
    CHECK_INT(lines_of(o.err), 1);
    CHECK(strstr(o.err, "MiB of room") != NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}
