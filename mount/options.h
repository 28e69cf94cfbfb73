/* The command line of quire mount.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_OPTIONS_H
#define MOUNT_OPTIONS_H

#include "mount.h"

/* True: the command goes on with these settings, whose paths are as they were given. False: it ends with this exit code. */
bool options_take(int argc, char **argv, struct settings *settings, int *exit_code);

#endif
