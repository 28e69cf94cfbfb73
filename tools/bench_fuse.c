/* quire bench fuse, or quire bench --fuse: reads the command line and opens where the reports go.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "arguments.h"
#include "base/number.h"
#include "beside.h"
#include "command.h"
#include "fuse/fuse.h"
#include "fuse/report.h"
#include "output.h"

static const char help[] =
    "usage: quire bench fuse [OPTION...]\n"
    "       quire bench --fuse [OPTION...]\n"
    "Measures what appending costs through each mode of quire mount, beside the file system itself; and\n"
    "with --throttle, from how slow a disk on compression pays.\n"
    "\n"
    "  --dir DIR        where to write and mount (default: .): in a private directory, removed afterwards\n"
    "  --modes LIST     native plain writeback passthrough log+lz4 log+zstd (default: all; ratios need\n"
    "                   native, and writeback is not durable as the others are)\n"
    "  --sizes LIST     of an append, up to six, 1 to 1M (default: 128,1K,4K,16K,64K,1M)\n"
    "  --payloads LIST  access json metrics random (default: all)\n"
    "  --bytes SIZE     of a file at most, 4K to 64G (default: 64M); at most 16384 appends a file too\n"
    "  --rounds N       1 to 25 (default: 5), after one to warm up, all cells in shuffled order\n"
    "  --throttle LIST  also on a disk limited to so many bytes a second, like 100M,250M,500M (M = a\n"
    "                   million), and without a limit: files of 8 times --bytes in appends of 64K, by a\n"
    "                   cgroup of its own, for root\n"
    "  --quick          under a minute: 3 rounds and none to warm up, access and random, files of 16M or\n"
    "                   4096 appends, unless told otherwise\n"
    "  --json FILE      also write everything measured as JSON; -: on stdout, and no table\n"
    "  --csv FILE       also write a line for each cell; -: on stdout, and no table\n"
    "  --plot FILE      also draw the curve of --throttle as SVG, by gnuplot\n"
    "  --list           print what the options choose, and measure nothing\n"
    "  --help           print this\n"
    "\n"
    "A mode that cannot be had here is left out, and a line says why.\n"
    "exit: 0 done, 1 failed, 2 not understood, 128 + signal when stopped by one.\n";

enum option_code { FUSE, DIRECTORY, MODES, SIZES, PAYLOADS, BYTES, ROUNDS, THROTTLE, QUICK, JSON, CSV, PLOT, LIST };

static const struct option options[] = {
    {"fuse", no_argument, NULL, FUSE},
    {"dir", required_argument, NULL, DIRECTORY},
    {"modes", required_argument, NULL, MODES},
    {"sizes", required_argument, NULL, SIZES},
    {"payloads", required_argument, NULL, PAYLOADS},
    {"bytes", required_argument, NULL, BYTES},
    {"rounds", required_argument, NULL, ROUNDS},
    {"throttle", required_argument, NULL, THROTTLE},
    {"quick", no_argument, NULL, QUICK},
    {"json", required_argument, NULL, JSON},
    {"csv", required_argument, NULL, CSV},
    {"plot", required_argument, NULL, PLOT},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct bench_fuse_settings settings;
    const char *json, *csv, *plot;
    bool list, quick, rounds_given, bytes_given, payloads_given;
    char program[PATH_MAX]; /* quire-mount */
};

#define NAME "quire bench fuse"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const uint64_t bytes_least = 4096, bytes_most = UINT64_C(64) << 30;

static int take_bytes(struct request *request, const char *text)
{
    uint64_t bytes;
    if (!bench_parse_size(text, &bytes) || bytes < bytes_least || bytes > bytes_most)
        return COMPLAIN("--bytes takes a size from 4K to 64G, like 64M, not \"%s\"", text);
    request->settings.bytes = bytes;
    request->bytes_given = true;
    return EXIT_DONE;
}

static int take_rounds(struct request *request, const char *text)
{
    request->rounds_given = true;
    return command_take_number(NAME, "--rounds", text, 1, BENCH_FUSE_ROUNDS_MOST, &request->settings.rounds);
}

