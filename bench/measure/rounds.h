/* All rows of one workload, in interleaved rounds.
 *
 * In each round every row runs once, in an order shuffled anew, so that a device that gets slower, a disk that fills up
 * or a neighbour who wakes hits all rows alike, and rows can be compared round by round. One round more runs first
 * and is thrown away. Before each run the last file is removed and the device is left to come to rest.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

#include "machine/place.h"
#include "measure/results.h"
#include "measure/runner.h"

/* How the rounds of a table are run; what is asked of each run is in the table's terms. */
struct bench_schedule {
    double seconds;    /* no round is begun that would not end by then, once one has counted; 0: no limit */
    unsigned handicap; /* per cent by which appends of the row below are made slower on purpose */
    const char *handicapped;
    struct bench_series *series; /* NULL, or who samples while rows run */
    void (*progress)(const struct bench_table *table, unsigned round, const char *row, double part);
};

/* Fills the table. run says how it went; its text names the row. */
void bench_rounds(struct bench_table *table, struct bench_place *place, struct bench_workload *work,
                  const struct bench_schedule *schedule, struct bench_run *run);

#endif
