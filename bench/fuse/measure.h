/* The measuring: every cell in every round, in an order shuffled for each round.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_MEASURE_H
#define BENCH_FUSE_MEASURE_H

#include "fuse/fuse.h"
#include "fuse/report.h"
#include "fuse/session.h"

/* Chooses the report's cells from settings and what the session has, and fills them. 0; -EINTR when told to stop; or
 * -errno, and failure says in a sentence what failed. */
int bench_fuse_measure(const struct bench_fuse_settings *settings, struct bench_fuse_session *session,
                       struct bench_fuse_report *report, char failure[BENCH_FUSE_FAILURE_ROOM]);

#endif
