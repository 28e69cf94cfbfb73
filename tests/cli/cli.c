/* The command as its users meet it: what it prints, how it ends, what it leaves behind.
 *
 * QUIRE names the command to test.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "support.h"

enum { USAGE = 2 };

/* Not understood: exit 2, one sentence on standard error that names the culprit, nothing on standard output. */
static void check_refused(const char *const *arguments, const char *culprit)
{
    const char *who = arguments[0] && strcmp(arguments[0], "bench") == 0 ? "quire bench" : "quire";
    check_refusal(arguments, USAGE, who, culprit);
}

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(cli_version)
{
    struct outcome o = run_command(ARGUMENTS("--version"));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.out, QUIRE_VERSION_STRING) != NULL);
    CHECK(strstr(o.out, quire_features()) != NULL);
    CHECK_STR(o.err, "");
    outcome_free(&o);
}

TEST(cli_help)
{
    static const char *const options[] = {"--dir",  "--records", "--methods", "--buffers", "--threads", "--rounds",
                                          "--sync", "--quick",   "--json",    "--list",    NULL};
    check_help(ARGUMENTS("--help"), (const char *const[]){NULL});
    check_help(ARGUMENTS("bench", "--help"), options);
}

TEST(cli_not_understood)
{
    check_refused((const char *const[]){NULL}, "--help");
    check_refused(ARGUMENTS("benhc"), "benhc");
    check_refused(ARGUMENTS("--verison"), "--verison");
    check_refused(ARGUMENTS("bench", "--nope"), "--nope");
    check_refused(ARGUMENTS("bench", "-x"), "-x");
    check_refused(ARGUMENTS("bench", "stray"), "stray");
    check_refused(ARGUMENTS("bench", "--records"), "--records");
    check_refused(ARGUMENTS("bench", "--dir"), "--dir");
    check_refused(ARGUMENTS("bench", "--quick=5"), "--quick");
}

TEST(cli_garbled_values)
{
    static const struct garbled rows[] = {
        {"--records", {"",           "x",
                       "128",        "128x",
                       "x1000",      "128x1000,",
                       ",128x1000",  "128x1000,,1Kx5",
                       "0x1000",     "128x0",
                       "-1x1000",    "128x-1",
                       "128 x 1000", "128X1000",
                       "1.5Kx10",    "128x1000x5",
                       "128xfoo",    "99999999999999999999x1",
                       "17Mx1",      "128x99999999999999999999",
                       "16Mx16G",    "\xff\xfe",
                       "1Kx1KK"}},
        {"--methods", {"", "paged,", "padged", "paged,nope", "paged paged"}},
        {"--buffers", {"", "1", "4095", "6000", "65M", "4K,", "4Kx", "-4K", "0"}},
        {"--threads", {"", "0", "1", "257", "-2", "two", "2.5"}},
        {"--rounds", {"", "0", "-1", "1001", "many", "99999999999999999999"}},
        {"--sync", {"", "END", "always"}},
    };
    check_garbled(NULL, rows, sizeof rows / sizeof rows[0]);
}

TEST(cli_list)
{
    struct outcome o = run_command(ARGUMENTS("bench", "--list"));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    static const char *const rows[] = {"Direct Write",      "Buffered (4K)",      "Buffered (64K)",
                                       "Page-Aligned (4K)", "Page-Aligned (64K)", "Memory Mapped",
                                       "Direct I/O (64K)",  "Direct I/O (1M)",    "one mutex",
                                       "limit: page cache", "limit: direct"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!strstr(o.out, rows[i]))
            FAIL("--list does not name %s", rows[i]);
    outcome_free(&o);
}

TEST(cli_directory_not_to_be_had)
{
    const char *file = harness_path("file"), *missing = harness_path("missing"), *fifo = harness_path("fifo");
    write_file(file, "x", 1);
    REQUIRE_INT(mkfifo(fifo, 0600), 0);
    const char *const directories[] = {missing, file, fifo, "/proc/self", ""};
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        check_refused(ARGUMENTS("bench", "--quick", "--dir", directories[i]), "--dir");
        check_refused(ARGUMENTS("bench", "--quick", "--dir", directories[i]), directories[i]);
    }
    CHECK_INT(count_files(), 2);
}

#define SHORT "bench", "--quick", "--records", "128x1000,1Kx50", "--rounds", "2", "--dir", harness_directory()

