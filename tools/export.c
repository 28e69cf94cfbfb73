/* quire export: a log as Parquet, for programs that ask questions of many records.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "base/stop.h"
#include "command.h"
#include "export/compress.h"
#include "export_job.h"
#include "log_numbers.h"
#include "log_times.h"

#define COMPLAIN(...) command_complain(EXPORT_NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire export --parquet [OPTION...] DIR OUT\n"
    "Writes the records of the log in DIR to the Parquet file OUT. A writer may be at work meanwhile.\n"
    "\n"
    "  --format FORMAT      whole: a record is a payload; record: a time, a level and a message, as\n"
    "                       quire cat has it; lines: the lines of a file that quire mount keeps\n"
    "                       (default: lines where the first record is a piece of such a file, else whole)\n"
    "  --fields LIST        columns from JSON records: [NAME=]PATH[:int|double|string|bool],...\n"
    "                       auto: those of the first 1000 records\n"
    "  --level-field PATH   the same for one column, level\n"
    "  --payload KIND       text (default): a column of text, one of bytes for what is not UTF-8;\n"
    "                       bytes: one of bytes; none\n"
    "  --from, --to SEQUENCE; --since, --until TIME; --durable    as of quire cat\n"
    "  --gaps               go on past damage; say on standard error what is missing, and exit 1\n"
    "  --compress HOW       zstd[:LEVEL] (default zstd:1), or none\n"
    "  --row-group SIZE     end a row group at so many bytes (128M) or rows (1000000)\n"
    "  --segments           OUT is a directory: a file for each sealed segment not there yet; prints each\n"
    "  --follow             with --segments: stay, and do so when one is sealed, until SIGINT or SIGTERM\n"
    "  --force              replace OUT\n"
    "  --json               print what was written as a JSON object\n"
    "  --help               print this\n"
    "\n"
    "OUT appears when it is whole, and never before. exit: 0 done, 1 failed or damaged, 2 not\n"
    "understood, 128 + signal.\n";

enum option_code {
    PARQUET,
    FORMAT,
    FIELDS,
    LEVEL_FIELD,
    PAYLOAD,
    FROM,
    TO,
    SINCE,
    UNTIL,
    DURABLE,
    GAPS,
    COMPRESS,
    ROW_GROUP,
    SEGMENTS,
    FOLLOW,
    FORCE,
    JSON
};

static const struct option options[] = {
    {"parquet", no_argument, NULL, PARQUET},
    {"format", required_argument, NULL, FORMAT},
    {"fields", required_argument, NULL, FIELDS},
    {"level-field", required_argument, NULL, LEVEL_FIELD},
    {"payload", required_argument, NULL, PAYLOAD},
    {"from", required_argument, NULL, FROM},
    {"to", required_argument, NULL, TO},
    {"since", required_argument, NULL, SINCE},
    {"until", required_argument, NULL, UNTIL},
    {"durable", no_argument, NULL, DURABLE},
    {"gaps", no_argument, NULL, GAPS},
    {"compress", required_argument, NULL, COMPRESS},
    {"row-group", required_argument, NULL, ROW_GROUP},
    {"segments", no_argument, NULL, SEGMENTS},
    {"follow", no_argument, NULL, FOLLOW},
    {"force", no_argument, NULL, FORCE},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Measured: see docs/export.md. */
enum { ZSTD_LEVEL = 1 };

/* A row group is held in memory, compressed: more than this is nobody's wish. */
static const uint64_t group_rows = 1000000, group_bytes = UINT64_C(128) << 20, group_bytes_most = UINT64_C(1) << 30;

struct request {
    struct export_job job;
    bool parquet;
};

static int take_word(const char *option, const char *const *words, int count, int *which)
{
    char all[128] = "";
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], optarg) == 0) {
            *which = i;
            return EXIT_DONE;
        }
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s",
                 i == 0          ? ""
                 : i + 1 < count ? ", "
                                 : " or ",
                 words[i]);
    }
    return COMPLAIN("%s takes %s, not \"%s\"", option, all, optarg);
}

static int take_format(struct export_job *job)
{
    static const char *const words[] = {"whole", "record", "lines"};
    int which = 0;
    if (take_word("--format", words, 3, &which) != EXIT_DONE)
        return EXIT_USAGE;
    job->rows.format = (enum export_format)which;
    job->format_given = true;
    return EXIT_DONE;
}

