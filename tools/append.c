/* quire append: reads the command line; append_run.c does the rest.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "append_run.h"
#include "arguments.h"
#include "command.h"
#include "log_numbers.h"

#define NAME "quire append"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire append [OPTION...] DIR\n"
    "Appends standard input, record by record, to the log in DIR, which is made if it is missing.\n"
    "\n"
    "  --lines             a record is a line, without its newline (default)\n"
    "  --null              ... ends in a NUL byte\n"
    "  --length-prefixed   ... follows 4 bytes, little-endian, that say its length\n"
    "  --chunks SIZE       ... is so many bytes, and the last one what is left\n"
    "  --record-most SIZE  a longer one is an error; up to 1G (default: what fits a segment)\n"
    "  --sync WHEN         each: before the next read; batch: when nothing more is there to be read;\n"
    "                      interval:MS: by the clock; end: once; none: never (default: interval:1000)\n"
    "  --rotate SIZE|AGE   begin a new segment after so much (default: 64M); can be given for both\n"
    "  --keep SIZE|AGE|N   old segments go while there are more bytes, older records, more segments\n"
    "  --compress CODEC    zstd, zstd:LEVEL (1 to 19) or lz4\n"
    "  --method NAME       paged (default), uring, mmap or write\n"
    "  --no-times          keep the time of each block only, not of each record (--times)\n"
    "  --chain             chain the segments by SHA-256, for `quire verify --chain`\n"
    "  --tee               pass each record on to standard output, once it is as safe as --sync says\n"
    "  --print-sequence    print each record's sequence instead, just so\n"
    "  --verbose, --quiet  a summary on standard error: always, never (default: on a terminal)\n"
    "  --help              print this\n"
    "\n"
    "SIZE: 64K, 64M, 1G (4096B: bytes); AGE: 90s, 15m, 12h, 7d; N: no unit.\n"
    "exit: 0 all stored, 1 not all, 2 not understood, 128 + signal: all that was read whole is stored.\n";

enum option_code {
    LINES,
    NUL,
    PREFIXED,
    CHUNKS,
    RECORD_MOST,
    SYNC,
    ROTATE,
    KEEP,
    COMPRESS,
    METHOD,
    TIMES,
    NO_TIMES,
    CHAIN,
    TEE,
    PRINT_SEQUENCE,
    VERBOSE,
    QUIET
};

static const struct option options[] = {
    {"lines", no_argument, NULL, LINES},
    {"null", no_argument, NULL, NUL},
    {"length-prefixed", no_argument, NULL, PREFIXED},
    {"chunks", required_argument, NULL, CHUNKS},
    {"record-most", required_argument, NULL, RECORD_MOST},
    {"sync", required_argument, NULL, SYNC},
    {"rotate", required_argument, NULL, ROTATE},
    {"keep", required_argument, NULL, KEEP},
    {"compress", required_argument, NULL, COMPRESS},
    {"method", required_argument, NULL, METHOD},
    {"times", no_argument, NULL, TIMES},
    {"no-times", no_argument, NULL, NO_TIMES},
    {"chain", no_argument, NULL, CHAIN},
    {"tee", no_argument, NULL, TEE},
    {"print-sequence", no_argument, NULL, PRINT_SEQUENCE},
    {"verbose", no_argument, NULL, VERBOSE},
    {"quiet", no_argument, NULL, QUIET},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#define RECORD_MOST_BYTES (UINT64_C(1) << 30)
#define SEGMENT_DEFAULT (UINT64_C(64) << 20)
#define SEGMENT_OVER (UINT64_C(32) << 10)
#define ROTATE_LEAST (UINT64_C(64) << 10)
#define ROTATE_MOST (UINT64_C(1) << 40)
#define BLOCK_DEFAULT (UINT64_C(256) << 10)
#define PAGE UINT64_C(4096)
#define AGE_MOST_MS (UINT64_C(10000) * 366 * 24 * 3600 * 1000)
enum { INTERVAL_MOST_MS = 3600 * 1000 };

static int take_framing(struct input *input, enum input_framing framing)
{
    input->framing = framing;
    return EXIT_DONE;
}

static int take_chunks(struct input *input, const char *text)
{
    uint64_t bytes;
    if (!log_parse_bytes(text, &bytes) || bytes < 1 || bytes > RECORD_MOST_BYTES)
        return COMPLAIN("--chunks takes 1 to 1G bytes, like 4096 or 64K, not \"%s\"", text);
    input->chunk = bytes;
    return take_framing(input, INPUT_CHUNKS);
}

static int take_record_most(struct append_request *append, const char *text)
{
    uint64_t bytes;
    if (!log_parse_bytes(text, &bytes) || bytes < 1 || bytes > RECORD_MOST_BYTES)
        return COMPLAIN("--record-most takes 1 to 1G bytes, like 256K, not \"%s\"", text);
    append->input.record_most = bytes;
    return EXIT_DONE;
}

static int take_sync(struct append_request *append, const char *text)
{
    static const char *const names[] = {
        [APPEND_EACH] = "each", [APPEND_BATCH] = "batch", [APPEND_END] = "end", [APPEND_NONE] = "none"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i] && strcmp(text, names[i]) == 0) {
            append->sync = (enum append_sync)i;
            append->log.sync_policy = i == APPEND_NONE ? QUIRE_SYNC_NONE : QUIRE_SYNC_REQUEST;
            append->log.sync_interval_ms = 0;
            return EXIT_DONE;
        }
    uint64_t interval;
    if (strncmp(text, "interval:", 9) != 0 || !log_parse_sequence(text + 9, &interval) || interval > INTERVAL_MOST_MS)
        return COMPLAIN("--sync takes each, batch, interval:MS (1 to %d), end or none, not \"%s\"", INTERVAL_MOST_MS,
                        text);
    append->sync = APPEND_INTERVAL;
    append->log.sync_policy = QUIRE_SYNC_INTERVAL;
    append->log.sync_interval_ms = (uint32_t)interval;
    return EXIT_DONE;
}

/* Blocks are to be small beside their segment. */
static int take_rotate(struct quire_log_options *log, const char *text)
{
    uint64_t value;
    enum log_unit unit;
    if (log_parse_quantity(text, &value, &unit) && unit == LOG_TIME && value > 0 && value <= AGE_MOST_MS) {
        log->rotate_ms = value;
        return EXIT_DONE;
    }
    if (!log_parse_quantity(text, &value, &unit) || unit != LOG_BYTES || value < ROTATE_LEAST || value > ROTATE_MOST)
        return COMPLAIN("--rotate takes 64K to 1T, or an age like 12h or 7d, not \"%s\"", text);
    log->segment_bytes = value / PAGE * PAGE;
    log->block_bytes = value / 4 < BLOCK_DEFAULT ? value / 4 / PAGE * PAGE : 0;
    return EXIT_DONE;
}

