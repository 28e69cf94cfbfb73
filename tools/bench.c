/* quire bench: reads the command line, opens where the report goes, and lets the instrument measure.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "instrument.h"
#include "measure/slo.h"
#include "output.h"
#include "profile/profile.h"
#include "report/report.h"

static const char help[] =
    "usage: quire bench [OPTION...]\n"
    "       quire bench compare OLD.json NEW.json       what changed between two runs of it\n"
    "       quire bench fuse [OPTION...]    what the modes of quire mount cost; also quire bench --fuse\n"
    "       quire bench log [OPTION...]     a log read, verified, opened, followed, rotated\n"
    "       quire bench sync [OPTION...]    what durability costs here\n"
    "       quire bench micro [OPTION...]   single operations, as text that benchstat reads\n"
    "Measures ways of appending to a file, beside their peers and this machine's limits.\n"
    "\n"
    "  --dir DIR       where to write (default: .); a private directory is made there and removed\n"
    "  --records LIST  SIZExCOUNT,...: sizes with K, M = 1024, counts with K, M = 1000\n"
    "                  (default: 128x100K,1Kx50K,8Kx10K)\n"
    "  --methods LIST  which rows: write stdio paged mmap uring lane log threads fwrite\n"
    "                  fwrite_unlocked limits staging (default: all; staging and libc with --sync none)\n"
    "  --peers LIST    also what others take: rocksdb leveldb sqlite spdlog boost glib fio, or all\n"
    "  --buffers LIST  sizes for rows that have a buffer, 4K to 64M (default: each method's usual ones)\n"
    "  --threads N     of the concurrent rows, 2 to 256 (default: 8)\n"
    "  --rounds N      how often each row runs, 1 to 1000 (default: 5), after one round to warm up\n"
    "  --sync WHEN     end: each row ends in a sync (default). each: every record is durable before the\n"
    "                  next (default records: 1000 of each size). none: it ends in a flush to the kernel;\n"
    "                  then the cost of an append while a buffer is free is measured too (staging)\n"
    "  --latency       percentiles of single appends, hand-overs and syncs, in runs of their own\n"
    "  --rate R        open loop: R records a second are due, and latency counts from then\n"
    "  --arrival HOW   of an open loop: fixed (default) or poisson\n"
    "  --find-max-rate --slo LIMIT: instead, the highest rate of each row with, say, p99<2ms\n"
    "  --monitor       also what became of the bytes: device, page cache, buffers; implies --latency\n"
    "  --series FILE   a sample every --interval T (default: 100ms) of what happens, as CSV; -: on stdout\n"
    "  --trace FILE    a timeline of all threads, for ui.perfetto.dev: appends, hand-overs, writes, syncs\n"
    "  --perf-counters  cycles, instructions, misses, faults for each record, where the kernel has them\n"
    "  --cpuprofile FILE, --memprofile FILE   for pprof, by gperftools where it is installed\n"
    "  --quick         about 10 seconds: 1 to 3 rounds, one buffer size beside the default, nothing into\n"
    "                  blocks written before, two candidates for limit: direct instead of six\n"
    "  --json FILE     also write everything measured as JSON; -: on stdout, and no tables. Likewise\n"
    "                  --csv, --markdown, and --html: a page with plots; implies --monitor\n"
    "  --list          print the rows that the other options choose, and measure nothing\n"
    "  --help          print this\n";

enum option_code {
    DIRECTORY,
    RECORDS,
    METHODS,
    BUFFERS,
    THREADS,
    ROUNDS,
    SYNC,
    LATENCY,
    RATE,
    ARRIVAL,
    FIND_MAX_RATE,
    SLO,
    MONITOR,
    INTERVAL,
    CSV,
    MARKDOWN,
    HTML,
    SERIES,
    TRACE,
    PERF_COUNTERS,
    CPU_PROFILE,
    MEMORY_PROFILE,
    PEERS,
    HANDICAP,
    QUICK,
    JSON,
    LIST
};

static const struct option options[] = {
    {"dir", required_argument, NULL, DIRECTORY},
    {"records", required_argument, NULL, RECORDS},
    {"methods", required_argument, NULL, METHODS},
    {"buffers", required_argument, NULL, BUFFERS},
    {"threads", required_argument, NULL, THREADS},
    {"rounds", required_argument, NULL, ROUNDS},
    {"sync", required_argument, NULL, SYNC},
    {"latency", no_argument, NULL, LATENCY},
    {"rate", required_argument, NULL, RATE},
    {"arrival", required_argument, NULL, ARRIVAL},
    {"find-max-rate", no_argument, NULL, FIND_MAX_RATE},
    {"slo", required_argument, NULL, SLO},
    {"monitor", no_argument, NULL, MONITOR},
    {"interval", required_argument, NULL, INTERVAL},
    {"series", required_argument, NULL, SERIES},
    {"csv", required_argument, NULL, CSV},
    {"markdown", required_argument, NULL, MARKDOWN},
    {"html", required_argument, NULL, HTML},
    {"trace", required_argument, NULL, TRACE},
    {"perf-counters", no_argument, NULL, PERF_COUNTERS},
    {"cpuprofile", required_argument, NULL, CPU_PROFILE},
    {"memprofile", required_argument, NULL, MEMORY_PROFILE},
    {"peers", required_argument, NULL, PEERS},
    {"handicap", required_argument, NULL, HANDICAP},
    {"quick", no_argument, NULL, QUICK},
    {"json", required_argument, NULL, JSON},
    {"list", no_argument, NULL, LIST},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct bench_settings settings;
    const char *csv, *markdown, *html, *series, *trace; /* NULL, "-" or a path */
    const char *cpu_profile, *memory_profile;
    bool find_max_rate, list;
};

