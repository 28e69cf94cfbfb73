/* Programs that belong to this one. See beside.h.
 *
 * SPDX-License-Identifier: MIT */
#include "beside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

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

/* Whether it is in a folder, or in a folder within that. */
static bool is_in(const char *folder, const char *within, const char *program, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, within, program);

    return length > 0 && length < PATH_MAX && access(path, X_OK) == 0;
}

bool command_find_beside(const char *program, char path[PATH_MAX])
{
    char own[PATH_MAX];

    if (find_own_directory(own) && (is_in(own, "", program, path) || is_in(own, "../libexec/quire/", program, path)))
        return true;
    return is_in(QUIRE_LIBEXEC, "", program, path);
}

int command_become(const char *command, const char *program, char **argv)
{
    char path[PATH_MAX];

    command_find_beside(program, path);
    execv(path, argv);
    return command_complain(command, EXIT_FAILED,
                            "%s, which does this, cannot be run: %s; install quire again, all of it", path,
                            strerror(errno));
}
