/* quire bench sync: reads the command line and opens where the reports go.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "base/number.h"
#include "command.h"
#include "output.h"
#include "report/report.h"
#include "sync/report.h"
#include "sync/sync.h"

static const char help[] =
    "usage: quire bench sync [OPTION...]\n"
    "Measures what it costs here that an append survives a power cut: kinds of files by ways to sync,\n"
    "with the device's flushes and writes for each append.\n"
    "\n"
    "  --dir DIR             where to write (default: .); a private directory is made there and removed\n"
    "  --records-size BYTES  of one append, 1 to 1M, K and M = 1024 (default: 4K)\n"
    "  --count N             appends in each cell, over all rounds, instead of a time\n"
    "  --time S              seconds in each cell, over all rounds, 0.01 to 3600 (default: 1)\n"
    "  --rounds N            3 to 25 (default: 5), after one to warm up, cells in shuffled order\n"
    "  --files LIST          append reserved allocated written recycled (default: all)\n"
    "  --methods LIST        fdatasync fsync dsync rwf direct-fdatasync direct-dsync direct-rwf uring\n"
    "                        msync range (default: all; range is not durable)\n"
    "  --quick               3 rounds, 0.1 seconds in each cell, unless told otherwise\n"
    "  --json FILE           also write everything measured as JSON; -: on stdout, and no table\n"
    "  --csv FILE            also write a line for each cell; -: on stdout, and no table\n"
    "  --list                print what --files and --methods choose, and measure nothing\n"
    "  --help                print this\n"
    "\n"
    "A dash in the table: the kernel does not count that here. Numbers in brackets: notes below it.\n"
    "exit: 0 done, 1 failed, 2 not understood, 128 + signal when stopped by one.\n";

enum option_code { DIRECTORY, RECORDS_SIZE, COUNT, TIME, ROUNDS, FILES, METHODS, QUICK, JSON, CSV, LIST };

static const struct option options[] = {
    {"dir", required_argument, NULL, DIRECTORY},
    {"records-size", required_argument, NULL, RECORDS_SIZE},
    {"count", required_argument, NULL, COUNT},
    {"time", required_argument, NULL, TIME},
    {"rounds", required_argument, NULL, ROUNDS},
    {"files", required_argument, NULL, FILES},
    {"methods", required_argument, NULL, METHODS},
    {"quick", no_argument, NULL, QUICK},
    {"json", required_argument, NULL, JSON},
    {"csv", required_argument, NULL, CSV},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct bench_sync_settings settings;
    const char *json, *csv;
    bool list, quick, timed, counted, rounds_given;
};

#define NAME "quire bench sync"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static int take_records_size(struct bench_sync_settings *s, const char *text)
{
    uint64_t bytes;
    if (!bench_parse_size(text, &bytes) || bytes < 1 || bytes > BENCH_SYNC_RECORD_MOST)
        return COMPLAIN("--records-size takes 1 to 1M bytes, like 512 or 4K, not \"%s\"", text);
    s->record_bytes = bytes;
    return EXIT_DONE;
}

static int take_count(struct request *request, const char *text)
{
    uint64_t count;
    if (!bench_parse_count(text, &count) || count < 1 || count > BENCH_SYNC_COUNT_MOST)
        return COMPLAIN("--count takes a number from 1 to 10M, not \"%s\"", text);
    request->settings.count = count;
    request->counted = true;
    return EXIT_DONE;
}

static int take_time(struct request *request, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    /* strtod would take blanks, signs, hexadecimal and words too. */
    if (!*text || strspn(text, "0123456789.") != strlen(text) || *end || !(seconds >= 0.01 && seconds <= 3600))
        return COMPLAIN("--time takes seconds from 0.01 to 3600, like 0.5 or 10, not \"%s\"", text);
    request->settings.seconds = seconds;
    request->timed = true;
    return EXIT_DONE;
}

static int take_rounds(struct request *request, const char *text)
{
    request->rounds_given = true;
    return command_take_number(NAME, "--rounds", text, BENCH_SYNC_ROUNDS_LEAST, BENCH_SYNC_ROUNDS_MOST,
                               &request->settings.rounds);
}

static int take_files(struct bench_sync_settings *s, const char *list)
{
    const char *culprit;
    if (bench_sync_choose_files(&s->choice, list, &culprit))
        return EXIT_DONE;
    return COMPLAIN("--files knows no \"%s\"; `quire bench sync --list` names what there is", culprit);
}

static int take_methods(struct bench_sync_settings *s, const char *list)
{
    const char *culprit;
    if (bench_sync_choose_ways(&s->choice, list, &culprit))
        return EXIT_DONE;
    return COMPLAIN("--methods knows no \"%s\"; `quire bench sync --list` names what there is", culprit);
}

static int take_option(void *context, int code)
{
    struct request *request = context;
    struct bench_sync_settings *s = &request->settings;
    switch ((enum option_code)code) {
    case DIRECTORY:
        s->directory = optarg;
        return EXIT_DONE;
    case RECORDS_SIZE:
        return take_records_size(s, optarg);
    case COUNT:
        return take_count(request, optarg);
    case TIME:
        return take_time(request, optarg);
    case ROUNDS:
        return take_rounds(request, optarg);
    case FILES:
        return take_files(s, optarg);
    case METHODS:
        return take_methods(s, optarg);
    case QUICK:
        request->quick = true;
        return EXIT_DONE;
    case JSON:
        request->json = optarg;
        return EXIT_DONE;
    case CSV:
        request->csv = optarg;
        return EXIT_DONE;
    case LIST:
        request->list = true;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

/* What options mean together. */
static int check_request(void *context)
{
    struct request *request = context;
    struct bench_sync_settings *s = &request->settings;
    if (request->counted && request->timed)
        return COMPLAIN("--count and --time exclude each other; give one of them");
    if (request->json && request->csv && strcmp(request->json, "-") == 0 && strcmp(request->csv, "-") == 0)
        return COMPLAIN("--json - and --csv - would mix on stdout; give one of them a file");
    int rc = request->json ? command_check_json(NAME) : EXIT_DONE;
    if (rc != EXIT_DONE)
        return rc;
    if (request->quick && !request->timed)
        s->seconds = 0.1;
    if (request->quick && !request->rounds_given)
        s->rounds = BENCH_SYNC_ROUNDS_LEAST;
    return EXIT_DONE;
}

static int measure(const struct request *request)
{
    struct command_output json = {.file = NULL}, csv = {.file = NULL};
    int rc = command_check_directory("quire bench sync", request->settings.directory);
    if (rc == EXIT_DONE && request->json)
        rc = command_output_open(&json, NAME, "--json", request->json);
    if (rc == EXIT_DONE && request->csv)
        rc = command_output_open(&csv, NAME, "--csv", request->csv);
    if (rc == EXIT_DONE) {
        bool table = json.file != stdout && csv.file != stdout;
        rc = bench_sync(&request->settings, table ? stdout : NULL, csv.file, json.file);
    }
    if (json.file)
        rc = command_output_close(&json, rc);
    if (csv.file)
        rc = command_output_close(&csv, rc);
    return rc;
}

int command_bench_sync(int argc, char **argv)
{
    struct request request = {.settings = bench_sync_settings_default()};
    static const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .check = check_request, .take = take_option};
    int rc;
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    if (request.list) {
        bench_sync_list(&request.settings, stdout);
        return EXIT_DONE;
    }
    return measure(&request);
}
