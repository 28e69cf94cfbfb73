/* A build without jansson writes no JSON; the command says so before it measures. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "fuse/report.h"

int bench_fuse_json(FILE *out, const struct bench_fuse_report *report)
{
    (void)out, (void)report;
    return -ENOSYS;
}
