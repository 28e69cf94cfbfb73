/* How a report for programs is written. See json.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <errno.h>

int bench_json_print(FILE *out, json_t *root)
{
    if (!root)
        return -ENOMEM;
    int rc = json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0 && fputc('\n', out) != EOF ? 0 : -EIO;
    json_decref(root);
    return rc;
}
