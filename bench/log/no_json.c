/* A build without jansson writes no JSON; the command says so before it measures. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "log/report.h"

int bench_log_json(FILE *out, const struct bench_log_report *report)
{
    (void)out, (void)report;
    return -ENOSYS;
}
