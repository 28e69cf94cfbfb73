/* A build without jansson: no JSON, said before anything is measured.
 *
 * SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <errno.h>

bool bench_json_available(void)
{
    return false;
}

int bench_json_write(FILE *out, const struct bench_report *report)
{
    (void)out;
    (void)report;
    return -ENOSYS;
}
