/* quire bench compare from outside: what it prints where, how it ends, what it makes of files that are no reports.
 *
 * QUIRE names the command to test.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "support.h"

enum { FAILED = 1, USAGE = 2 };

#define ARGUMENTS(...) ((const char *const[]){"bench", "compare", __VA_ARGS__, NULL})

/* A report of two rows and a limit, of `rounds` rounds; the first row's rate is `rate`, its p99 `p99` (0: none). */
static const char *make_report(const char *name, const char *kernel, int rounds, double rate, double p99)
{
    static const struct {
        const char *name, *kind;
        double rate;
    } rows[] = {{"Page-Aligned (64K)", "quire", 0}, {"Direct Write", "quire", 90}, {"limit: page cache", "limit", 650}};
    const char *path = harness_path(name);
    FILE *file = fopen(path, "we");
    REQUIRE(file);
    fprintf(file, "{\"schema\": 1, \"env\": {\"kernel\": \"%s\"}, \"workloads\": [], \"results\": [", kernel);
    for (int r = 0; r < 3; r++) {
        double at = r == 0 ? rate : rows[r].rate;
        fprintf(file,
                "%s{\"name\": \"%s\", \"kind\": \"%s\", \"record_bytes\": 128, \"records\": 1000, \"threads\": 1, "
                "\"sync\": \"end\", \"rounds\": [",
                r ? ", " : "", rows[r].name, rows[r].kind);
        for (int i = 0; i < rounds; i++) {
            fprintf(file,
                    "%s{\"seconds\": 1, \"sync_seconds\": 0, \"flush_seconds\": 0, \"cpu_seconds\": 0, \"mib_per_s\": "
                    "%.3f, \"records_per_s\": 1, \"open_seconds\": 0, \"close_seconds\": 0",
                    i ? ", " : "", at * (1 + 0.001 * i));
            if (p99 > 0 && r < 2)
                fprintf(file, ", \"latency\": {\"append\": {\"p99_ns\": %.3f}}", p99 * (1 + 0.001 * i));
            fputc('}', file);
        }
        fputs("]}", file);
    }
    fputs("]}\n", file);
    REQUIRE(fclose(file) == 0);
    return path;
}

/* One sentence on standard error that has `says`, nothing on standard output. */
static void check_refused(const char *const *arguments, int status, const char *says)
{
    check_refusal(arguments, status, "quire bench compare", says);
}

TEST(compare_help)
{
    static const char *const options[] = {
        "--old",          "--new",      "--figure", "--alpha",         "--min-effect", "--relative-to", "--fail-if",
        "--same-machine", "--markdown", "--csv",    "--no-correction", "--json",       "--help",        NULL};
    check_help(ARGUMENTS("--help"), options);
}

#ifndef WITH_JSON

TEST(compare_not_in_this_build)
{
    const char *a = make_report("a.json", "K", 9, 600, 0);
    check_refused(ARGUMENTS(a, a), USAGE, "not in this build");
}

#else

/* Ends with status; out and err (NULL: nothing at all) are in what it prints. */
static void check_run(const char *const *arguments, int status, const char *out, const char *err)
{
    struct outcome o = run_command(arguments);
    bool good = CHECK_INT(o.status, status);
    good &= CHECK(out ? strstr(o.out, out) != NULL : !*o.out);
    good &= CHECK(err ? strstr(o.err, err) != NULL : !*o.err);
    if (!good)
        fprintf(stderr, "  standard output:\n%s\n  standard error:\n%s\n", o.out, o.err);
    outcome_free(&o);
}

