/* quire torture: hands over to quire-torture, a program of its own, because it puts a simulated disk, threads and a
 * clock in the place of the system's.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#define NAME "quire torture"
#define PROGRAM "quire-torture"

/* Returns only if the program is not there, or cannot be run. */
static void run_beside(const char *folder, const char *within, char **argv)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/%s" PROGRAM, folder, within) < (int)sizeof path)
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

int command_torture(int argc, char **argv)
{
    char own[PATH_MAX];

    (void)argc;
    /* Where it was built; where it was installed, or moved to as a whole; where it was to be installed. */
    if (find_own_directory(own)) {
        run_beside(own, "", argv);
        run_beside(own, "../libexec/quire/", argv);
    }
    run_beside(QUIRE_LIBEXEC, "", argv);
    return command_complain(NAME, EXIT_FAILED,
                            "%s/" PROGRAM ", which does this, cannot be run: %s; install quire again, all of it",
                            QUIRE_LIBEXEC, strerror(errno));
}
