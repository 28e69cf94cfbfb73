/* What a mount says of itself, as JSON. See mount_view.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>

#include "mount_view.h"

int mount_view_print_json(const char *text, FILE *out)
{
    json_t *object = json_loads(text, 0, NULL);
    int rc = object && json_dumpf(object, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF ? 0 : -EIO;

    json_decref(object);
    return rc;
}
