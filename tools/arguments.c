/* What reading a command line is for every subcommand alike. See arguments.h.
 *
 * SPDX-License-Identifier: MIT */
#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

static int code_of(const struct command_options *options, int code)
{
    switch (code) {
    case 'h':
        return options->help;
    case 'n':
        return options->number;
    case 'f':
        return options->follow;
    default:
        return code;
    }
}

int command_take_options(const struct command_options *options, int argc, char **argv, void *request)
{
    const char *command = options->command;
    char letters[16];
    snprintf(letters, sizeof letters, "%s:h%s", options->operands ? "" : "+", options->letters ? options->letters : "");
    int code, rc = EXIT_DONE;
    opterr = 0;
    while (rc == EXIT_DONE && (code = getopt_long(argc, argv, letters, options->options, NULL)) != -1) {
        if (code == ':')
            rc = command_complain(command, EXIT_USAGE, "%s needs a value; see `%s --help`", argv[optind - 1], command);
        else if (code == '?')
            rc = command_complain(command, EXIT_USAGE, "there is no option \"%s\"; see `%s --help`", argv[optind - 1],
                                  command);
        else
            rc = options->take(request, code_of(options, code));
    }
    if (rc == EXIT_DONE && optind < argc && !options->operands)
        rc = command_complain(command, EXIT_USAGE, "\"%s\" is not an option; see `%s --help`", argv[optind], command);
    return rc;
}

int command_take_directory(const char *command, int argc, char **argv, const char **directory)
{
    if (optind == argc)
        return command_complain(command, EXIT_USAGE, "the log's directory is missing; see `%s --help`", command);
    if (optind + 1 < argc)
        return command_complain(command, EXIT_USAGE, "one log at a time, and \"%s\" is a second one", argv[optind + 1]);
    *directory = argv[optind];
    return EXIT_DONE;
}

int command_check_directory(const char *command, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    else if (access(path, W_OK | X_OK) == 0)
        return EXIT_DONE;
    return command_complain(command, EXIT_USAGE, "--dir takes a directory that can be written in, not \"%s\": %s", path,
                            strerror(errno));
}
