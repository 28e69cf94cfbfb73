/* quire-torture, which `quire torture` starts: the command line. A program of its own: the library's threads, clock and
 * random numbers are others here.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "arguments.h"
#include "base/stop.h"
#include "command.h"
#include "log_numbers.h"
#include "log_words.h"
#include "torture/session.h"

#define NAME "quire torture"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire torture [OPTION...] DIR\n"
    "Cuts the power of a simulated disk, over and over, while quire appends behind the log in DIR, and\n"
    "looks whether all is there that should be. Takes a copy in memory; DIR is only read. What it tries\n"
    "is quire's logic, with your log and options: not your disk's firmware, nor your file system.\n"
    "\n"
    "  --method NAME     paged, uring, mmap, write, or all, one after the other (default)\n"
    "  --sync WHEN       each, request (also batch, end), interval:MS or none\n"
    "  --rotate SIZE     bytes of a segment; tried as at most 1M\n"
    "  --keep SIZE|N     old segments go while there are more bytes, more segments\n"
    "  --compress CODEC  zstd, zstd:LEVEL (1 to 19) or lz4\n"
    "  --chain           chain the segments by SHA-256\n"
    "  --continue        after a failed write or sync, go on in a fresh segment\n"
    "  --block SIZE      bytes of a block; tried as at most 64K\n"
    "  --blocks N        3 to 1024 of them; tried as at most 8\n"
    "                    (what is not given is drawn from the seed, for each run anew)\n"
    "  --states N        stop after so many states of the disk, in all (default: 100000, about a minute\n"
    "                    for a small log; a large newest segment makes each state slower)\n"
    "  --seed N          of everything; a run is the same for the same seed (default: at random)\n"
    "  --run N           that run of the seed alone, and what led to a violation\n"
    "  --wreck DIR2      make DIR2, with what was on the disk at the first violation\n"
    "  --load-most SIZE  take the newest segments up to so much, but one at least (default: 16M)\n"
    "  --json            one JSON object\n"
    "  --help            print this\n"
    "\n"
    "SIZE: 64K, 64M, 1G (4096B: bytes). See quire-torture(1).\n"
    "exit: 0 no violation, 1 a violation, or DIR cannot be had, 2 not understood, 128 + signal.\n";

enum option_code {
    METHOD,
    SYNC,
    ROTATE,
    KEEP,
    COMPRESS,
    CHAIN,
    CONTINUE,
    BLOCK,
    BLOCKS,
    STATES,
    SEED,
    RUN,
    WRECK,
    LOAD_MOST,
    JSON
};

static const struct option options[] = {
    {"method", required_argument, NULL, METHOD},
    {"sync", required_argument, NULL, SYNC},
    {"rotate", required_argument, NULL, ROTATE},
    {"keep", required_argument, NULL, KEEP},
    {"compress", required_argument, NULL, COMPRESS},
    {"chain", no_argument, NULL, CHAIN},
    {"continue", no_argument, NULL, CONTINUE},
    {"block", required_argument, NULL, BLOCK},
    {"blocks", required_argument, NULL, BLOCKS},
    {"states", required_argument, NULL, STATES},
    {"seed", required_argument, NULL, SEED},
    {"run", required_argument, NULL, RUN},
    {"wreck", required_argument, NULL, WRECK},
    {"load-most", required_argument, NULL, LOAD_MOST},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#define STATES_DEFAULT UINT64_C(100000)
#define STATES_MOST UINT64_C(1000000000000)
#define LOAD_DEFAULT (UINT64_C(16) << 20)
#define PAGE UINT64_C(4096)
enum { INTERVAL_MOST_MS = 3600 * 1000 };

static int take_method(struct torture_request *request, const char *text)
{
    request->method = NULL;
    if (strcmp(text, "all") == 0)
        return EXIT_DONE;
    for (int i = 0; i < TORTURE_METHODS && !request->method; i++)
        if (strcmp(text, torture_methods[i].name) == 0)
            request->method = &torture_methods[i];
    return request->method ? EXIT_DONE : COMPLAIN("--method takes paged, uring, mmap, write or all, not \"%s\"", text);
}

static int take_sync(struct torture_request *request, const char *text)
{
    static const struct {
        const char *name;
        uint32_t policy;
    } names[] = {{"each", QUIRE_SYNC_EACH},
                 {"request", QUIRE_SYNC_REQUEST},
                 {"batch", QUIRE_SYNC_REQUEST},
                 {"end", QUIRE_SYNC_REQUEST},
                 {"none", QUIRE_SYNC_NONE}};
    uint64_t interval;

    request->sync = true;
    request->options.sync_interval_ms = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(text, names[i].name) == 0) {
            request->options.sync_policy = names[i].policy;
            return EXIT_DONE;
        }
    if (strncmp(text, "interval:", 9) != 0 || !log_parse_sequence(text + 9, &interval) || interval > INTERVAL_MOST_MS)
        return COMPLAIN("--sync takes each, request, batch, interval:MS (1 to %d), end or none, not \"%s\"",
                        INTERVAL_MOST_MS, text);
    request->options.sync_policy = QUIRE_SYNC_INTERVAL;
    request->options.sync_interval_ms = (uint32_t)interval;
    return EXIT_DONE;
}

static int take_size(const char *option, const char *text, uint64_t least, uint64_t *bytes)
{
    uint64_t value;

    if (!log_parse_bytes(text, &value) || value < least || value > UINT64_C(1) << 40)
        return COMPLAIN("%s takes a size up to 1T, like 64K or 1M, not \"%s\"", option, text);
    *bytes = value;
    return EXIT_DONE;
}

static int take_keep(struct quire_log_options *log, const char *text)
{
    uint64_t value = 0;
    enum log_unit unit;

    if (!log_parse_quantity(text, &value, &unit) || value == 0 || unit == LOG_TIME)
        return COMPLAIN("--keep takes bytes like 10G, or a number of segments, not \"%s\"%s", text,
                        unit == LOG_TIME && value > 0 ? "; no run lasts that long" : "");
    if (unit == LOG_BYTES)
        log->keep_bytes = value;
    else
        log->keep_segments = value;
    return EXIT_DONE;
}

static int take_compress(struct quire_log_options *log, const char *text)
{
    uint64_t level = 0;
    bool is_zstd = strncmp(text, "zstd", 4) == 0, is_lz4 = strcmp(text, "lz4") == 0;
    bool is_leveled = is_zstd && text[4] == ':' && log_parse_sequence(text + 5, &level) && level <= 19;

    if (!is_lz4 && !is_leveled && strcmp(text, "zstd") != 0)
        return COMPLAIN("--compress takes zstd, zstd:1 to zstd:19 or lz4, not \"%s\"", text);
    log->codec = is_lz4 ? QUIRE_CODEC_LZ4 : QUIRE_CODEC_ZSTD;
    log->codec_level = (int32_t)level;
    return EXIT_DONE;
}

/* Decimal, or hexadecimal behind 0x. */
static int take_number(const char *option, const char *text, uint64_t *number)
{
    bool is_hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = is_hexadecimal ? text + 2 : text;
    const char *known = is_hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";

    errno = 0;
    uint64_t value = strtoull(digits, NULL, is_hexadecimal ? 16 : 10);
    if (*digits == '\0' || digits[strspn(digits, known)] != '\0' || errno != 0)
        return COMPLAIN("%s takes a number, like 7 or 0x1f, not \"%s\"", option, text);
    *number = value;
    return EXIT_DONE;
}

