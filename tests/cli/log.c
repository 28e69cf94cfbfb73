/* `quire bench log` as its users meet it.
 *
 * QUIRE names the command to test.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "support.h"

enum { FAILED = 1, USAGE = 2 };

#define ARGUMENTS(...) ((const char *const[]){"bench", "log", __VA_ARGS__, NULL})
#define HERE "--dir", harness_directory()
#define LITTLE "--quick", "--records", "1Kx300", "--segments", "5"

/* Not understood: exit 2, one sentence that names the culprit, and nothing on standard output. */
static void check_refused(const char *const *arguments, const char *culprit)
{
    check_refusal(arguments, USAGE, "quire bench log", culprit);
}

TEST(cli_log_help)
{
    static const char *const options[] = {"--dir",   "--records", "--segments", "--rounds", "--only",
                                          "--quick", "--json",    "--list",     "--help",   NULL};
    check_help(ARGUMENTS("--help"), options);
}

TEST(cli_log_list)
{
    struct outcome o = run_command(ARGUMENTS("--list", "--only", "open,rotate"));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.out, "\nopen ") && strstr(o.out, "\nrotate "));
    CHECK(!strstr(o.out, "\nread ") && !strstr(o.out, "\nfollow "));
    outcome_free(&o);
}

TEST(cli_log_not_understood)
{
    static const struct garbled rows[] = {
        {"--records", {"", "1K", "7x10", "65Kx1", "1Kx0", "1Kx10,2Kx10", "1Kx101M", "x"}},
        {"--segments", {"", "0", "2", "101K", "-5", "many"}},
        {"--rounds", {"", "0", "2", "26", "-3", "x"}},
        {"--only", {"", "reading", "read,", "append"}},
    };
    check_garbled("log", rows, sizeof rows / sizeof rows[0]);
    check_refused(ARGUMENTS("--nope"), "--nope");
    check_refused(ARGUMENTS("stray"), "stray");
    check_refused(ARGUMENTS("--dir", harness_path("missing")), "missing");
    CHECK_INT(count_files(), 0);
}

TEST(cli_log_on_a_pipe)
{
    static const char *const rows[] = {"\nlog read ",
                                       "\nlog verify ",
                                       "\nlimit: read(2) ",
                                       "\nlog open 2 segments ",
                                       "\nlog open 5 segments ",
                                       "\nlog follow, from before the flush, p99 ",
                                       "\nappend, rotating, p99.9 ",
                                       "time: log open, many segments / 2"};
    struct outcome o = run_command(ARGUMENTS(HERE, LITTLE));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!strstr(o.out, rows[i]))
            FAIL("no %s", rows[i]);
    CHECK(longest_line(o.out) <= 118);
    CHECK(strchr(o.out, '\033') == NULL && strchr(o.out, '\r') == NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* Records that are large for a block, and ones that are small. */
TEST(cli_log_sizes)
{
    static const struct {
        const char *size, *only;
    } rows[] = {{"64Kx40", "read,open,rotate"}, {"8x2K", "read,follow"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = run_command(
            ARGUMENTS(HERE, "--quick", "--segments", "4", "--records", rows[i].size, "--only", rows[i].only));
        CHECK_INT(o.status, 0);
        CHECK_STR(o.err, "");
        CHECK_INT(count_files(), 0);
        outcome_free(&o);
    }
}

/* As soon as there is something to leave behind: neither a file nor the other process stays. */
TEST(cli_log_stopped)
{
    static const char *const subjects[] = {"read", "open", "follow", "rotate"};
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        struct running r = start_command(ARGUMENTS(HERE, "--segments", "3K", "--only", subjects[i]));
        while (count_files() == 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
        REQUIRE_INT(kill(r.child, SIGTERM), 0);
        struct outcome o = finish_command(&r);
        CHECK_INT(o.status, 128 + SIGTERM);
        CHECK_STR(o.out, "");
        CHECK_INT(lines_of(o.err), 1);
        CHECK_INT(count_files(), 0);
        outcome_free(&o);
    }
}

TEST(cli_log_no_room)
{
    struct outcome o = run_command(ARGUMENTS(HERE, "--records", "64Kx10M"));
    CHECK_INT(o.status, FAILED);
    CHECK_INT(lines_of(o.err), 1);
    CHECK(strstr(o.err, "MiB of room") != NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}
