/* `quire bench --csv, --markdown, --html` from outside: where they go, and that none is left half.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "harness.h"
#include "support.h"

enum { USAGE = 2 };

#define ARGUMENTS(...) ((const char *const[]){"bench", __VA_ARGS__, NULL})
/* A run of a second at most. */
#define BRIEF "--dir", harness_path(""), "--records", "64x200", "--methods", "write", "--rounds", "1"

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 1 << 20);
    REQUIRE(file != NULL && text != NULL);
    text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void write_text(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    REQUIRE(fd >= 0);
    REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static unsigned occurrences(const char *text, const char *part)
{
    unsigned count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* One sentence on stderr that names what is wrong, and nothing else anywhere. */
static void check_refused(const char *const *arguments, const char *named)
{
    int before = count_files();
    struct outcome o = run_command(arguments);
    CHECK_INT(o.status, USAGE);
    CHECK_STR(o.out, "");
    CHECK(strstr(o.err, named) != NULL);
    CHECK_INT(occurrences(o.err, "\n"), 1);
    CHECK_INT(count_files(), before);
    outcome_free(&o);
}

TEST(cli_reports_refused)
{
    const char *missing = harness_path("missing/report");
    check_refused(ARGUMENTS(BRIEF, "--csv", missing), "--csv");
    check_refused(ARGUMENTS(BRIEF, "--markdown", missing), "--markdown");
    check_refused(ARGUMENTS(BRIEF, "--html", missing), "--html");
    check_refused(ARGUMENTS(BRIEF, "--csv", harness_path("first"), "--html", missing), "--html");
    check_refused(ARGUMENTS(BRIEF, "--csv", "-", "--markdown", "-"), "only one report");
    check_refused(ARGUMENTS(BRIEF, "--html", "-", "--csv", "-"), "only one report");
    check_refused(ARGUMENTS(BRIEF, "--html"), "--html");
    check_refused(ARGUMENTS(BRIEF, "--find-max-rate", "--slo", "p99<2ms", "--csv", "-"), "--csv");
}

static const struct kind {
    const char *name, *option, *begin, *holds;
} kinds[] = {
    {"csv", "--csv", "date,quire,directory,record_bytes,records,row,", ",write,quire,1,end,"},
    {"markdown", "--markdown", "# quire ", "| Direct Write |"},
    {"html", "--html", "<!DOCTYPE html>\n", "<td>Direct Write</td>"},
};

/* Nothing else is on stdout then: no tables. */
TEST_EACH(cli_report_on_a_pipe, struct kind, kinds)
{
    struct outcome o = run_command(ARGUMENTS(BRIEF, it->option, "-"));
    CHECK_INT(o.status, 0);
    CHECK(begins(o.out, it->begin));
    CHECK(strstr(o.out, it->holds) != NULL);
    CHECK(strstr(o.out, "===") == NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

TEST_EACH(cli_report_to_a_full_disk, struct kind, kinds)
{
    struct outcome o = run_command(ARGUMENTS(BRIEF, it->option, "/dev/full"));
    CHECK_INT(o.status, 1);
    CHECK(strstr(o.err, "cannot write") != NULL);
    outcome_free(&o);
}

/* All of them beside the tables; one that replaces a longer file leaves nothing of it. */
TEST(cli_reports_together)
{
    const char *csv = harness_path("a.csv"), *markdown = harness_path("a.md"), *html = harness_path("a.html");
    char *old = malloc(400000);
    REQUIRE(old != NULL);
    memset(old, 'x', 399999);
    old[399999] = '\0';
    write_text(html, old, 0666);
    free(old);
    struct outcome o = run_command(ARGUMENTS(BRIEF, "--csv", csv, "--markdown", markdown, "--html", html));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.out, "=== 64 B x 200") != NULL);
    CHECK_INT(count_files(), 3);
    char *texts[] = {read_text(csv), read_text(markdown), read_text(html)};
    for (size_t i = 0; i < 3; i++) {
        CHECK(begins(texts[i], kinds[i].begin));
        CHECK(strstr(texts[i], kinds[i].holds) != NULL);
    }
    /* A page is worth more than a table: it shows latencies and where the bytes went. */
    CHECK(strstr(texts[2], "<h3>Single appends</h3>") != NULL);
    CHECK(strstr(texts[2], "<h3>Where the bytes went</h3>") != NULL);
    CHECK(strcmp(texts[2] + strlen(texts[2]) - 8, "</html>\n") == 0);
    for (size_t i = 0; i < 3; i++)
        free(texts[i]);
    outcome_free(&o);
}

/* Puts a program of that name, and nothing else, where programs are looked for. */
static void put_gnuplot(const char *script)
{
    REQUIRE(mkdir(harness_path("bin"), 0777) == 0);
    if (script)
        write_text(harness_path("bin/gnuplot"), script, 0777);
    setenv("PATH", harness_path("bin"), 1);
}

static const struct plotter {
    const char *name, *script, *page;
} plotters[] = {
    {"none", NULL, "There are no curves"},
    {"fails", "#!/bin/sh\nexit 1\n", "There are no curves"},
    {"dies", "#!/bin/sh\nkill -9 $$\n", "There are no curves"},
    {"silent", "#!/bin/sh\nexit 0\n", "gnuplot could not draw this"},
    {"garbage", "#!/bin/sh\necho '<script>alert(1)</script>'\n", "gnuplot could not draw this"},
    {"unfinished", "#!/bin/sh\necho '<svg><script>'\n", "gnuplot could not draw this"},
    {"fails-late", "#!/bin/sh\nread line || exit 0\necho '<svg></svg>'\nexit 3\n", "gnuplot could not draw this"},
};

/* The page is whole, says what is missing and how to get it, and so does one sentence on stderr. */
TEST_EACH(cli_page_without_plots, struct plotter, plotters)
{
    const char *path = harness_path("page.html");
    put_gnuplot(it->script);
    struct outcome o = run_command(ARGUMENTS(BRIEF, "--html", path));
    CHECK_INT(o.status, 0);
    CHECK(strstr(o.err, "apt-get install gnuplot-nox") != NULL);
    CHECK_INT(occurrences(o.err, "\n"), 1);
    char *page = read_text(path);
    CHECK(strstr(page, it->page) != NULL);
    CHECK(strstr(page, "apt-get install gnuplot-nox") != NULL);
    CHECK(strstr(page, "<figure class=\"bars\">") != NULL);
    CHECK(strstr(page, "<script") == NULL && strstr(page, "<svg") == NULL);
    CHECK(strstr(page, "</html>\n") != NULL);
    free(page);
    outcome_free(&o);
}

/* Waits until the plotter that hangs has said that it runs. */
static void wait_for_file(const char *path)
{
    for (unsigned i = 0; i < 3000 && access(path, F_OK) != 0; i++)
        usleep(10000);
    CHECK(access(path, F_OK) == 0);
}

/* Told to stop while it draws: no new file stays, and one that was there stays as it was. */
TEST(cli_page_stopped_while_drawing)
{
    const char *page = harness_path("page.html"), *csv = harness_path("old.csv");
    char script[512];
    snprintf(script, sizeof script, "#!/bin/sh\n: >'%s'\nexec /bin/sleep 100\n", harness_path("drawing"));
    put_gnuplot(script);
    write_text(csv, "what was there\n", 0666);
    struct running running = start_command(ARGUMENTS(BRIEF, "--html", page, "--csv", csv));
    wait_for_file(harness_path("drawing"));
    kill(running.child, SIGTERM);
    struct outcome o = finish_command(&running);
    CHECK_INT(o.status, 128 + SIGTERM);
    CHECK(strstr(o.err, "stopped by a signal") != NULL);
    CHECK(access(page, F_OK) != 0);
    char *old = read_text(csv);
    CHECK_STR(old, "what was there\n");
    free(old);
    outcome_free(&o);
}
