/* quire repair: what would make a damaged log whole again, and doing it.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include <quire/check.h>

#include "arguments.h"
#include "command.h"
#include "log_words.h"

#define NAME "quire repair"

static const char help[] =
    "usage: quire repair [--apply] DIR\n"
    "Prints what would make the log in DIR whole again, so that it can be read to its end and appended\n"
    "to. Nothing is changed without --apply. Nothing is ever deleted: what is taken out is kept aside in\n"
    "DIR, in files that end in .torn, and is safe there before anything else changes. Records that cannot\n"
    "be read are declared lost; all others stay as they are.\n"
    "\n"
    "  --apply  do it\n"
    "  --help   print this\n"
    "\n"
    "exit: 0 nothing to do, or done; 1 there is something to do (without --apply), or it failed;\n"
    "2 not understood.\n";

enum option_code { APPLY };

static const struct option options[] = {
    {"apply", no_argument, NULL, APPLY},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *directory;
    bool apply;
    uint64_t records; /* given up by the steps so far */
    uint64_t bytes;   /* and kept aside */
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case APPLY:
        request->apply = true;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

static const char *what_is_done(uint32_t kind)
{
    switch ((enum quire_repair_kind)kind) {
    case QUIRE_REPAIR_CUT_TAIL:
        return "cut off the torn tail";
    case QUIRE_REPAIR_DECLARE_GAP:
        return "put a gap record in the place of damaged blocks";
    case QUIRE_REPAIR_SET_ASIDE:
        return "set the segment aside: it cannot be read at all";
    case QUIRE_REPAIR_DECLARE_MISSING:
        return "make a segment of one gap record for the one that is missing";
    case QUIRE_REPAIR_RENEW_FOOTER:
        return "write the footer again: it does not fit the blocks in front of it";
    }
    return "something that this version of the command has no words for";
}

static int print_step(void *context, const struct quire_repair_step *step)
{
    struct request *request = context;
    printf("segment %" PRIu64 ", offset %" PRIu64 ": %s; ", step->segment, step->offset, what_is_done(step->kind));
    if (step->bytes > 0)
        printf("%" PRIu64 " bytes are kept aside in a .torn file, ", step->bytes);
    if (step->first_sequence == 0)
        puts("no record that was acknowledged is given up");
    else if (step->first_sequence == step->last_sequence)
        printf("record %" PRIu64 " is given up\n", step->first_sequence);
    else
        printf("records %" PRIu64 " to %" PRIu64 " are given up\n", step->first_sequence, step->last_sequence);
    request->bytes += step->bytes;
    request->records += step->first_sequence ? step->last_sequence - step->first_sequence + 1 : 0;
    return 0;
}

static int repair(struct request *request)
{
    uint64_t steps = 0;
    int rc = quire_repair(request->directory, request->apply, print_step, request, &steps);
    if (rc < 0)
        return log_complain(NAME, request->directory, rc, NULL);
    if (steps == 0) {
        puts("whole: there is nothing to repair");
        return EXIT_DONE;
    }
    printf("%" PRIu64 " step%s %s: %" PRIu64 " records given up, %" PRIu64 " bytes kept aside in \"%s\"\n", steps,
           steps == 1 ? "" : "s", request->apply ? "done" : "planned", request->records, request->bytes,
           request->directory);
    if (request->apply)
        return EXIT_DONE;
    printf("nothing was changed; `quire repair --apply %s` does it\n", request->directory);
    return EXIT_FAILED;
}

int command_repair(int argc, char **argv)
{
    struct request request = {.apply = false};
    int rc;
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .directory = &request.directory, .take = take_option};
    return command_take_line(&taken, argc, argv, &request, &rc) ? repair(&request) : rc;
}