TEST(compare_two_reports)
{
    const char *a = make_report("a.json", "K", 9, 600, 100), *b = make_report("b.json", "K", 9, 540, 80);
    check_run(ARGUMENTS(a, b), 0, "Page-Aligned (64K)                            602.4        542.2   -10.0 %", NULL);
    check_run(ARGUMENTS(a, b), 0, "p99 of append, ns", NULL);
    check_run(ARGUMENTS(a, a), 0, "\n0 of 6 changes", NULL);
    check_run(ARGUMENTS("--figure", "cpu", a, b), 0, "CPU, ms (less is better)", NULL);
    check_run(ARGUMENTS("--csv", a, b), 0, "\"Page-Aligned (64K)\",128,1000,append_p99,", NULL);
    check_run(ARGUMENTS("--markdown", a, b), 0, "| Page-Aligned (64K) | 128 B x 1000 | MiB/s | 602.4", NULL);
    check_run(ARGUMENTS("--old", a, "--new", b), 0, "worse\n", NULL);
    check_run(ARGUMENTS("--min-effect", "12%", "--figure", "mib_per_s", a, b), 0, "\n0 of 3 changes", NULL);
    check_run(ARGUMENTS("--relative-to", "limit: page cache", a, b), 0, "MiB/s as a multiple of \"limit: page cache\"",
              NULL);
    check_run(ARGUMENTS("--relative-to", "none", a, b), 0, " of 7 changes", NULL);
}

TEST(compare_latencies_only_where_both_have_them)
{
    const char *a = make_report("a.json", "K", 9, 600, 0), *b = make_report("b.json", "K", 9, 600, 80);
    struct outcome o = run_command(ARGUMENTS(a, b));
    CHECK_INT(o.status, 0);
    CHECK(!strstr(o.out, "p99 of append"));
    outcome_free(&o);
    check_refused(ARGUMENTS("--figure", "p99", a, b), USAGE, "append_p99 was not measured");
    check_refused(ARGUMENTS("--fail-if", "p99>5%", a, b), USAGE, "append_p99 was not measured");
}

TEST(compare_several_runs)
{
    char old[10][16], new[10][16];
    const char *arguments[44] = {"bench", "compare"};
    int count = 2;
    for (int i = 0; i < 10; i++) {
        snprintf(old[i], sizeof old[i], "old%d.json", i);
        snprintf(new[i], sizeof new[i], "new%d.json", i);
        if (i >= 7)
            continue;
        arguments[count++] = "--old";
        arguments[count++] = make_report(old[i], "K", 3, 600 + i, 0);
        arguments[count++] = "--new";
        arguments[count++] = make_report(new[i], "K", 3, 500 + i, 0);
    }
    check_run(arguments, 0, "worse\n", NULL);
    arguments[6] = NULL; /* one of each: three rounds */
    check_run(arguments, 0, "Too few rounds: nothing here can reach p < 0.05", NULL);
    arguments[6] = "--old", arguments[10] = NULL; /* two of each */
    check_run(arguments, 0, "Too few runs: nothing here can reach p < 0.05", NULL);
}

TEST(compare_fails_if)
{
    const char *a = make_report("a.json", "K", 9, 600, 100), *b = make_report("b.json", "K", 9, 540, 130);
    check_run(ARGUMENTS("--fail-if", "mib_per_s<-5%", a, b), FAILED, "worse\n",
              "quire bench compare: --fail-if 'mib_per_s<-5%': Page-Aligned (64K), 128 B x 1000: -10.0 %\n");
    check_run(ARGUMENTS("--fail-if", "mib_per_s<-15%", a, b), 0, "worse\n", NULL);
    check_run(ARGUMENTS("--fail-if", "mib_per_s<-15%", "--fail-if", "p99>+5%", a, b), FAILED, "worse\n", "+30.0 %");
    check_run(ARGUMENTS("--fail-if", "Direct Write:mib_per_s<-5%", a, b), 0, "worse\n", NULL);
    check_run(ARGUMENTS("--fail-if", "Page*:mib_per_s<-5%", a, b), FAILED, "worse\n", "-10.0 %");
    check_run(ARGUMENTS("--fail-if", "mib_per_s<-5%", b, a), 0, "better\n", NULL);
    check_refused(ARGUMENTS("--fail-if", "Page-Alined*:mib_per_s<-5%", a, b), USAGE, "speaks of no row");
    check_refused(ARGUMENTS("--fail-if", "limit: page cache:mib_per_s<-5%", a, b), USAGE, "speaks of no row");
    check_refused(ARGUMENTS("--fail-if", "mib_per_s<-5", a, b), USAGE, "not \"mib_per_s<-5\"");
    const char *few = make_report("few.json", "K", 3, 600, 100), *slow = make_report("slow.json", "K", 3, 300, 100);
    check_run(ARGUMENTS("--fail-if", "mib_per_s<-5%", few, slow), 0, "-50.0 %", "no --fail-if can be met");
}