static int take_payload(struct export_job *job)
{
    static const char *const words[] = {"text", "bytes", "none"};
    int which = 0;
    if (take_word("--payload", words, 3, &which) != EXIT_DONE)
        return EXIT_USAGE;
    job->rows.payload = (enum export_payload)which;
    return EXIT_DONE;
}

static int complain_of_field(const char *option, const char *where, int rc)
{
    int length = (int)strcspn(where, ",");
    switch (rc) {
    case -EEXIST:
        return COMPLAIN("%s: two columns cannot have one name: \"%.*s\"; NAME=PATH gives another", option, length,
                        where);
    case -E2BIG:
        return COMPLAIN("%s takes at most %d fields", option, FIELDS_MOST);
    case -ENAMETOOLONG:
        return COMPLAIN("%s takes names of at most %d bytes", option, FIELD_NAME_MOST);
    case -EINVAL:
        return COMPLAIN("%s takes [NAME=]PATH[:TYPE], TYPE being int, double, string or bool, not \"%.*s\"", option,
                        length, where);
    }
    return COMPLAIN("%s: %s", option, quire_strerror(rc));
}

static int take_fields(struct export_job *job)
{
    const char *wrong = optarg;
    if (strcmp(optarg, "auto") == 0) {
        job->guess_fields = true;
        return EXIT_DONE;
    }
    int rc = export_field_list(&job->rows.fields, optarg, &wrong);
    return rc < 0 ? complain_of_field("--fields", wrong, rc) : EXIT_DONE;
}

static int take_level_field(struct export_job *job)
{
    int rc = *optarg ? export_fields_add(&job->rows.fields, "level", optarg, EXPORT_TEXT) : -EINVAL;
    return rc < 0 ? complain_of_field("--level-field", optarg, rc) : EXIT_DONE;
}

static int take_compress(struct export_job *job)
{
    uint64_t level = ZSTD_LEVEL;
    job->zstd = 0;
    if (strcmp(optarg, "none") == 0)
        return EXIT_DONE;
    if (strcmp(optarg, "zstd") != 0 && (strncmp(optarg, "zstd:", 5) != 0 || !log_parse_sequence(optarg + 5, &level)))
        return COMPLAIN("--compress takes zstd, zstd:LEVEL or none, not \"%s\"", optarg);
    if (!export_compress_available())
        return COMPLAIN("--compress zstd is not in this build");
    if (level > (uint64_t)export_compress_level_most())
        return COMPLAIN("--compress zstd has levels 1 to %d", export_compress_level_most());
    job->zstd = (int)level;
    return EXIT_DONE;
}

static int take_row_group(struct export_job *job)
{
    uint64_t value;
    enum log_unit unit;
    if (!log_parse_quantity(optarg, &value, &unit) || unit == LOG_TIME || value == 0)
        return COMPLAIN("--row-group takes a number of rows or a size, not \"%s\"", optarg);
    if (unit == LOG_BYTES && value > group_bytes_most)
        return COMPLAIN("--row-group takes at most 1G: a row group is held in memory");
    if (unit == LOG_BYTES)
        job->group_bytes = value;
    else
        job->group_rows = value;
    return EXIT_DONE;
}

static int take_flag(struct request *request, enum option_code code)
{
    struct export_job *job = &request->job;
    request->parquet |= code == PARQUET;
    job->flags |= code == DURABLE ? QUIRE_READ_DURABLE : code == GAPS ? QUIRE_READ_GAPS : 0;
    job->segments |= code == SEGMENTS;
    job->follow |= code == FOLLOW;
    job->replace |= code == FORCE;
    job->json |= code == JSON;
    return EXIT_DONE;
}

static int take_option(void *context, int code)
{
    struct request *request = context;
    struct export_job *job = &request->job;
    switch ((enum option_code)code) {
    case FORMAT:
        return take_format(job);
    case FIELDS:
        return take_fields(job);
    case LEVEL_FIELD:
        return take_level_field(job);
    case PAYLOAD:
        return take_payload(job);
    case FROM:
        return log_take_sequence(EXPORT_NAME, "--from", optarg, &job->range.from);
    case TO:
        return log_take_sequence(EXPORT_NAME, "--to", optarg, &job->range.to);
    case SINCE:
        return log_take_time(EXPORT_NAME, "--since", optarg, &job->range.since);
    case UNTIL:
        return log_take_time(EXPORT_NAME, "--until", optarg, &job->range.until);
    case COMPRESS:
        return take_compress(job);
    case ROW_GROUP:
        return take_row_group(job);
    case PARQUET:
    case DURABLE:
    case GAPS:
    case SEGMENTS:
    case FOLLOW:
    case FORCE:
    case JSON:
        break;
    }
    return take_flag(request, (enum option_code)code);
}

