/* quire bench: reads the command line, opens where the report goes, and lets the instrument measure.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "instrument.h"
#include "output.h"
#include "report/report.h"

static const char help[] =
    "usage: quire bench [OPTION...]\n"
    "Measures ways of appending to a file, beside their peers and this machine's limits.\n"
    "\n"
    "  --dir DIR       where to write (default: .); a private directory is made there and removed\n"
    "  --records LIST  SIZExCOUNT,...: sizes with K, M = 1024, counts with K, M = 1000\n"
    "                  (default: 128x100K,1Kx50K,8Kx10K)\n"
    "  --methods LIST  which rows: write stdio paged mmap uring lane threads fwrite fwrite_unlocked\n"
    "                  limits staging (default: all; the two of libc and staging with --sync none)\n"
    "  --buffers LIST  sizes for rows that have a buffer, 4K to 64M (default: each method's usual ones)\n"
    "  --threads N     of the concurrent rows, 2 to 256 (default: 8)\n"
    "  --rounds N      how often each row runs, 1 to 1000 (default: 5), after one round to warm up\n"
    "  --sync WHEN     end: each row ends in a sync (default). none: in a flush to the kernel; then\n"
    "                  the cost of an append while a buffer is free is measured too (staging)\n"
    "  --quick         about 10 seconds: 1 to 3 rounds, one buffer size beside the default, nothing into\n"
    "                  blocks written before, two candidates for limit: direct instead of six\n"
    "  --json FILE     also write everything measured as JSON; -: JSON on stdout, and no tables\n"
    "  --list          print the rows that the other options choose, and measure nothing\n"
    "  --help          print this\n";

enum option_code { DIRECTORY, RECORDS, METHODS, BUFFERS, THREADS, ROUNDS, SYNC, QUICK, JSON, LIST, HELP };

static const struct option options[] = {
    {"dir", required_argument, NULL, DIRECTORY},
    {"records", required_argument, NULL, RECORDS},
    {"methods", required_argument, NULL, METHODS},
    {"buffers", required_argument, NULL, BUFFERS},
    {"threads", required_argument, NULL, THREADS},
    {"rounds", required_argument, NULL, ROUNDS},
    {"sync", required_argument, NULL, SYNC},
    {"quick", no_argument, NULL, QUICK},
    {"json", required_argument, NULL, JSON},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

struct request {
    struct bench_settings settings;
    bool list, help;
};

#define complain(code, ...) command_complain("quire bench", code, __VA_ARGS__)

static int take_number(const char *name, const char *text, uint64_t least, uint64_t most, unsigned *number)
{
    uint64_t value;
    if (!bench_parse_count(text, &value) || value < least || value > most)
        return complain(EXIT_USAGE, "%s takes a number from %u to %u, not \"%s\"", name, (unsigned)least,
                        (unsigned)most, text);
    *number = (unsigned)value;
    return EXIT_DONE;
}

static int take_sync(struct bench_settings *settings, const char *when)
{
    settings->sync = strcmp(when, "end") == 0;
    if (!settings->sync && strcmp(when, "none") != 0)
        return complain(EXIT_USAGE, "--sync takes \"end\" or \"none\", not \"%s\"", when);
    return EXIT_DONE;
}

static int take_option(struct request *request, int code)
{
    struct bench_settings *s = &request->settings;
    const char *culprit;
    switch ((enum option_code)code) {
    case DIRECTORY:
        s->directory = optarg;
        return EXIT_DONE;
    case RECORDS:
        if (bench_parse_workloads(optarg, s->workloads, BENCH_WORKLOADS_MOST, &s->workload_count))
            return EXIT_DONE;
        return complain(EXIT_USAGE,
                        "--records takes SIZExCOUNT, like 128x100K or 1Kx50K,8Kx10K, with sizes up to 16M, "
                        "at most %d of them, not \"%s\"",
                        BENCH_WORKLOADS_MOST, optarg);
    case METHODS:
        if (bench_settings_methods(s, optarg, &culprit))
            return EXIT_DONE;
        return complain(EXIT_USAGE, "--methods knows no \"%s\"; `quire bench --help` names what there is", culprit);
    case BUFFERS:
        if (bench_settings_buffers(s, optarg, &culprit))
            return EXIT_DONE;
        return complain(EXIT_USAGE,
                        "--buffers takes whole pages from 4K to 64M, like 16K,1M, at most %d of them, not \"%s\"",
                        BENCH_BUFFERS_MOST, culprit);
    case THREADS:
        return take_number("--threads", optarg, 2, BENCH_THREADS_MOST, &s->threads);
    case ROUNDS:
        return take_number("--rounds", optarg, 1, BENCH_ROUNDS_MOST, &s->rounds);
    case SYNC:
        return take_sync(s, optarg);
    case QUICK:
        s->quick = true;
        return EXIT_DONE;
    case JSON:
        s->json = optarg;
        return EXIT_DONE;
    case LIST:
        request->list = true;
        return EXIT_DONE;
    case HELP:
        request->help = true;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

static int take_options(struct request *request, int argc, char **argv)
{
    int code, rc = EXIT_DONE;
    opterr = 0;
    while (rc == EXIT_DONE && (code = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
        if (code == ':')
            rc = complain(EXIT_USAGE, "%s needs a value; see `quire bench --help`", argv[optind - 1]);
        else if (code == '?')
            rc = complain(EXIT_USAGE, "there is no option \"%s\"; see `quire bench --help`", argv[optind - 1]);
        else
            rc = take_option(request, code == 'h' ? HELP : code);
    }
    if (rc == EXIT_DONE && optind < argc)
        rc = complain(EXIT_USAGE, "\"%s\" is not an option; see `quire bench --help`", argv[optind]);
    if (rc == EXIT_DONE && request->settings.json && !bench_json_available())
        rc = complain(EXIT_USAGE, "--json is not in this build: it was made without jansson");
    return rc;
}

static int check_directory(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    else if (access(path, W_OK | X_OK) == 0)
        return EXIT_DONE;
    return complain(EXIT_USAGE, "--dir takes a directory that can be written in, not \"%s\": %s", path,
                    strerror(errno));
}

int command_bench(int argc, char **argv)
{
    struct request request = {.settings = bench_settings_default()};
    int rc = take_options(&request, argc, argv);
    if (rc != EXIT_DONE)
        return rc;
    if (request.help) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (request.list) {
        bench_instrument_list(&request.settings, stdout);
        return EXIT_DONE;
    }
    struct command_output json = {.file = NULL};
    rc = check_directory(request.settings.directory);
    if (rc == EXIT_DONE && request.settings.json)
        rc = command_output_open(&json, "quire bench", "--json", request.settings.json);
    if (rc != EXIT_DONE)
        return rc;
    bool tables = json.file != stdout;
    rc = bench_instrument(&request.settings, tables ? stdout : NULL, json.file);
    return json.file ? command_output_close(&json, rc) : rc;
}