TEST(compare_machines)
{
    const char *a = make_report("a.json", "6.1", 9, 600, 0), *b = make_report("b.json", "6.18", 9, 600, 0);
    check_run(ARGUMENTS(a, b), 0, "MiB/s", "of different machines, which may be all that changed: kernel \"6.1\" and");
    check_refused(ARGUMENTS("--same-machine", a, b), FAILED, "kernel \"6.1\" and \"6.18\"");
    check_run(ARGUMENTS("--same-machine", a, a), 0, "MiB/s", NULL);
}

TEST(compare_json)
{
    const char *a = make_report("a.json", "K", 9, 600, 0), *b = make_report("b.json", "K", 9, 540, 0);
    const char *out = harness_path("out.json");
    check_run(ARGUMENTS("--json", "-", a, b), 0, "\"verdict\": \"worse\"", NULL);
    check_run(ARGUMENTS("--json", "-", a, b), 0, "{\n \"compare\": 1,\n", NULL);
    check_run(ARGUMENTS("--json", out, a, b), 0, "worse\n", NULL);
    /* What compare writes is no report to compare. */
    check_refused(ARGUMENTS(a, out), FAILED, "out.json is not a report of `quire bench --json`");
    check_refused(ARGUMENTS("--json", "/nowhere/x.json", a, b), USAGE, "/nowhere/x.json");
}

TEST(compare_usage)
{
    const char *a = make_report("a.json", "K", 9, 600, 0);
    check_refused(ARGUMENTS("--fgure", a, a), USAGE, "--fgure");
    check_refused(ARGUMENTS(a), USAGE, "two reports");
    check_refused(ARGUMENTS(a, a, a), USAGE, "two reports");
    check_refused(ARGUMENTS("--old", a), USAGE, "--new is missing");
    check_refused(ARGUMENTS("--new", a), USAGE, "--old is missing");
    check_refused(ARGUMENTS("--new", a, "--old", a, a), USAGE, "of neither side");
    check_refused(ARGUMENTS("-", "-"), USAGE, "standard input");
    check_refused(ARGUMENTS("--figure", "speed", a, a), USAGE, "\"speed\"");
    check_refused(ARGUMENTS("--figure", "cpu,,seconds", a, a), USAGE, "\"\"");
    check_refused(ARGUMENTS("--alpha", "0", a, a), USAGE, "--alpha");
    check_refused(ARGUMENTS("--alpha", "1", a, a), USAGE, "--alpha");
    check_refused(ARGUMENTS("--alpha", "nan", a, a), USAGE, "--alpha");
    check_refused(ARGUMENTS("--min-effect", "-1%", a, a), USAGE, "--min-effect");
    check_refused(ARGUMENTS("--min-effect", "100%", a, a), USAGE, "--min-effect");
    check_refused(ARGUMENTS("--csv", "--markdown", a, a), USAGE, "--csv");
    check_refused(ARGUMENTS("--csv", "--json", "-", a, a), USAGE, "--json -");
    check_refused(ARGUMENTS("--relative-to", "nothing", a, a), USAGE, "no \"nothing\"");
    check_refused(ARGUMENTS("--json"), USAGE, "--json needs a value");
}

