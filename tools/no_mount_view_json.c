/* What a mount says of itself, as JSON, in a build without jansson: not to be had.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "mount_view.h"

int mount_view_print_json(const char *text, FILE *out)
{
    (void)text;
    (void)out;
    return -ENOTSUP;
}
