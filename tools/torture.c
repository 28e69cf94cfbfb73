/* quire torture: hands over to quire-torture, a program of its own, because it puts a simulated disk, threads and a
 * clock in the place of the system's.
 *
 * SPDX-License-Identifier: MIT */
#include "beside.h"
#include "command.h"

int command_torture(int argc, char **argv)
{
    (void)argc;
    return command_become("quire torture", "quire-torture", argv);
}