/* A run in earnest, but short. On a pipe there is nothing but text. */
TEST(cli_bench_on_a_pipe)
{
    struct outcome o = run_command(ARGUMENTS(SHORT));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.out, "Direct Write") != NULL && strstr(o.out, "Memory Mapped") != NULL);
    CHECK(strstr(o.out, "Page-Aligned (16K)") != NULL || strstr(o.out, "Page-Aligned (64K)") != NULL);
    CHECK(strchr(o.out, '\033') == NULL && strchr(o.out, '\r') == NULL);
    CHECK(strchr(o.err, '\033') == NULL && strchr(o.err, '\r') == NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

TEST(cli_bench_sync_none)
{
    struct outcome o = run_command(ARGUMENTS(SHORT, "--sync", "none", "--methods", "paged,lane,fwrite"));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.out, "Direct Write") == NULL);
    CHECK(strstr(o.out, "Page-Aligned") != NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* Reads what comes from a terminal until the command ends. */
static struct bytes read_terminal(int terminal)
{
    struct bytes all = {0};
    char piece[4096];
    ssize_t got;
    while ((got = read(terminal, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0)
            bytes_add(&all, piece, (uint64_t)got);
    bytes_add(&all, "", 1);
    return all;
}

TEST(cli_bench_on_a_terminal)
{
    int terminal = -1, status = 0;
    pid_t child = forkpty(&terminal, NULL, NULL, &(struct winsize){.ws_row = 24, .ws_col = 80});
    if (child < 0)
        SKIP("no pseudo-terminal: %s", strerror(errno));
    if (child == 0) {
        setenv("NO_COLOR", "1", 1);
        setenv("TERM", "xterm-256color", 1);
        execl(command_path(), "quire", SHORT, (char *)NULL);
        _exit(127);
    }
    struct bytes shown = read_terminal(terminal);
    REQUIRE(waitpid(child, &status, 0) == child);
    close(terminal);
    CHECK_INT(status, 0);
    const char *text = (const char *)shown.data;
    CHECK(strstr(text, "Direct Write") != NULL);
    CHECK(strchr(text, '\033') == NULL);                  /* NO_COLOR */
    CHECK(strstr(text, "\r") != NULL && text[0] != '\0'); /* a progress line was drawn */
    CHECK_INT(count_files(), 0);
    bytes_free(&shown);
}

static void wait_for_a_file(void)
{
    while (count_files() == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

struct signalled {
    const char *name;
    int number;
};

static const struct signalled stops[] = {{"int", SIGINT}, {"term", SIGTERM}, {"hup", SIGHUP}};

/* In the middle of its work: as soon as there is a file to leave behind. */
TEST_EACH(cli_bench_stopped, struct signalled, stops)
{
    struct running r =
        start_command(ARGUMENTS("bench", "--records", "128x2M", "--rounds", "100", "--dir", harness_directory()));
    wait_for_a_file();
    REQUIRE_INT(kill(r.child, it->number), 0);
    struct outcome o = finish_command(&r);
    CHECK_INT(o.status, 128 + it->number);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

static bool has_json(void)
{
    struct outcome o = run_command(ARGUMENTS("--version"));
    bool has = strstr(o.out, "json") != NULL;
    outcome_free(&o);
    return has;
}

TEST(cli_bench_json)
{
    if (!has_json()) {
        check_refused(ARGUMENTS(SHORT, "--json", "-"), "--json");
        SKIP("this build has no JSON");
    }
    struct outcome o = run_command(ARGUMENTS(SHORT, "--json", "-"));
    CHECK_INT(o.status, 0);
    check_report(o.out, (size_t[]){128, 1024}, (size_t[]){1000, 50}, 2);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);

    /* To a file, beside the tables; what was in it is replaced. */
    const char *path = harness_path("report.json");
    static char old[1 << 20];
    memset(old, 'x', sizeof old);
    write_file(path, old, sizeof old);
    o = run_command(ARGUMENTS(SHORT, "--json", path));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.out, "Direct Write") != NULL);
    struct bytes report = read_file(path);
    bytes_add(&report, "", 1);
    check_report((const char *)report.data, (size_t[]){128, 1024}, (size_t[]){1000, 50}, 2);
    CHECK_INT(count_files(), 1);
    bytes_free(&report);
    outcome_free(&o);
}

TEST(cli_bench_json_not_to_be_written)
{
    if (!has_json())
        SKIP("this build has no JSON");
    check_refused(ARGUMENTS(SHORT, "--json", harness_path("missing/report.json")), "report.json");
    check_refused(ARGUMENTS(SHORT, "--json", harness_directory()), harness_directory());
    CHECK_INT(count_files(), 0);
    struct outcome o = run_command(ARGUMENTS(SHORT, "--json", "/dev/full"));
    CHECK_INT(o.status, 1);
    CHECK(strstr(o.err, "No space left on device") != NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

/* Standard output that takes nothing is a failure too. */
TEST(cli_standard_output_full)
{
    char line[4400];
    snprintf(line, sizeof line, "'%s' --help >/dev/full", command_path());
    int status = system(line);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}
