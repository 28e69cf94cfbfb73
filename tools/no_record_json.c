/* A record as JSON, in a build without jansson: it is not to be had.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "record_out.h"

void record_print_json(struct record_out *out, const struct quire_record *record)
{
    (void)record;
    out->code = -ENOTSUP;
}
