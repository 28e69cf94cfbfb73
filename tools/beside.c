/* Programs of quire's that a subcommand hands over to. See beside.h.
 *
 * SPDX-License-Identifier: MIT */
#include "beside.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* Returns only if the program is not there, or cannot be run. */
static void become(const char *folder, const char *within, const char *program, char **argv)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/%s%s", folder, within, program) < (int)sizeof path)
        execv(path, argv);
}

/* The directory that this program is in. False: not known. */
static bool find_own_directory(char directory[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", directory, PATH_MAX - 1);

    if (length <= 0)
        return false;
    directory[length] = '\0';
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

int command_become(const char *command, const char *program, char **argv)
{
    char own[PATH_MAX];

    /* Where it was built; where it was installed, or moved to as a whole; where it was to be installed. */
    if (find_own_directory(own)) {
        become(own, "", program, argv);
        become(own, "../libexec/quire/", program, argv);
    }
    become(QUIRE_LIBEXEC, "", program, argv);
    return command_complain(command, EXIT_FAILED,
                            "%s/%s, which does this, cannot be run: %s; install quire again, all of it", QUIRE_LIBEXEC,
                            program, strerror(errno));
}
