/* quire truncate: takes the newest records of a log away.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include <quire/check.h>

#include "arguments.h"
#include "command.h"
#include "log_numbers.h"
#include "log_words.h"

#define NAME "quire truncate"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire truncate --after SEQUENCE [--apply] DIR\n"
    "Takes away all records of the log in DIR behind that one, for good: the next append gets the\n"
    "sequence after it. Without --apply it only says what would go. No writer may have the log open.\n"
    "\n"
    "  --after SEQUENCE  this record stays, as the last one\n"
    "  --apply           do it; what goes is gone\n"
    "  --help            print this\n"
    "\n"
    "exit: 0 done or said, 1 failed, 2 not understood.\n";

enum option_code { AFTER, APPLY };

static const struct option options[] = {
    {"after", required_argument, NULL, AFTER},
    {"apply", no_argument, NULL, APPLY},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *directory;
    uint64_t sequence;
    bool apply;
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case AFTER:
        return log_take_sequence(NAME, "--after", optarg, &request->sequence);
    case APPLY:
        request->apply = true;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

static int complain_of_sequence(const struct request *request, const struct quire_log_info *info, int rc)
{
    if (rc == QUIRE_E_RANGE && info->last_sequence == 0)
        return command_complain(NAME, EXIT_FAILED, "\"%s\" holds no records", request->directory);
    if (rc == QUIRE_E_RANGE || rc == QUIRE_E_TRIMMED)
        return command_complain(NAME, EXIT_FAILED,
                                "record %" PRIu64 " is not in \"%s\", which holds %" PRIu64 " to %" PRIu64,
                                request->sequence, request->directory, info->first_sequence, info->last_sequence);
    return log_complain(NAME, request->directory, rc, NULL);
}

static int cut_log(const struct request *request)
{
    struct quire_log_info info = {.size = sizeof info};
    int rc = quire_inspect(request->directory, NULL, NULL, &info);
    if (rc == 0 && request->sequence > info.last_sequence)
        rc = QUIRE_E_RANGE;
    if (rc == 0 && request->sequence < info.first_sequence)
        rc = QUIRE_E_TRIMMED;
    uint64_t records = info.last_sequence - request->sequence;
    if (rc == 0 && request->apply)
        rc = quire_truncate(request->directory, request->sequence, &records);
    if (rc < 0)
        return complain_of_sequence(request, &info, rc);
    printf("%" PRIu64 " record%s after record %" PRIu64 " %s\n", records, records == 1 ? "" : "s", request->sequence,
           request->apply ? "gone" : "would go");
    if (!request->apply && records > 0)
        puts("nothing was changed; --apply does it");
    return EXIT_DONE;
}

int command_truncate(int argc, char **argv)
{
    struct request request = {.directory = NULL};
    int rc;
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .directory = &request.directory, .take = take_option};
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    if (request.sequence == 0)
        return COMPLAIN("--after SEQUENCE is missing: the record that stays as the last one");
    return cut_log(&request);
}
