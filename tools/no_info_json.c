/* `quire info` and `quire verify` as JSON, in a build without jansson: not to be had.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "info_print.h"

int info_print_json(const struct info *info, FILE *out)
{
    (void)info;
    (void)out;
    return -ENOTSUP;
}

int verified_print_json(const struct verified *verified, FILE *out)
{
    (void)verified;
    (void)out;
    return -ENOTSUP;
}
