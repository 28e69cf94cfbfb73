/* The measuring: every cell in every round, in an order shuffled for each round, after one round that is thrown away.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SYNC_MEASURE_H
#define BENCH_SYNC_MEASURE_H

#include "sync/report.h"
#include "sync/sync.h"

enum { BENCH_SYNC_FAILURE_ROOM = 400 };

/* Fills report->cell from settings. 0; -EINTR when told to stop; or -errno, and failure says in a sentence what failed.
 * Files are left in the place after anything but 0: it removes them. */
int bench_sync_measure(const struct bench_sync_settings *settings, struct bench_place *place,
                       struct bench_sync_report *report, char failure[BENCH_SYNC_FAILURE_ROOM]);

/* The most bytes that a file of the run will have. */
uint64_t bench_sync_file_most(const struct bench_sync_settings *settings);

#endif
