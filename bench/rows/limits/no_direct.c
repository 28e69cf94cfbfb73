/* A build without liburing: the limits of direct I/O cannot be measured, and their rows say so.
 *
 * SPDX-License-Identifier: MIT */
#include <quire/error.h>

#include "rows/adapter.h"

static int refuse(const struct bench_job *job, void **state)
{
    (void)job;
    (void)state;
    return QUIRE_E_NO_URING;
}

const struct bench_adapter bench_limit_direct = {.open = refuse};
const struct bench_adapter bench_limit_written = {.open = refuse};
