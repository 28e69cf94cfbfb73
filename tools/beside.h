/* Programs of quire's that a subcommand hands over to.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_BESIDE_H
#define TOOLS_BESIDE_H

/* Becomes that program, with these arguments. Returns only if it is not there or cannot be run: an exit code, after a
 * complaint. */
int command_become(const char *command, const char *program, char **argv);

#endif
