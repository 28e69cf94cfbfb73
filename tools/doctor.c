/* quire doctor: reads the command line; the doctor does the rest.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "command.h"
#include "doctor/doctor.h"
#include "output.h"
#include "report/report.h"

#define COMPLAIN(...) command_complain("quire doctor", EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire doctor [OPTION...] [DIR]\n"
    "Looks at where you want to append (default: .), tries it for a few seconds, and says what it found,\n"
    "what that means, what to change and how, and which options of quire fit. It changes nothing.\n"
    "\n"
    "  --no-probe      only look, try nothing\n"
    "  --seconds N     try for about so long, 1 to 600 (default: 4)\n"
    "  --strict        exit 1 if there is a problem\n"
    "  --json FILE     write it as JSON too; -: JSON on stdout, and no text\n"
    "  --help          print this\n";

enum option_code { NO_PROBE, SECONDS, STRICT, JSON };

static const struct option options[] = {
    {"no-probe", no_argument, NULL, NO_PROBE}, {"seconds", required_argument, NULL, SECONDS},
    {"strict", no_argument, NULL, STRICT},     {"json", required_argument, NULL, JSON},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

struct request {
    struct bench_doctor_settings settings;
    const char *json;
    int argc;
    char **argv;
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    unsigned seconds;
    int rc;
    switch ((enum option_code)code) {
    case NO_PROBE:
        request->settings.seconds = 0;
        return EXIT_DONE;
    case SECONDS:
        rc = command_take_number("quire doctor", "--seconds", optarg, 1, 600, &seconds);
        if (rc == EXIT_DONE)
            request->settings.seconds = seconds;
        return rc;
    case STRICT:
        request->settings.strict = true;
        return EXIT_DONE;
    case JSON:
        request->json = optarg;
        return command_check_json("quire doctor");
    }
    return EXIT_USAGE;
}

/* A second directory is refused even where --help is given. */
static int take_directory(void *context)
{
    struct request *request = context;
    if (optind < request->argc)
        request->settings.directory = request->argv[optind++];
    return optind < request->argc
               ? COMPLAIN("one directory at a time, and \"%s\" is a second one", request->argv[optind])
               : EXIT_DONE;
}

static int check_directory(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    else if (stat(path, &st) == 0)
        return EXIT_DONE;
    return COMPLAIN("cannot look at \"%s\": %s", path, strerror(errno));
}

int command_doctor(int argc, char **argv)
{
    struct request request = {.settings = {.directory = ".", .seconds = 4}, .argc = argc, .argv = argv};
    struct command_output json = {.file = NULL};
    static const struct command_options taken = {.command = "quire doctor",
                                                 .help = help,
                                                 .options = options,
                                                 .operands = true,
                                                 .check = take_directory,
                                                 .take = take_option};
    int rc;
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    rc = check_directory(request.settings.directory);
    if (rc == EXIT_DONE && request.json)
        rc = command_output_open(&json, "quire doctor", "--json", request.json);
    if (rc != EXIT_DONE)
        return rc;
    rc = bench_doctor(&request.settings, json.file == stdout ? NULL : stdout, json.file);
    return json.file ? command_output_close(&json, rc) : rc;
}
