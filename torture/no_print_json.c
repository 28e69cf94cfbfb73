/* `quire torture --json` in a build without jansson: not to be had. See session.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "torture/session.h"

int torture_print_json(const struct torture_session *session, FILE *out)
{
    (void)session;
    (void)out;
    return -ENOTSUP;
}
