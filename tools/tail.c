/* quire tail: prints the last records of a log, and follows it.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "arguments.h"
#include "command.h"
#include "log_numbers.h"
#include "log_view.h"
#include "tail_bytes.h"

#define NAME "quire tail"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire tail [OPTION...] DIR\n"
    "Prints the last records of the log in DIR on standard output.\n"
    "\n"
    "  -n N             so many (default: 10), or lines of a file of `quire mount --mode log`; 0: none\n"
    "  -f, --follow     then each new record, as soon as the writer hands it to the kernel\n"
    "  --format FORMAT  raw, lines (default), json, hex, record, bytes: see `quire cat --help`\n"
    "  --durable        only what is known to be safe from a power cut\n"
    "  --gaps           go on past damage; say on standard error what is missing, and exit 1\n"
    "  --help           print this\n"
    "\n"
    "exit: 0 done, 1 failed or damaged, 2 not understood; -f ends by a signal (SIGINT).\n";

enum option_code { FORMAT, DURABLE, GAPS, NUMBER = 'n', FOLLOW = 'f' };

static const struct option options[] = {
    {"number", required_argument, NULL, NUMBER},
    {"follow", no_argument, NULL, FOLLOW},
    {"format", required_argument, NULL, FORMAT},
    {"durable", no_argument, NULL, DURABLE},
    {"gaps", no_argument, NULL, GAPS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct log_view view;
    uint64_t number;
    uint64_t next; /* the sequence behind what was printed */
    bool follow;
};

static int take_number(struct request *request)
{
    uint64_t value;
    enum log_unit unit;
    if (!log_parse_quantity(optarg, &value, &unit) || unit != LOG_COUNT)
        return COMPLAIN("-n takes a number, not \"%s\"", optarg);
    request->number = value;
    return EXIT_DONE;
}

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case NUMBER:
        return take_number(request);
    case FOLLOW:
        request->follow = true;
        return EXIT_DONE;
    case FORMAT:
        request->view.print = record_format_find(NAME, optarg);
        return request->view.print ? EXIT_DONE : EXIT_USAGE;
    case DURABLE:
        request->view.flags |= QUIRE_READ_DURABLE;
        return EXIT_DONE;
    case GAPS:
        request->view.flags |= QUIRE_READ_GAPS;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

/* Damage on the way back: the printing begins behind it, after a complaint. */
static int go_back(struct request *request)
{
    struct log_view *view = &request->view;
    struct quire_record record = {.sequence = 0};
    int rc = quire_reader_seek_end(view->reader), code = EXIT_DONE;
    for (uint64_t i = 0; rc >= 0 && i < request->number; i++)
        if ((rc = quire_reader_previous(view->reader, &record)) == 0)
            break;
    if (rc < 0) {
        code = log_view_complain(view, rc);
        rc = record.sequence ? quire_reader_seek_sequence(view->reader, record.sequence)
                             : quire_reader_seek_end(view->reader);
    }
    return rc < 0 ? log_view_complain(view, rc) : code;
}

static void show(struct request *request, const struct quire_record *record)
{
    log_view_show(&request->view, record);
    request->next = record->sequence + (record->kind == QUIRE_RECORD_GAP ? record->lost : 1);
}

static int print_what_is_there(struct request *request)
{
    struct log_view *view = &request->view;
    struct quire_record record;
    int rc = 0;
    while (view->out.code == 0 && (rc = quire_reader_next(view->reader, &record)) == 1)
        show(request, &record);
    return rc;
}

/* Was retention faster than this reader? Then it goes on with what is left: 1. Otherwise code stays what it was. */
static int go_on_behind_trimmed(struct request *request, int code)
{
    struct log_view *view = &request->view;
    struct quire_record first;
    if (quire_reader_seek_begin(view->reader) < 0 || quire_reader_next(view->reader, &first) != 1 ||
        first.sequence <= request->next)
        return code;
    record_out_flush(&view->out);
    command_complain(NAME, EXIT_FAILED, "\"%s\": records %" PRIu64 " to %" PRIu64 " were trimmed before they were read",
                     view->directory, request->next, first.sequence - 1);
    view->lost = true;
    show(request, &first);
    return 1;
}

static int follow(struct request *request)
{
    struct log_view *view = &request->view;
    int rc = 0;
    while (rc >= 0 && record_out_flush(&view->out) == 0) {
        rc = quire_reader_wait(view->reader, -1);
        if (rc >= 0 || rc == -EINTR)
            rc = print_what_is_there(request);
        struct quire_damage damage = view->damage;
        if (rc == QUIRE_E_TRIMMED || rc == QUIRE_E_MISSING)
            rc = go_on_behind_trimmed(request, rc);
        if (rc < 0)
            view->damage = damage;
    }
    return rc < 0 ? log_view_complain(view, rc) : EXIT_DONE;
}

/* Its records are pieces of a file, and lines are what that has. */
static bool is_byte_file(struct request *request)
{
    struct quire_record record;
    quire_reader *reader = request->view.reader;
    bool is = quire_reader_next(reader, &record) == 1 && record.kind == QUIRE_RECORD_DATA &&
              record_format_for(&record) == record_print_bytes;
    return quire_reader_seek_begin(reader) == 0 && is;
}

static int print_lines(const struct request *request)
{
    return tail_bytes_print(&(struct tail_bytes){
        .command = NAME, .directory = request->view.directory, .lines = request->number, .follow = request->follow});
}

static int print_records(struct request *request)
{
    struct log_view *view = &request->view;
    int code = log_view_open(view);
    if (code != EXIT_DONE)
        return code;
    if (!view->print && view->flags == 0 && is_byte_file(request)) {
        log_view_close(view, EXIT_DONE); /* nothing was printed */
        return print_lines(request);
    }
    code = go_back(request);
    int rc = print_what_is_there(request);
    if (rc < 0)
        code = log_view_complain(view, rc);
    else if (request->follow)
        code = follow(request);
    return log_view_close(view, code);
}

int command_tail(int argc, char **argv)
{
    struct request request = {.view = {.command = NAME}, .number = 10};
    int rc;
    const struct command_options taken = {.command = NAME,
                                          .help = help,
                                          .options = options,
                                          .letters = "n:f",
                                          .directory = &request.view.directory,
                                          .take = take_option};
    return command_take_line(&taken, argc, argv, &request, &rc) ? print_records(&request) : rc;
}