static int take_keep(struct quire_log_options *log, const char *text)
{
    uint64_t value = 0;
    enum log_unit unit;
    if (!log_parse_quantity(text, &value, &unit) || value == 0 || (unit == LOG_TIME && value > AGE_MOST_MS))
        return COMPLAIN("--keep takes bytes like 10G, an age like 7d, or a number of segments, not \"%s\"", text);
    if (unit == LOG_BYTES)
        log->keep_bytes = value;
    else if (unit == LOG_TIME)
        log->keep_ms = value;
    else
        log->keep_segments = value;
    return EXIT_DONE;
}

static int take_compress(struct quire_log_options *log, const char *text)
{
    uint64_t level = 0;
    bool zstd = strncmp(text, "zstd", 4) == 0, lz4 = strcmp(text, "lz4") == 0;
    bool leveled = zstd && text[4] == ':' && log_parse_sequence(text + 5, &level) && level <= 19;
    if (!lz4 && !leveled && strcmp(text, "zstd") != 0)
        return COMPLAIN("--compress takes zstd, zstd:1 to zstd:19 or lz4, not \"%s\"", text);
    log->codec = lz4 ? QUIRE_CODEC_LZ4 : QUIRE_CODEC_ZSTD;
    log->codec_level = (int32_t)level;
    return EXIT_DONE;
}

static int take_method(struct quire_log_options *log, const char *text)
{
    if (quire_method_parse(text, &log->method) < 0 || log->method == QUIRE_METHOD_STDIO)
        return COMPLAIN("--method takes paged, uring, mmap or write, not \"%s\"", text);
    return EXIT_DONE;
}