#define COMPLAIN(code, ...) command_complain("quire bench", code, __VA_ARGS__)

/* One of two or three words; its number in the list. */
static int take_word(const char *option, const char *text, const char *const words[], unsigned *number)
{
    char list[64] = "";
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *number = i;
            return EXIT_DONE;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s\"%s\"", !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
    }
    return COMPLAIN(EXIT_USAGE, "%s takes %s, not \"%s\"", option, list, text);
}

static int take_sync(struct bench_settings *settings, const char *when)
{
    static const char *const words[] = {
        [BENCH_SYNC_NONE] = "none", [BENCH_SYNC_END] = "end", [BENCH_SYNC_EACH] = "each", NULL};
    unsigned number = 0;
    int rc = take_word("--sync", when, words, &number);
    settings->sync = number;
    return rc;
}

static int take_arrival(struct bench_settings *settings, const char *how)
{
    static const char *const words[] = {"fixed", "poisson", NULL};
    unsigned number = 0;
    int rc = take_word("--arrival", how, words, &number);
    settings->poisson = number == 1;
    return rc;
}

static int take_rate(struct bench_settings *settings, const char *text)
{
    uint64_t rate;
    if (!bench_parse_count(text, &rate) || rate < 1 || rate > 1000000000)
        return COMPLAIN(EXIT_USAGE, "--rate takes records a second, like 500 or 100K, up to 1000M, not \"%s\"", text);
    settings->rate = (double)rate;
    return EXIT_DONE;
}

/* 50us, 100ms, 2s: from a millisecond to an hour. */
static int take_interval(struct bench_settings *settings, const char *text)
{
    if (bench_parse_duration(text, &settings->interval) && settings->interval >= 1e-3 && settings->interval <= 3600)
        return EXIT_DONE;
    return COMPLAIN(EXIT_USAGE, "--interval takes a time from 1ms to 3600s, like 100ms, not \"%s\"", text);
}

/* Where the text of an option goes that is taken as it is; NULL for any other option. */
static const char **text_of(struct request *request, enum option_code code)
{
    switch (code) {
    case DIRECTORY:
        return &request->settings.directory;
    case JSON:
        return &request->settings.json;
    case CSV:
        return &request->csv;
    case MARKDOWN:
        return &request->markdown;
    case HTML:
        return &request->html;
    case SERIES:
        return &request->series;
    case TRACE:
        return &request->trace;
    case CPU_PROFILE:
        return &request->cpu_profile;
    case MEMORY_PROFILE:
        return &request->memory_profile;
    default:
        return NULL;
    }
}

