/* What reading a command line is for every subcommand alike. See arguments.h.
 *
 * SPDX-License-Identifier: MIT */
#include "arguments.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

int command_take_options(const struct command_options *options, int argc, char **argv, void *request)
{
    const char *letters = options->operands ? ":h" : "+:h", *command = options->command;
    int code, rc = EXIT_DONE;
    opterr = 0;
    while (rc == EXIT_DONE && (code = getopt_long(argc, argv, letters, options->options, NULL)) != -1) {
        if (code == ':')
            rc = command_complain(command, EXIT_USAGE, "%s needs a value; see `%s --help`", argv[optind - 1], command);
        else if (code == '?')
            rc = command_complain(command, EXIT_USAGE, "there is no option \"%s\"; see `%s --help`", argv[optind - 1],
                                  command);
        else
            rc = options->take(request, code == 'h' ? options->help : code);
    }
    if (rc == EXIT_DONE && optind < argc && !options->operands)
        rc = command_complain(command, EXIT_USAGE, "\"%s\" is not an option; see `%s --help`", argv[optind], command);
    return rc;
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