static int take_list(struct request *request, enum option_code code, const char *list)
{
    struct bench_fuse_choice *choice = &request->settings.choice;
    const char *culprit = "";
    request->payloads_given |= code == PAYLOADS;
    if (code == MODES && !bench_fuse_choose_modes(choice, list, &culprit))
        return COMPLAIN("--modes knows no \"%s\"; `quire bench fuse --list` names what there is", culprit);
    if (code == PAYLOADS && !bench_fuse_choose_payloads(choice, list, &culprit))
        return COMPLAIN("--payloads knows no \"%s\"; `quire bench fuse --list` names what there is", culprit);
    if (code == SIZES && !bench_fuse_choose_sizes(choice, list, &culprit))
        return COMPLAIN("--sizes takes sizes from 1 to 1M, like 128,4K, at most %d of them, not \"%s\"",
                        BENCH_FUSE_SIZES_MOST, culprit);
    if (code == THROTTLE && !bench_fuse_choose_limits(choice, list, &culprit))
        return COMPLAIN("--throttle takes bytes a second from 1M on, like 100M,250M, at most %d of them, not \"%s\"",
                        BENCH_FUSE_LIMITS_MOST, culprit);
    return EXIT_DONE;
}

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case FUSE:
        return EXIT_DONE;
    case DIRECTORY:
        request->settings.directory = optarg;
        return EXIT_DONE;
    case JSON:
        request->json = optarg;
        return EXIT_DONE;
    case CSV:
        request->csv = optarg;
        return EXIT_DONE;
    case PLOT:
        request->plot = optarg;
        return EXIT_DONE;
    case QUICK:
        request->quick = true;
        return EXIT_DONE;
    case LIST:
        request->list = true;
        return EXIT_DONE;
    case BYTES:
        return take_bytes(request, optarg);
    case ROUNDS:
        return take_rounds(request, optarg);
    default:
        return take_list(request, (enum option_code)code, optarg);
    }
}

/* Less of what was not asked for by itself. */
static void hasten(struct request *request)
{
    struct bench_fuse_settings *s = &request->settings;
    static const bool few[BENCH_FUSE_PAYLOADS] = {[BENCH_FUSE_ACCESS] = true, [BENCH_FUSE_RANDOM] = true};
    s->warm_up = false;
    s->appends = 4096;
    if (!request->rounds_given)
        s->rounds = 3;
    if (!request->bytes_given)
        s->bytes = 16 << 20;
    if (!request->payloads_given)
        memcpy(s->choice.payload, few, sizeof few);
}

/* What options mean together. */
static int check_request(void *context)
{
    struct request *request = context;
    struct bench_fuse_settings *s = &request->settings;
    unsigned to_stdout = 0;
    const char *const paths[] = {request->json, request->csv, request->plot};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        to_stdout += paths[i] && strcmp(paths[i], "-") == 0;
    if (to_stdout > 1)
        return COMPLAIN("only one of --json, --csv and --plot can go to standard output");
    if (request->plot && !s->choice.limits)
        return COMPLAIN("--plot draws the curve of --throttle; give both");
    if (request->plot && !s->choice.mode[BENCH_FUSE_NATIVE])
        return COMPLAIN("--plot draws what is measured beside native; --modes leaves it out");
    if (request->quick)
        hasten(request);
    s->curve_bytes = 8 * s->bytes;
    return request->json ? command_check_json(NAME) : EXIT_DONE;
}

static int measure(struct request *request)
{
    enum { REPORTS = 3 };
    struct bench_fuse_outputs outputs = {.text = stdout};
    const struct {
        const char *option, *path;
        FILE **to;
    } reports[REPORTS] = {{"--json", request->json, &outputs.json},
                          {"--csv", request->csv, &outputs.csv},
                          {"--plot", request->plot, &outputs.plot}};
    struct command_output open[REPORTS];
    unsigned count = 0;
    int rc = command_check_directory(NAME, request->settings.directory);
    for (unsigned i = 0; i < REPORTS && rc == EXIT_DONE; i++) {
        if (!reports[i].path)
            continue;
        rc = command_output_open(&open[count], NAME, reports[i].option, reports[i].path);
        if (rc != EXIT_DONE)
            break;
        *reports[i].to = open[count++].file;
        if (*reports[i].to == stdout)
            outputs.text = NULL;
    }
    if (command_find_beside("quire-mount", request->program))
        request->settings.program = request->program;
    if (rc == EXIT_DONE)
        rc = bench_fuse(&request->settings, &outputs);
    while (count > 0)
        rc = command_output_close(&open[--count], rc);
    return rc;
}

int command_bench_fuse(int argc, char **argv)
{
    struct request request = {.settings = bench_fuse_settings_default()};
    static const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .check = check_request, .take = take_option};
    int rc;
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    if (request.list) {
        bench_fuse_list(&request.settings, stdout);
        return EXIT_DONE;
    }
    return measure(&request);
}
