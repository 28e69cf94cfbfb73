/* Programs that belong to this one and are none of the user's: quire-torture, quire-mount.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_BESIDE_H
#define TOOLS_BESIDE_H

#include <limits.h>
#include <stdbool.h>

/* The path of a program that can be run: where this one was built; where it was installed, or moved to as a whole; where
 * it was to be installed. False: it is nowhere there; path is where it was to be installed. */
bool command_find_beside(const char *program, char path[PATH_MAX]);

/* Becomes that program. Returns only if it cannot be run: EXIT_FAILED after a complaint. */
int command_become(const char *command, const char *program, char **argv);

#endif
