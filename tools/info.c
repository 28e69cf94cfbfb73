/* quire info: what a log is and what is in it, by the headers of its blocks; or what a mount is and what it has done.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "info_print.h"
#include "log_words.h"
#include "mount/table.h"
#include "mount_view.h"
#include "record_out.h"

#define NAME "quire info"

static const char help[] =
    "usage: quire info [OPTION...] DIR\n"
    "Prints what the log in DIR is and what is in it: its id, its segments, the range of its sequences\n"
    "and times, bytes, how far it is known to be durable, and whether a writer has it open. Reads the\n"
    "headers of blocks, not the records; `quire verify` checks everything. If DIR is where `quire mount`\n"
    "mounted: what the mount is, and what it has done.\n"
    "\n"
    "  --segments  a line for each segment too\n"
    "  --json      one JSON object, with its segments\n"
    "  --help      print this\n"
    "\n"
    "exit: 0 done, 1 failed, 2 not understood.\n";

enum option_code { SEGMENTS, JSON };

static const struct option options[] = {
    {"segments", no_argument, NULL, SEGMENTS},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *directory;
    bool segments, json;
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case SEGMENTS:
        request->segments = true;
        return EXIT_DONE;
    case JSON:
        request->json = true;
        return command_check_json(NAME);
    }
    return EXIT_USAGE;
}

static int keep_segment(void *context, const struct quire_segment_info *segment)
{
    struct info *info = context;
    if (info->count == info->capacity) {
        size_t capacity = info->capacity ? 2 * info->capacity : 64;
        struct quire_segment_info *more = realloc(info->segments, capacity * sizeof *more);
        if (!more)
            return -ENOMEM;
        info->segments = more;
        info->capacity = capacity;
    }
    info->segments[info->count++] = *segment;
    return 0;
}

static int print_info(const struct request *request)
{
    struct info info = {.directory = request->directory, .log = {.size = sizeof info.log}};
    int rc = quire_inspect(request->directory, keep_segment, &info, &info.log);
    if (rc < 0)
        rc = log_complain(NAME, request->directory, rc, NULL);
    else if (!request->json)
        info_print(&info, request->segments, stdout);
    else if (info_print_json(&info, stdout) < 0)
        rc = command_complain(NAME, EXIT_FAILED, "the JSON could not be written");
    free(info.segments);
    return rc;
}

/* -1: this is no mount of quire's. Else an exit code. */
static int print_mount(const struct request *request)
{
    char path[PATH_MAX];
    int rc = EXIT_DONE;
    if (mount_view_path(request->directory, path) < 0 || !table_is_mount(path))
        return -1;
    char *text = mount_view_read(path);
    if (!text && (errno == ENOTCONN || errno == ECONNABORTED))
        return command_complain(NAME, EXIT_FAILED,
                                "%s is a dead mount, whose daemon was killed; `quire umount %s` takes it away", path,
                                path);
    if (!text)
        return command_complain(NAME, EXIT_FAILED, "the mount at %s does not answer: %s", path, strerror(errno));
    if (!request->json)
        mount_view_print(text, stdout);
    else if (mount_view_print_json(text, stdout) < 0)
        rc = command_complain(NAME, EXIT_FAILED, "the JSON could not be written");
    free(text);
    return rc;
}

int command_info(int argc, char **argv)
{
    struct request request = {.directory = NULL};
    int rc;
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .directory = &request.directory, .take = take_option};
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    rc = print_mount(&request);
    return rc < 0 ? print_info(&request) : rc;
}
