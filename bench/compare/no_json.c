/* In a build without jansson no comparison can be written as JSON.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "compare/report.h"

int bench_compare_json(FILE *out, const struct bench_compare_report *report)
{
    (void)out, (void)report;
    return -ENOTSUP;
}