/* Whichever side it is on: one sentence, exit 1. tests/unit/document.c has what can be wrong inside. */
TEST(compare_no_reports)
{
    static const struct {
        const char *name, *text, *says;
    } files[] = {
        {"empty.json", "", "empty.json is empty"},
        {"cut.json", "{\"schema\": 1,", "cut.json is not whole JSON: line 1, column 13"},
        {"other.json", "{\"a\": 1}", "other.json is not a report"},
        {"future.json", "{\"schema\": 2}", "future.json has schema 2"},
        {"damaged.json", "{\"schema\": 1, \"env\": {}, \"workloads\": [], \"results\": [{}]}",
         "damaged.json is damaged: results[0]: \"name\" is missing"},
        {"sync.json", "{\"schema\": 1, \"env\": {}, \"sync\": []}", "sync.json is not a report"},
    };
    const char *a = make_report("a.json", "K", 9, 600, 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *path = harness_path(files[i].name);
        write_file(path, files[i].text, strlen(files[i].text));
        check_refused(ARGUMENTS(a, path), FAILED, files[i].says);
        check_refused(ARGUMENTS(path, a), FAILED, files[i].says);
    }
    check_refused(ARGUMENTS(a, harness_path("missing.json")), FAILED, "missing.json cannot be read: No such file");
    check_refused(ARGUMENTS(a, harness_directory()), FAILED, "cannot be read: Is a directory");
    check_refused(ARGUMENTS(a, "-"), FAILED, "standard input is empty");
    check_refused(ARGUMENTS(a, "/dev/zero"), FAILED, "/dev/zero is larger than 64 MiB");
    static const char none[] = "{\"schema\": 1, \"env\": {}, \"workloads\": [], \"results\": []}";
    write_file(harness_path("none.json"), none, sizeof none - 1);
    check_refused(ARGUMENTS(a, harness_path("none.json")), FAILED, "no row in common");
}

/* Reports that the command itself has just written. */
TEST(compare_real_reports)
{
    const char *out = harness_path("real.json"), *directory = harness_directory();
    struct outcome o =
        run_command((const char *const[]){"bench", "--quick", "--rounds", "2", "--methods", "write,paged,limits",
                                          "--dir", directory, "--records", "128x200", "--json", out, NULL});
    REQUIRE_INT(o.status, 0);
    outcome_free(&o);
    check_run(ARGUMENTS("--same-machine", out, out), 0, "\n0 of ", NULL);
}

/* On a terminal the words are coloured, unless NO_COLOR says not to; in a pipe never. */
static bool is_coloured(const char *a, const char *b)
{
    char text[16384];
    size_t length = 0;
    int terminal;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    REQUIRE(child >= 0);
    if (child == 0) {
        setenv("TERM", "xterm", 1);
        execl(command_path(), "quire", "bench", "compare", a, b, (char *)NULL);
        _exit(127);
    }
    for (ssize_t got; length < sizeof text - 1; length += (size_t)got)
        if ((got = read(terminal, text + length, sizeof text - 1 - length)) <= 0)
            break;
    text[length] = '\0';
    int status;
    REQUIRE(waitpid(child, &status, 0) == child);
    close(terminal);
    CHECK_INT(status, 0);
    CHECK(strstr(text, "worse") != NULL);
    return strchr(text, '\033') != NULL;
}

TEST(compare_colour)
{
    const char *a = make_report("a.json", "K", 9, 600, 0), *b = make_report("b.json", "K", 9, 540, 0);
    unsetenv("NO_COLOR");
    CHECK(is_coloured(a, b));
    setenv("NO_COLOR", "1", 1);
    CHECK(!is_coloured(a, b));
    unsetenv("NO_COLOR");
    struct outcome o = run_command(ARGUMENTS(a, b));
    CHECK(!strchr(o.out, '\033'));
    outcome_free(&o);
}

#endif