static int take_passing(struct append_request *append, enum pass_what what)
{
    if (append->pass != PASS_NOTHING && append->pass != what)
        return COMPLAIN("--tee and --print-sequence would mix on standard output; give one of them");
    append->pass = what;
    return EXIT_DONE;
}

static int take_flag(struct append_request *append, enum option_code code)
{
    switch (code) {
    case TIMES:
        append->log.flags |= QUIRE_LOG_RECORD_TIMES;
        return EXIT_DONE;
    case NO_TIMES:
        append->log.flags &= ~QUIRE_LOG_RECORD_TIMES;
        return EXIT_DONE;
    case CHAIN:
        append->log.flags |= QUIRE_LOG_CHAIN;
        return EXIT_DONE;
    case TEE:
        return take_passing(append, PASS_RECORDS);
    case PRINT_SEQUENCE:
        return take_passing(append, PASS_SEQUENCES);
    case VERBOSE:
        append->verbose = true;
        return EXIT_DONE;
    case QUIET:
        append->quiet = true;
        return EXIT_DONE;
    default:
        return EXIT_USAGE;
    }
}

static int take_option(void *context, int code)
{
    struct append_request *append = context;
    switch ((enum option_code)code) {
    case LINES:
        return take_framing(&append->input, INPUT_LINES);
    case NUL:
        return take_framing(&append->input, INPUT_NULL);
    case PREFIXED:
        return take_framing(&append->input, INPUT_PREFIXED);
    case CHUNKS:
        return take_chunks(&append->input, optarg);
    case RECORD_MOST:
        return take_record_most(append, optarg);
    case SYNC:
        return take_sync(append, optarg);
    case ROTATE:
        return take_rotate(&append->log, optarg);
    case KEEP:
        return take_keep(&append->log, optarg);
    case COMPRESS:
        return take_compress(&append->log, optarg);
    case METHOD:
        return take_method(&append->log, optarg);
    default:
        return take_flag(append, (enum option_code)code);
    }
}

/* A record lies in one segment, beside that segment's own pages. */
static int fit_segment(struct append_request *append)
{
    struct input *input = &append->input;
    uint64_t segment = append->log.segment_bytes, wanted = input->record_most ? input->record_most : input->chunk;
    if (segment && wanted > segment - SEGMENT_OVER)
        return COMPLAIN(
            "a record of --record-most or --chunks has no room in a segment of --rotate; make those larger");
    if (!segment && wanted > SEGMENT_DEFAULT - SEGMENT_OVER)
        append->log.segment_bytes = segment = (wanted + SEGMENT_OVER + PAGE - 1) / PAGE * PAGE;
    if (!wanted)
        wanted = (segment ? segment : SEGMENT_DEFAULT) - SEGMENT_OVER;
    if (!input->record_most)
        input->record_most = wanted < RECORD_MOST_BYTES ? wanted : RECORD_MOST_BYTES;
    return EXIT_DONE;
}

/* What options mean together. */
static int check_request(struct append_request *append)
{
    struct input *input = &append->input;
    if (append->pass != PASS_NOTHING && append->sync == APPEND_END)
        return COMPLAIN("with --sync end nothing could be passed on before the end; take each, batch or interval:MS");
    if (append->quiet && append->verbose)
        return COMPLAIN("--quiet and --verbose exclude each other; give one of them");
    if (input->framing == INPUT_CHUNKS)
        input->record_most = 0;
    return fit_segment(append);
}

int command_append(int argc, char **argv)
{
    struct append_request append = {.sync = APPEND_INTERVAL,
                                    .log = {.size = sizeof(struct quire_log_options),
                                            .flags = QUIRE_LOG_RECORD_TIMES,
                                            .sync_policy = QUIRE_SYNC_INTERVAL,
                                            .sync_interval_ms = 1000}};
    int rc;
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .directory = &append.directory, .take = take_option};
    if (!command_take_line(&taken, argc, argv, &append, &rc))
        return rc;
    rc = check_request(&append);
    return rc == EXIT_DONE ? append_run(&append) : rc;
}
