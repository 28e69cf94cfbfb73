/* quire bench micro: reads the command line, and brings the counters of allocations.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "arguments.h"
#include "command.h"
#include "micro/micro.h"

static const char help[] =
    "usage: quire bench micro [OPTION...]\n"
    "Measures single operations up to the kernel, without a sync (DurableAppend has one in each), and\n"
    "prints them in the text format of Go's benchmarks: for benchstat, and beside figures from Go.\n"
    "\n"
    "  --filter RE      those whose name, without \"Benchmark\", the extended regular expression finds\n"
    "                   something in (default: all)\n"
    "  --benchtime T    run each for at least T, up to 3600s (default: 1s), like 500ms; or, with an x,\n"
    "                   exactly so many operations, like 100000x, up to 1000000000x\n"
    "  --count N        measure each N times, 1 to 1000 (default: 1); benchstat wants 10 or so\n"
    "  --cpu LIST       how many threads ConcurrentWrites has, and the number behind every name, like\n"
    "                   1,2,4; 1 to 256, at most 16 of them (default: the processors this may use).\n"
    "                   It confines nothing to so many processors; taskset(1) does\n"
    "  --benchmem       print B/op and allocs/op; taken for Go's sake: they are always printed\n"
    "  --dir DIR        where to write (default: .); a private directory is made there and removed\n"
    "  --dry-run        one operation of each, once: does all of it work here\n"
    "  --list           print the names that --filter chooses, and measure nothing\n"
    "  --help           print this\n"
    "\n"
    "Each operation is one record: 1 KiB, but SmallRecords 128 B and LargeRecords 8 KiB. After each\n"
    "64 MiB the clock stands while the file is removed and made anew.\n"
    "\n"
    "  quire bench micro --count 10 > old.txt; ...; quire bench micro --count 10 > new.txt\n"
    "  benchstat old.txt new.txt\n"
    "\n"
    "exit: 0 done, 1 failed, 2 not understood, 128 + signal when stopped by one.\n";

enum option_code { FILTER, BENCHTIME, COUNT, CPU, BENCHMEM, DIRECTORY, DRY_RUN, LIST };

static const struct option options[] = {
    {"filter", required_argument, NULL, FILTER},
    {"benchtime", required_argument, NULL, BENCHTIME},
    {"count", required_argument, NULL, COUNT},
    {"cpu", required_argument, NULL, CPU},
    {"benchmem", no_argument, NULL, BENCHMEM},
    {"dir", required_argument, NULL, DIRECTORY},
    {"dry-run", no_argument, NULL, DRY_RUN},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct bench_micro_settings settings;
    const char *filter; /* NULL: none */
    regex_t compiled;   /* with filter */
    bool dry_run, list;
};

#define NAME "quire bench micro"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static int take_option(void *context, int code)
{
    struct request *request = context;
    struct bench_micro_settings *s = &request->settings;
    switch ((enum option_code)code) {
    case FILTER:
        request->filter = optarg;
        return EXIT_DONE;
    case BENCHTIME:
        if (bench_micro_parse_goal(optarg, &s->goal))
            return EXIT_DONE;
        return COMPLAIN("--benchtime takes a time up to 3600s, like 2s or 500ms, or a number of operations from 1x to "
                        "1000000000x, not \"%s\"",
                        optarg);
    case COUNT:
        return command_take_number(NAME, "--count", optarg, 1, BENCH_MICRO_COUNT_MOST, &s->count);
    case CPU:
        if (bench_micro_parse_cpus(optarg, s))
            return EXIT_DONE;
        return COMPLAIN("--cpu takes numbers from 1 to %d, like 1,2,4, at most %d of them, not \"%s\"",
                        BENCH_MICRO_CPU_MOST, BENCH_MICRO_CPUS_MOST, optarg);
    case BENCHMEM:
        return EXIT_DONE;
    case DIRECTORY:
        s->directory = optarg;
        return *optarg ? EXIT_DONE : COMPLAIN("--dir takes a directory that can be written in, not \"\"");
    case DRY_RUN:
        request->dry_run = true;
        return EXIT_DONE;
    case LIST:
        request->list = true;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

/* What options mean together. */
static int complete(void *context)
{
    struct request *request = context;
    if (request->dry_run) {
        request->settings.goal = (struct bench_micro_goal){.operations = 1};
        request->settings.count = 1;
    }
    return EXIT_DONE;
}

static int compile_filter(struct request *request)
{
    char why[128];
    int rc = regcomp(&request->compiled, request->filter, REG_EXTENDED | REG_NOSUB);
    if (rc != 0) {
        regerror(rc, &request->compiled, why, sizeof why);
        return COMPLAIN("--filter takes an extended regular expression, not \"%s\": %s", request->filter, why);
    }
    request->settings.filter = &request->compiled;
    return EXIT_DONE;
}

static struct bench_micro_allocations count_allocations(void)
{
    struct bench_micro_allocations counted;
    allocations_read(&counted.bytes, &counted.count);
    return counted;
}

/* Prints the names to out, or only looks whether there are any. */
static int list(const struct request *request, FILE *out)
{
    if (bench_micro_list(bench_micro_table, bench_micro_table_count, request->settings.filter, out) > 0)
        return EXIT_DONE;
    return COMPLAIN("--filter finds no benchmark with \"%s\"; `quire bench micro --list` names all", request->filter);
}

static int measure(struct request *request)
{
    int rc = list(request, NULL);
    if (rc == EXIT_DONE)
        rc = command_check_directory("quire bench micro", request->settings.directory);
    if (rc != EXIT_DONE)
        return rc;
    if (allocations_counted())
        request->settings.counter = count_allocations;
    else
        fputs(NAME ": cannot count allocations (a sanitizer, valgrind, or not glibc), so B/op and allocs/op are left "
                   "out\n",
              stderr);
    return bench_micro_run(bench_micro_table, bench_micro_table_count, &request->settings, stdout);
}

int command_bench_micro(int argc, char **argv)
{
    struct request request = {.settings = bench_micro_settings_default()};
    static const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .check = complete, .take = take_option};
    int rc;
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    if (request.filter)
        rc = compile_filter(&request);
    if (rc == EXIT_DONE)
        rc = request.list ? list(&request, stdout) : measure(&request);
    if (request.settings.filter)
        regfree(&request.compiled);
    return rc;
}