static int check_range(const struct export_range *range)
{
    if (range->from > range->to)
        return COMPLAIN("--from %" PRIu64 " lies behind --to %" PRIu64, range->from, range->to);
    return range->since > range->until ? COMPLAIN("--since lies behind --until") : EXIT_DONE;
}

static int check_request(const struct request *request)
{
    const struct export_job *job = &request->job;
    const struct export_range *range = &job->range;
    if (!request->parquet)
        return COMPLAIN("--parquet is missing: what to export to");
    if (job->follow && !job->segments)
        return COMPLAIN("--follow goes with --segments");
    if (job->segments && job->guess_fields)
        return COMPLAIN("--fields auto does not go with --segments: their files are to have the same columns");
    if (job->segments && (range->from > 1 || range->to < UINT64_MAX || range->since > 0 || range->until < UINT64_MAX))
        return COMPLAIN("--from, --to, --since and --until do not go with --segments");
    if (job->rows.payload == EXPORT_PAYLOAD_NONE && job->rows.fields.count == 0 && !job->guess_fields)
        return COMPLAIN("--payload none goes with --fields");
    return check_range(range);
}

/* What is missing in what was written, though nothing failed. */
static void print_losses(const struct export_job *job)
{
    if (job->total.lost > 0)
        command_complain(EXPORT_NAME, EXIT_FAILED, "\"%s\": %" PRIu64 " record%s lost", job->directory, job->total.lost,
                         job->total.lost == 1 ? " is" : "s are");
    if (job->total.lost_bytes > 0)
        command_complain(EXPORT_NAME, EXIT_FAILED,
                         "\"%s\": %" PRIu64
                         " bytes of the file are lost: a line ends in front of them, one begins behind",
                         job->directory, job->total.lost_bytes);
    if (job->total.cut > 0)
        command_complain(EXPORT_NAME, EXIT_FAILED, "\"%s\": lines longer than %d MiB were cut %" PRIu64 " times",
                         job->directory, LINE_MOST >> 20, job->total.cut);
}

static void print_json(const struct export_job *job)
{
    printf("{\"schema\": 1, \"files\": %" PRIu64 ", \"rows\": %" PRIu64 ", \"row_groups\": %" PRIu64
           ", \"bytes\": %" PRIu64 ", \"lost\": %" PRIu64 ", \"lost_bytes\": %" PRIu64 ", \"not_json\": %" PRIu64
           ", \"not_text\": %" PRIu64 "}\n",
           job->total.files, job->total.rows, job->total.groups, job->total.bytes, job->total.lost,
           job->total.lost_bytes, job->rows.not_json, job->rows.not_text);
}

static int export_range(struct export_job *job)
{
    int code = export_prepare(job);
    return code == EXIT_DONE ? export_file(job, job->out, &job->range, 0) : code;
}

static int run(struct export_job *job)
{
    bench_stop_install();
    int code = job->segments ? export_segments(job) : export_range(job);
    print_losses(job);
    if (code == EXIT_DONE && job->json)
        print_json(job);
    return code == EXIT_DONE && job->damaged ? EXIT_FAILED : code;
}

int command_export(int argc, char **argv)
{
    struct request request = {.job = {.range = {.from = 1, .to = UINT64_MAX, .until = UINT64_MAX},
                                      .group_rows = group_rows,
                                      .group_bytes = group_bytes,
                                      .zstd = export_compress_available() ? ZSTD_LEVEL : 0}};
    int rc;
    const struct command_options taken = {
        .command = EXPORT_NAME, .help = help, .options = options, .operands = true, .take = take_option};
    if (command_take_line(&taken, argc, argv, &request, &rc)) {
        rc = argc - optind == 2
                 ? check_request(&request)
                 : COMPLAIN("a log's directory and a file to write are wanted; see `quire export --help`");
        request.job.directory = argv[optind];
        request.job.out = rc == EXIT_DONE ? argv[optind + 1] : NULL;
        if (rc == EXIT_DONE)
            rc = run(&request.job);
    }
    export_rows_free(&request.job.rows);
    return rc;
}
