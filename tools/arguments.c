/* What reading a command line is for every subcommand alike. See arguments.h.
 *
 * SPDX-License-Identifier: MIT */
#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "command.h"
#include "report/report.h"

static int take_options(const struct command_options *options, int argc, char **argv, void *request, bool *helped)
{
    const char *command = options->command;
    bool operands = options->operands || options->directory;
    char letters[16];
    snprintf(letters, sizeof letters, "%s:h%s", operands ? "" : "+", options->letters ? options->letters : "");
    int code, rc = EXIT_DONE;
    opterr = 0;
    while (rc == EXIT_DONE && (code = getopt_long(argc, argv, letters, options->options, NULL)) != -1) {
        if (code == ':')
            rc = command_complain(command, EXIT_USAGE, "%s needs a value; see `%s --help`", argv[optind - 1], command);
        else if (code == '?')
            rc = command_complain(command, EXIT_USAGE, "there is no option \"%s\"; see `%s --help`", argv[optind - 1],
                                  command);
        else if (code == 'h')
            *helped = true;
        else
            rc = options->take(request, code);
    }
    if (rc == EXIT_DONE && optind < argc && !operands)
        rc = command_complain(command, EXIT_USAGE, "\"%s\" is not an option; see `%s --help`", argv[optind], command);
    return rc == EXIT_DONE && options->check ? options->check(request) : rc;
}

static int take_directory(const char *command, int argc, char **argv, const char **directory)
{
    if (optind == argc)
        return command_complain(command, EXIT_USAGE, "the log's directory is missing; see `%s --help`", command);
    if (optind + 1 < argc)
        return command_complain(command, EXIT_USAGE, "one log at a time, and \"%s\" is a second one", argv[optind + 1]);
    *directory = argv[optind];
    return EXIT_DONE;
}

bool command_take_line(const struct command_options *options, int argc, char **argv, void *request, int *exit_code)
{
    bool helped = false;
    int rc = take_options(options, argc, argv, request, &helped);
    if (rc == EXIT_DONE && helped)
        fputs(options->help, stdout);
    else if (rc == EXIT_DONE && options->directory)
        rc = take_directory(options->command, argc, argv, options->directory);
    *exit_code = rc;
    return rc == EXIT_DONE && !helped;
}

int command_take_number(const char *command, const char *option, const char *text, unsigned least, unsigned most,
                        unsigned *number)
{
    uint64_t value;
    if (!bench_parse_count(text, &value) || value < least || value > most)
        return command_complain(command, EXIT_USAGE, "%s takes a number from %u to %u, not \"%s\"", option, least, most,
                                text);
    *number = (unsigned)value;
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

int command_check_json(const char *command)
{
    return bench_json_available()
               ? EXIT_DONE
               : command_complain(command, EXIT_USAGE, "--json is not in this build: it was made without jansson");
}