static int take_states(struct torture_request *request, const char *text)
{
    uint64_t states;

    if (!log_parse_sequence(text, &states) || states > STATES_MOST)
        return COMPLAIN("--states takes a number from 1 to %" PRIu64 ", not \"%s\"", STATES_MOST, text);
    request->states = states;
    return EXIT_DONE;
}

static int take_wreck(struct torture_request *request, const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0)
        return COMPLAIN("--wreck makes a directory, and \"%s\" is there already; give another name", path);
    request->wreck = path;
    return EXIT_DONE;
}

static int take_blocks(struct quire_log_options *log, const char *text)
{
    unsigned count = 0;
    int rc = command_take_number(NAME, "--blocks", text, 3, 1024, &count);

    log->block_count = count;
    return rc;
}

static int take_flag(struct torture_request *request, enum option_code code)
{
    if (code == CHAIN)
        request->options.flags |= QUIRE_LOG_CHAIN;
    else if (code == CONTINUE)
        request->options.flags |= QUIRE_LOG_CONTINUE;
    else if (code == JSON)
        request->json = true;
    return code == JSON ? command_check_json(NAME) : EXIT_DONE;
}

static int take_value(struct torture_request *request, enum option_code code)
{
    switch (code) {
    case METHOD:
        return take_method(request, optarg);
    case SYNC:
        return take_sync(request, optarg);
    case ROTATE:
        return take_size("--rotate", optarg, 1, &request->options.segment_bytes);
    case KEEP:
        return take_keep(&request->options, optarg);
    case COMPRESS:
        return take_compress(&request->options, optarg);
    case BLOCK:
        return take_size("--block", optarg, 1, &request->options.block_bytes);
    case BLOCKS:
        return take_blocks(&request->options, optarg);
    case STATES:
        return take_states(request, optarg);
    case SEED:
        request->seeded = true;
        return take_number("--seed", optarg, &request->seed);
    case RUN:
        request->alone = true;
        return take_number("--run", optarg, &request->run);
    case WRECK:
        return take_wreck(request, optarg);
    case LOAD_MOST:
        return take_size("--load-most", optarg, 1, &request->load_most);
    default:
        return take_flag(request, code);
    }
}

/* What makes a run what it is, beside the seed, its number and the method, is kept to be said again. */
static int take_option(void *context, int code)
{
    struct torture_request *request = context;
    size_t length = strlen(request->replay);
    bool is_of_runs = code != METHOD && code != STATES && code != SEED && code != RUN && code != WRECK && code != JSON;

    int rc = take_value(request, (enum option_code)code);
    if (rc != EXIT_DONE || !is_of_runs)
        return rc;
    int added = snprintf(request->replay + length, sizeof request->replay - length, " --%s%s%s", options[code].name,
                         optarg ? " " : "", optarg ? optarg : "");
    return added < (int)(sizeof request->replay - length) ? EXIT_DONE : COMPLAIN("so many options are too many");
}

