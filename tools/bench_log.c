/* quire bench log: reads the command line and opens where the report goes.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "arguments.h"
#include "base/number.h"
#include "command.h"
#include "log/subjects.h"
#include "output.h"
#include "report/report.h"

static const char help[] =
    "usage: quire bench log [OPTION...]\n"
    "Measures what a log does besides appending: how fast it is read and verified, how long it takes to\n"
    "open, until another process that follows has a record, and what the end of a segment costs an\n"
    "append. Appending is measured by `quire bench --methods log`.\n"
    "\n"
    "  --dir DIR        where to write (default: .); a private directory is made there and removed\n"
    "  --records SIZExCOUNT   of the log that is read, K, M = 1024 and 1000 (default: 1Kx200K). Records\n"
    "                   of that size, 8 to 64K, are in all logs\n"
    "  --segments N     of the log of many that is opened, 3 to 100K (default: 1000)\n"
    "  --rounds N       3 to 25 (default: 5), after one to warm up\n"
    "  --only LIST      read open follow rotate (default: all)\n"
    "  --quick          3 rounds, 20K records, 200 segments, fewer follows and appends, unless told\n"
    "                   otherwise\n"
    "  --json FILE      also write everything measured as JSON; -: on stdout, and no table\n"
    "  --list           print what --only chooses, and measure nothing\n"
    "  --help           print this\n"
    "\n"
    "exit: 0 done, 1 failed, 2 not understood, 128 + signal when stopped by one.\n";

enum option_code { DIRECTORY, RECORDS, SEGMENTS, ROUNDS, ONLY, QUICK, JSON, LIST };

static const struct option options[] = {
    {"dir", required_argument, NULL, DIRECTORY},
    {"records", required_argument, NULL, RECORDS},
    {"segments", required_argument, NULL, SEGMENTS},
    {"rounds", required_argument, NULL, ROUNDS},
    {"only", required_argument, NULL, ONLY},
    {"quick", no_argument, NULL, QUICK},
    {"json", required_argument, NULL, JSON},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct bench_log_settings settings;
    const char *json;
    bool list, records_given, segments_given, rounds_given;
};

#define NAME "quire bench log"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static int take_records(struct request *request, const char *text)
{
    struct bench_size size;
    size_t count;
    if (!bench_parse_workloads(text, &size, 1, &count) || size.record_bytes < BENCH_LOG_RECORD_LEAST ||
        size.record_bytes > BENCH_LOG_RECORD_MOST || size.records > BENCH_LOG_RECORDS_MOST)
        return COMPLAIN("--records takes one SIZExCOUNT, like 1Kx200K, with 8 to 64K bytes and up to 100M records, not "
                        "\"%s\"",
                        text);
    request->settings.size = size;
    request->records_given = true;
    return EXIT_DONE;
}

static int take_segments(struct request *request, const char *text)
{
    uint64_t count;
    if (!bench_parse_count(text, &count) || count < BENCH_LOG_SEGMENTS_LEAST || count > BENCH_LOG_SEGMENTS_MOST)
        return COMPLAIN("--segments takes a number from %d to 100K, not \"%s\"", BENCH_LOG_SEGMENTS_LEAST, text);
    request->settings.segments = (unsigned)count;
    request->segments_given = true;
    return EXIT_DONE;
}

static int take_rounds(struct request *request, const char *text)
{
    request->rounds_given = true;
    return command_take_number(NAME, "--rounds", text, BENCH_LOG_ROUNDS_LEAST, BENCH_LOG_ROUNDS_MOST,
                               &request->settings.rounds);
}

static int take_only(struct bench_log_settings *s, const char *list)
{
    const char *culprit;
    if (bench_log_choose(s, list, &culprit))
        return EXIT_DONE;
    return COMPLAIN("--only knows no \"%s\"; `quire bench log --list` names what there is", culprit);
}

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case DIRECTORY:
        request->settings.directory = optarg;
        return EXIT_DONE;
    case RECORDS:
        return take_records(request, optarg);
    case SEGMENTS:
        return take_segments(request, optarg);
    case ROUNDS:
        return take_rounds(request, optarg);
    case ONLY:
        return take_only(&request->settings, optarg);
    case QUICK:
        request->settings.quick = true;
        return EXIT_DONE;
    case JSON:
        request->json = optarg;
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
    struct bench_log_settings *s = &request->settings;
    int rc = request->json ? command_check_json(NAME) : EXIT_DONE;
    if (rc != EXIT_DONE)
        return rc;
    if (s->quick && !request->records_given)
        s->size.records = 20000;
    if (s->quick && !request->segments_given)
        s->segments = 200;
    if (s->quick && !request->rounds_given)
        s->rounds = BENCH_LOG_ROUNDS_LEAST;
    return EXIT_DONE;
}

static int measure(const struct request *request)
{
    struct command_output json = {.file = NULL};
    int rc = command_check_directory(NAME, request->settings.directory);
    if (rc == EXIT_DONE && request->json)
        rc = command_output_open(&json, NAME, "--json", request->json);
    if (rc == EXIT_DONE)
        rc = bench_log(&request->settings, json.file == stdout ? NULL : stdout, json.file);
    if (json.file)
        rc = command_output_close(&json, rc);
    return rc;
}

int command_bench_log(int argc, char **argv)
{
    struct request request = {.settings = bench_log_settings_default()};
    static const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .check = check_request, .take = take_option};
    int rc;
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    if (request.list) {
        bench_log_list(&request.settings, stdout);
        return EXIT_DONE;
    }
    return measure(&request);
}