/* What an option without a value switches on; NULL for any other option. */
static bool *switch_of(struct request *request, enum option_code code)
{
    switch (code) {
    case LATENCY:
        return &request->settings.latency;
    case MONITOR:
        return &request->settings.monitor;
    case PERF_COUNTERS:
        return &request->settings.perf;
    case QUICK:
        return &request->settings.quick;
    case FIND_MAX_RATE:
        return &request->find_max_rate;
    case LIST:
        return &request->list;
    default:
        return NULL;
    }
}

static int take_slo(struct bench_settings *s, const char *text)
{
    s->slo = text;
    if (bench_slo_parse(text, &(struct bench_slo){.below_ns = 0}))
        return EXIT_DONE;
    return COMPLAIN(EXIT_USAGE,
                    "--slo takes p50, p90, p99, p99.9, p99.99 or max, < and a time, like 'p99<2ms', not \"%s\"", text);
}

static int take_list(struct bench_settings *s, enum option_code code)
{
    const char *culprit = "";
    if (code == METHODS && !bench_settings_methods(s, optarg, &culprit))
        return COMPLAIN(EXIT_USAGE, "--methods knows no \"%s\"; `quire bench --help` names what there is", culprit);
    if (code == BUFFERS && !bench_settings_buffers(s, optarg, &culprit))
        return COMPLAIN(EXIT_USAGE,
                        "--buffers takes whole pages from 4K to 64M, like 16K,1M, at most %d of them, not \"%s\"",
                        BENCH_BUFFERS_MOST, culprit);
    if (code == PEERS && !bench_settings_peers(s, optarg, &culprit))
        return COMPLAIN(EXIT_USAGE,
                        "--peers: \"%s\" is nothing that is in this build; `make bench-peers` installs and builds what "
                        "there is: rocksdb leveldb sqlite spdlog boost glib fio",
                        culprit);
    if (code == RECORDS && !bench_parse_workloads(optarg, s->workloads, BENCH_WORKLOADS_MOST, &s->workload_count))
        return COMPLAIN(
            EXIT_USAGE,
            "--records takes SIZExCOUNT, like 128x100K or 1Kx50K,8Kx10K, with sizes up to 16M, at most %d of "
            "them, not \"%s\"",
            BENCH_WORKLOADS_MOST, optarg);
    return EXIT_DONE;
}

static int take_value(struct bench_settings *s, enum option_code code)
{
    switch (code) {
    case THREADS:
        return command_take_number("quire bench", "--threads", optarg, 2, BENCH_THREADS_MOST, &s->threads);
    case ROUNDS:
        return command_take_number("quire bench", "--rounds", optarg, 1, BENCH_ROUNDS_MOST, &s->rounds);
    case SYNC:
        return take_sync(s, optarg);
    case SLO:
        return take_slo(s, optarg);
    case RATE:
        return take_rate(s, optarg);
    case ARRIVAL:
        return take_arrival(s, optarg);
    case INTERVAL:
        return take_interval(s, optarg);
    case HANDICAP:
        if (bench_settings_handicap(s, optarg))
            return EXIT_DONE;
        return COMPLAIN(EXIT_USAGE, "--handicap takes ROW:PERCENT, with 1 to 1000 per cent, not \"%s\"", optarg);
    default:
        return take_list(s, code);
    }
}

static int take_option(void *context, int code)
{
    struct request *request = context;
    const char **text = text_of(request, (enum option_code)code);
    bool *on = switch_of(request, (enum option_code)code);
    if (text)
        *text = optarg;
    else if (on)
        *on = true;
    else
        return take_value(&request->settings, (enum option_code)code);
    return EXIT_DONE;
}

/* What one option means for others. */
static void complete(struct request *request)
{
    struct bench_settings *s = &request->settings;
    s->monitor |= request->html != NULL;
    s->latency |= s->monitor || s->rate > 0;
    if (request->series && s->interval <= 0)
        s->interval = 0.1;
    bench_settings_complete(s);
}

