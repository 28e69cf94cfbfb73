/* The face of a log's lane, and gathering all of them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_LANE_H
#define QUIRE_LOG_LANE_H

#include "log/log.h"

struct quire_log_lane {
    struct quire__lane core; /* of records in their frames, as they lie in a block */
    quire_log *log;
    uint64_t start;      /* where the lane's first record is, since it was last emptied by its owner */
    uint64_t first_time; /* where records have their times: what theirs count from */
    uint32_t delta;      /* of the last record */
    uint64_t claimed;    /* length of the open claim, plus 1; 0: none */
    uint64_t ticket;     /* of the last claim */
    uint64_t last;       /* the sequence of the last record handed over; under the hand lock */
    struct quire_log_lane *next;
    struct quire_log_lane **link; /* what points at this lane */
};

/* Hands over what is in all lanes. */
int quire__log_gather(quire_log *log);

/* Frees all lanes that are still open. */
void quire__log_free_lanes(quire_log *log);

#endif
