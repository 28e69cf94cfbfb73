/* What is seen of one thread's appends between one record and the next.
 *
 * A cursor that is watched says when it hands out records and when it comes back for more, which is when the appends
 * of those have returned. Usually that is once for each MiB, and only says how far the thread is. Where appends are
 * timed, or due at times of their own, it is once for each record.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stdatomic.h>

#include "base/histogram.h"
#include "workload/arrival.h"

struct bench_watch {
    struct bench_histogram *append; /* NULL: appends are not timed */
    struct bench_arrival *arrival;  /* NULL: the next append begins when the last has returned */
    unsigned handicap;              /* per cent by which appending is made slower, to see whether anybody notices */
    uint64_t record_bytes;          /* of each; a trace says how much was appended */
    uint64_t stretch_bytes;         /* how much is handed out at once where it is not record by record; 0: 1 MiB */
    uint64_t begun_ns;              /* when what is under way began, or was due; 0: nothing is */
    _Atomic uint64_t returned;      /* records whose appends have returned; any thread may read it */
};

/* Whether the cursor is to come back after each record. */
static inline bool bench_watch_each(const struct bench_watch *watch)
{
    return watch->append || watch->arrival;
}

/* The records handed out last have been appended. */
void bench_watch_returned(struct bench_watch *watch, uint64_t records);

/* Some more are about to be. In an open loop it waits until the next one is due. */
void bench_watch_begin(struct bench_watch *watch);

#endif
