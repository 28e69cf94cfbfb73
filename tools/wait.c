/* quire wait: returns when a record is durable.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "arguments.h"
#include "base/cost.h"
#include "command.h"
#include "log_numbers.h"
#include "log_words.h"

#include <quire/reader.h>

#define NAME "quire wait"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire wait --durable SEQUENCE [OPTION...] DIR\n"
    "Returns when that record of the log in DIR, and all before it, are known to be safe from a power\n"
    "cut. It may be one that is still to be appended.\n"
    "\n"
    "  --durable SEQUENCE  which\n"
    "  --timeout TIME      give up after so long: 500ms, 30s, 5m (default: never); 0s: only ask\n"
    "  --help              print this\n"
    "\n"
    "exit: 0 it is durable, 1 not in time, or failed, 2 not understood.\n";

enum option_code { DURABLE, TIMEOUT };

/* The longest sleep: a reader is woken, but one that lost its writer might not be. */
enum { LOOK_MS = 1000 };

static const struct option options[] = {
    {"durable", required_argument, NULL, DURABLE},
    {"timeout", required_argument, NULL, TIMEOUT},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *directory;
    uint64_t sequence, timeout_ms;
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case DURABLE:
        return log_take_sequence(NAME, "--durable", optarg, &request->sequence);
    case TIMEOUT:
        return log_parse_age(optarg, &request->timeout_ms)
                   ? EXIT_DONE
                   : COMPLAIN("--timeout takes a time with its unit, like 500ms, 30s or 5m, not \"%s\"", optarg);
    }
    return EXIT_USAGE;
}

static uint64_t now_ms(void)
{
    return bench_now_ns() / 1000000;
}

static int wait_durable(quire_reader *reader, const struct request *request, uint64_t *durable)
{
    uint64_t begin = now_ms();
    for (;;) {
        struct quire_watermarks marks = {0};
        /* Whatever has become durable meanwhile lies behind: only what is new wakes. */
        int rc = quire_reader_seek_end(reader);
        if (rc == 0)
            rc = quire_reader_watermarks(reader, &marks);
        if (rc < 0)
            return rc;
        *durable = marks.durable;
        uint64_t waited = now_ms() - begin;
        if (marks.durable >= request->sequence || waited >= request->timeout_ms)
            return 0;
        uint64_t left = request->timeout_ms - waited;
        rc = quire_reader_wait(reader, left < LOOK_MS ? (int)left : LOOK_MS);
        if (rc < 0 && rc != -EINTR)
            return rc;
    }
}

static int wait_for_record(const struct request *request)
{
    struct quire_damage damage = {0};
    struct quire_reader_options how = {.size = sizeof how, .flags = QUIRE_READ_DURABLE, .damage = &damage};
    quire_reader *reader;
    uint64_t durable = 0;
    int rc = quire_reader_open(request->directory, &how, &reader);
    if (rc < 0)
        return log_complain(NAME, request->directory, rc, &damage);
    rc = wait_durable(reader, request, &durable);
    if (rc < 0)
        rc = log_complain(NAME, request->directory, rc, &damage);
    else if (durable < request->sequence)
        rc = command_complain(NAME, EXIT_FAILED, "record %" PRIu64 " is not durable yet: the log is so up to %" PRIu64,
                              request->sequence, durable);
    int closed = quire_reader_close(reader);
    return rc == EXIT_DONE && closed < 0 ? log_complain(NAME, request->directory, closed, NULL) : rc;
}

int command_wait(int argc, char **argv)
{
    struct request request = {.timeout_ms = UINT64_MAX};
    int rc;
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .directory = &request.directory, .take = take_option};
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    if (request.sequence == 0)
        return COMPLAIN("--durable SEQUENCE is missing: what is to be waited for; see `quire wait --help`");
    return wait_for_record(&request);
}
