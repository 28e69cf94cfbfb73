/* quire mount in a build without libfuse: not to be had.
 *
 * SPDX-License-Identifier: MIT */
#include "command.h"

int command_mount(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return command_complain("quire mount", EXIT_FAILED, "this build has no FUSE: it was made without libfuse3");
}

bool command_mount_available(void)
{
    return false;
}