/* What options mean together. */
static int check_request(void *context)
{
    const struct request *request = context;
    const char *const paths[] = {request->settings.json, request->csv,    request->markdown,
                                 request->html,          request->series, request->trace};
    unsigned to_stdout = 0;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        to_stdout += paths[i] && strcmp(paths[i], "-") == 0;
    if (to_stdout > 1)
        return COMPLAIN(EXIT_USAGE, "only one report can go to standard output");
    if (request->find_max_rate != (request->settings.slo != NULL))
        return COMPLAIN(EXIT_USAGE, "--find-max-rate and --slo go together: --find-max-rate --slo 'p99<2ms'");
    if (request->find_max_rate && request->csv)
        return COMPLAIN(EXIT_USAGE,
                        "--csv has no line for a highest rate; with --find-max-rate use --json or --markdown");
    return request->settings.json ? command_check_json("quire bench") : EXIT_DONE;
}

static int no_profile(const char *option, int rc)
{
    if (rc == -ENOENT)
        return COMPLAIN(EXIT_USAGE, "%s needs gperftools: on Debian, apt-get install libgoogle-perftools4", option);
    return COMPLAIN(EXIT_FAILED, "%s: the profiler cannot be started", option);
}

static int write_memory_profile(const char *path)
{
    FILE *file = fopen(path, "we");
    int rc = file ? bench_profile_memory_write(file) : -1;
    if (file && fclose(file) != 0)
        rc = -1;
    return rc == 0 ? EXIT_DONE : COMPLAIN(EXIT_FAILED, "--memprofile: cannot write %s", path);
}

static int measure_profiled(const struct request *request, const struct bench_outputs *outputs)
{
    int rc = request->cpu_profile ? bench_profile_cpu_start(request->cpu_profile) : 0;
    if (rc < 0)
        return no_profile("--cpuprofile", rc);
    rc = bench_instrument(&request->settings, outputs);
    bench_profile_cpu_stop();
    return rc == EXIT_DONE && request->memory_profile ? write_memory_profile(request->memory_profile) : rc;
}

/* Opens where the reports go, measures, and closes them: all or nothing. */
static int run(const struct request *request)
{
    enum { REPORTS = 6 };
    const struct bench_settings *settings = &request->settings;
    struct bench_outputs outputs = {.text = stdout};
    const struct {
        const char *option, *path;
        FILE **to;
    } reports[REPORTS] = {
        {"--json", settings->json, &outputs.json},
        {"--csv", request->csv, &outputs.csv},
        {"--markdown", request->markdown, &outputs.markdown},
        {"--html", request->html, &outputs.html},
        {"--series", request->series, &outputs.series},
        {"--trace", request->trace, &outputs.trace},
    };
    struct command_output open[REPORTS];
    unsigned count = 0;
    int rc = command_check_directory("quire bench", settings->directory);
    for (unsigned i = 0; i < REPORTS && rc == EXIT_DONE; i++) {
        if (!reports[i].path)
            continue;
        rc = command_output_open(&open[count], "quire bench", reports[i].option, reports[i].path);
        if (rc != EXIT_DONE)
            break;
        *reports[i].to = open[count++].file;
        if (*reports[i].to == stdout)
            outputs.text = NULL;
    }
    if (rc == EXIT_DONE)
        rc = measure_profiled(request, &outputs);
    while (count > 0)
        rc = command_output_close(&open[--count], rc);
    return rc;
}

/* Commands of their own behind the word bench. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} words[] = {
    {"compare", command_bench_compare}, {"fuse", command_bench_fuse},   {"log", command_bench_log},
    {"sync", command_bench_sync},       {"micro", command_bench_micro},
};

static int measure(int argc, char **argv)
{
    struct request request = {.settings = bench_settings_default()};
    static const struct command_options taken = {
        .command = "quire bench", .help = help, .options = options, .check = check_request, .take = take_option};
    int rc;
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    complete(&request);
    if (request.list) {
        bench_instrument_list(&request.settings, stdout);
        return EXIT_DONE;
    }
    /* It may start the program anew, so nothing is open yet. */
    rc = request.memory_profile ? bench_profile_memory_begin(argv - 1) : 0;
    if (rc < 0)
        return no_profile("--memprofile", rc);
    return run(&request);
}

int command_bench(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (argc > 1 && strcmp(argv[1], words[i].name) == 0)
            return words[i].run(argc - 1, argv + 1);
    /* The same as the word, in the place of an option. */
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--fuse") == 0)
            return command_bench_fuse(argc, argv);
    return measure(argc, argv);
}
