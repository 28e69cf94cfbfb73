/* A build without jansson writes no JSON; the command says so before it measures. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "sync/report.h"

int bench_sync_json(FILE *out, const struct bench_sync_report *report)
{
    (void)out, (void)report;
    return -ENOSYS;
}
