/* quire mount: hands over to quire-mount, a program of its own, because it stays, and links libfuse.
 *
 * SPDX-License-Identifier: MIT */
#include "beside.h"
#include "command.h"

int command_mount(int argc, char **argv)
{
    (void)argc;
    return command_become("quire mount", "quire-mount", argv);
}

bool command_mount_available(void)
{
    return true;
}
