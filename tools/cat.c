/* quire cat: prints the records of a log, or a range of them.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "arguments.h"
#include "command.h"
#include "log_numbers.h"
#include "log_times.h"
#include "log_view.h"
#include "log_words.h"

#define NAME "quire cat"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire cat [OPTION...] DIR\n"
    "Prints the records of the log in DIR on standard output. A writer may be at work meanwhile.\n"
    "\n"
    "  --format FORMAT  lines: each record and a newline (default); raw: the bytes as they are;\n"
    "                   json: an object a line, with sequence, time, length, and data, or base64 for\n"
    "                   what is not UTF-8; hex: as hexdump -C; record: a time of 8 bytes in nanoseconds\n"
    "                   (little-endian), a level of 1 and a message, as \"TIME LEVEL MESSAGE\"; bytes: what\n"
    "                   was written to a file of `quire mount --mode log` (default for its records)\n"
    "  --from SEQUENCE  begin with this record\n"
    "  --to SEQUENCE    end with this one\n"
    "  --since TIME     begin with the first record that is not older\n"
    "  --until TIME     end with the last one that is not younger\n"
    "  --reverse        the last record first\n"
    "  -n N             at most so many records\n"
    "  --durable        only what is known to be safe from a power cut\n"
    "  --gaps           go on past damage; say on standard error what is missing, and exit 1\n"
    "  --help           print this\n"
    "\n"
    "TIME: 2026-11-24, \"2026-11-24 15:30[:05]\" (of TZ), 2026-11-24T15:30:05Z, @SECONDS, -5m, -1h, -7d.\n"
    "exit: 0 done, 1 failed or damaged, 2 not understood.\n";

enum option_code { FORMAT, FROM, TO, SINCE, UNTIL, REVERSE, DURABLE, GAPS, MOST = 'n' };

static const struct option options[] = {
    {"format", required_argument, NULL, FORMAT},
    {"from", required_argument, NULL, FROM},
    {"to", required_argument, NULL, TO},
    {"since", required_argument, NULL, SINCE},
    {"until", required_argument, NULL, UNTIL},
    {"reverse", no_argument, NULL, REVERSE},
    {"number", required_argument, NULL, MOST},
    {"durable", no_argument, NULL, DURABLE},
    {"gaps", no_argument, NULL, GAPS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct log_view view;
    uint64_t from, to;     /* sequences: 1 and UINT64_MAX where they are not given */
    uint64_t since, until; /* times: 0 and UINT64_MAX */
    uint64_t most;
    bool reverse;
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case FORMAT:
        request->view.print = record_format_find(NAME, optarg);
        return request->view.print ? EXIT_DONE : EXIT_USAGE;
    case FROM:
        return log_take_sequence(NAME, "--from", optarg, &request->from);
    case TO:
        return log_take_sequence(NAME, "--to", optarg, &request->to);
    case SINCE:
        return log_take_time(NAME, "--since", optarg, &request->since);
    case UNTIL:
        return log_take_time(NAME, "--until", optarg, &request->until);
    case MOST:
        return log_take_sequence(NAME, "-n", optarg, &request->most);
    case REVERSE:
        request->reverse = true;
        return EXIT_DONE;
    case DURABLE:
        request->view.flags |= QUIRE_READ_DURABLE;
        return EXIT_DONE;
    case GAPS:
        request->view.flags |= QUIRE_READ_GAPS;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

static int check_request(const struct request *request)
{
    if (request->from > request->to)
        return COMPLAIN("--from %" PRIu64 " lies behind --to %" PRIu64, request->from, request->to);
    if (request->since > request->until)
        return COMPLAIN("--since lies behind --until");
    return EXIT_DONE;
}

static int complain_of_seek(struct request *request, int rc)
{
    int said = log_complain_of_seek(NAME, request->view.reader, request->from, rc);
    return said ? said : log_view_complain(&request->view, rc);
}

/* Before the first record to be printed, or near it: what is not wanted is passed over. */
static int seek_first(struct request *request)
{
    int rc = 0;
    if (request->from > 1)
        rc = quire_reader_seek_sequence(request->view.reader, request->from);
    else if (request->since > 0)
        rc = quire_reader_seek_time(request->view.reader, request->since);
    return rc < 0 ? complain_of_seek(request, rc) : EXIT_DONE;
}

static int seek_last(struct request *request)
{
    quire_reader *reader = request->view.reader;
    int rc = QUIRE_E_RANGE;
    if (request->to < UINT64_MAX)
        rc = quire_reader_seek_sequence(reader, request->to + 1);
    else if (request->until < UINT64_MAX)
        rc = quire_reader_seek_time(reader, request->until + 1);
    if (rc == QUIRE_E_RANGE)
        rc = quire_reader_seek_end(reader);
    /* All of them were trimmed: none is left. */
    if (rc == QUIRE_E_TRIMMED)
        rc = quire_reader_seek_begin(reader);
    return rc < 0 ? log_view_complain(&request->view, rc) : EXIT_DONE;
}

static inline bool is_wanted(const struct request *request, const struct quire_record *record)
{
    uint64_t last = record->sequence + (record->kind == QUIRE_RECORD_GAP ? record->lost - 1 : 0);
    return last >= request->from && record->sequence <= request->to && record->time >= request->since &&
           record->time <= request->until;
}

/* Behind the last record that is wanted, in the direction of printing. */
static inline bool is_past(const struct request *request, const struct quire_record *record)
{
    return request->reverse ? record->sequence < request->from || record->time < request->since
                            : record->sequence > request->to || record->time > request->until;
}

static inline bool is_of_byte_file(const struct request *request, const struct quire_record *record)
{
    record_print *print = request->view.print;
    return print ? print == record_print_bytes
                 : record->kind == QUIRE_RECORD_DATA && record_format_for(record) == record_print_bytes;
}

static int print_range(struct request *request)
{
    struct log_view *view = &request->view;
    int (*step)(quire_reader *, struct quire_record *) = request->reverse ? quire_reader_previous : quire_reader_next;
    struct quire_record record;
    uint64_t left = request->most;
    int rc = 0;
    while (left > 0 && view->out.code == 0 && (rc = step(view->reader, &record)) == 1) {
        if (is_past(request, &record))
            break;
        if (request->reverse && is_of_byte_file(request, &record))
            return COMPLAIN("\"%s\" keeps a file of bytes, which has no records to be reversed; --format raw has its "
                            "pieces",
                            view->directory);
        if (!is_wanted(request, &record))
            continue;
        log_view_show(view, &record);
        left--;
    }
    return rc < 0 ? log_view_complain(view, rc) : EXIT_DONE;
}

static int print_records(struct request *request)
{
    int rc = log_view_open(&request->view);
    if (rc != EXIT_DONE)
        return rc;
    rc = request->reverse ? seek_last(request) : seek_first(request);
    if (rc == EXIT_DONE)
        rc = print_range(request);
    return log_view_close(&request->view, rc);
}

int command_cat(int argc, char **argv)
{
    struct request request = {
        .view = {.command = NAME}, .from = 1, .to = UINT64_MAX, .until = UINT64_MAX, .most = UINT64_MAX};
    int rc;
    const struct command_options taken = {.command = NAME,
                                          .help = help,
                                          .options = options,
                                          .letters = "n:",
                                          .directory = &request.view.directory,
                                          .take = take_option};
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    rc = check_request(&request);
    return rc == EXIT_DONE ? print_records(&request) : rc;
}