/* What options mean together. */
static int check_request(void *context)
{
    struct torture_request *request = context;
    struct quire_log_options *o = &request->options;
    bool keeps = o->keep_segments > 0 || o->keep_bytes > 0;

    if (o->flags & QUIRE_LOG_CHAIN && o->flags & QUIRE_LOG_CONTINUE)
        return COMPLAIN(
            "--chain and --continue exclude each other: what goes on elsewhere has no digest; give one of them");
    if (request->alone && !request->seeded)
        return COMPLAIN("--run is the number of a run of a seed; give that too, with --seed");
    if (request->sync && o->sync_policy == QUIRE_SYNC_NONE && keeps)
        return COMPLAIN(
            "with --sync none, --keep takes segments although a power cut may lose what came behind them, as "
            "documented; give one of them");
    /* As `quire append` has it. */
    o->segment_bytes = o->segment_bytes / PAGE * PAGE;
    return EXIT_DONE;
}

/* The library's own word on the options, for each method that is to be tried. */
static int try_options(const struct torture_request *request)
{
    int rc = 0;

    for (int i = 0; i < TORTURE_METHODS && rc == 0; i++)
        if (!request->method || request->method == &torture_methods[i])
            rc = torture_try_options(torture_methods[i].method, &request->options);
    if (rc == 0)
        return EXIT_DONE;
    return rc == -ENOMEM ? command_complain(NAME, EXIT_FAILED, "%s", quire_strerror(rc))
                         : COMPLAIN("%s; see `%s --help`", quire_strerror(rc), NAME);
}

static int complain_of_load(const struct torture_session *session, int code, const struct quire_damage *damage)
{
    const char *directory = session->request->directory, *culprit = session->base.load.culprit;

    if (code == -EFBIG)
        return command_complain(
            NAME, EXIT_FAILED,
            "\"%s/%s\", the newest segment, is larger than the 256 MiB that are tried; append with a "
            "smaller --rotate, or try an empty directory",
            directory, culprit);
    if (code == -ENOTRECOVERABLE)
        return command_complain(
            NAME, EXIT_FAILED,
            "a violation: opening a copy of \"%s\" loses records that are durable and whole there: a "
            "mistake of quire's; please report it with the directory",
            directory);
    if (culprit[0] != '\0' && code != QUIRE_E_LOCKED)
        return command_complain(NAME, EXIT_FAILED, "\"%s/%s\": %s", directory, culprit, quire_strerror(code));
    return log_complain(NAME, directory, code, damage);
}

static int report(const struct torture_session *session)
{
    const struct torture_request *request = session->request;

    if (!request->json)
        torture_print_results(session, stdout);
    else if (torture_print_json(session, stdout) < 0)
        return command_complain(NAME, EXIT_FAILED, "the JSON could not be written");
    if (session->violations > 0)
        return EXIT_FAILED;
    return session->signal ? bench_stop_code() : EXIT_DONE;
}

static int torture_directory(struct torture_request *request)
{
    struct torture_session session = {.request = request, .base = {.load = {.most = request->load_most}}};
    struct quire_damage damage = {.code = 0};
    int code = torture_base_load(request->directory, &session.base, &damage);
    int exit_code;

    if (code < 0) {
        exit_code = complain_of_load(&session, code, &damage);
    } else {
        if (!request->json)
            torture_print_beginning(&session, stdout);
        int rc = torture_session_run(&session);
        exit_code = report(&session);
        if (rc < 0 && session.violations > 0)
            exit_code =
                command_complain(NAME, EXIT_FAILED, "\"%s\" could not be made: %s", request->wreck, quire_strerror(rc));
        else if (rc < 0)
            exit_code = command_complain(NAME, EXIT_FAILED, "%s; a smaller --load-most needs less", quire_strerror(rc));
    }
    torture_session_free(&session);
    return exit_code;
}

/* What was printed must have arrived. */
static int finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    return code == EXIT_DONE ? command_complain(NAME, EXIT_FAILED, "standard output could not be written") : code;
}

int main(int argc, char **argv)
{
    struct torture_request request = {
        .options = {.size = sizeof request.options}, .states = STATES_DEFAULT, .load_most = LOAD_DEFAULT};
    const struct command_options taken = {.command = NAME,
                                          .help = help,
                                          .options = options,
                                          .directory = &request.directory,
                                          .take = take_option,
                                          .check = check_request};
    int rc;

    setlocale(LC_CTYPE, "");
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return finish(rc);
    bench_stop_install();
    if (!request.seeded && getrandom(&request.seed, sizeof request.seed, 0) != sizeof request.seed)
        return command_complain(NAME, EXIT_FAILED, "no random number for a seed: %s", strerror(errno));
    rc = try_options(&request);
    return finish(rc == EXIT_DONE ? torture_directory(&request) : rc);
}
