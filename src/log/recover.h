/* Finding where a log goes on: at open, before anything is appended.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_RECOVER_H
#define QUIRE_LOG_RECOVER_H

#include "log/log.h"
#include "log/tail.h"

/* Where a log goes on. */
struct quire__recovered {
    bool found;      /* there is a segment to go on in, or behind */
    uint64_t number; /* of it */
    struct quire__segment_header header;
    struct quire__tail tail;
    uint64_t oldest; /* number of the first segment */
    uint64_t newest; /* and of the last, an empty one included */
    uint64_t ready;  /* number of an empty one behind it that can be used; 0: none */
    struct quire__segment_header ready_header;
    uint64_t next_sequence;
    uint64_t gap_first; /* sequences before it that are to be declared lost; 0: none */
    uint64_t mark;      /* the highest sequence known to be durable */
};

/* With the directory locked: looks, and, unless it finds damage, cuts a torn tail off (kept aside first) and removes
 * what was never begun. Fills log->log_id if there is a log. QUIRE_E_DAMAGED and others: *damage says where, and
 * nothing was changed. */
int quire__recover(quire_log *log, struct quire__recovered *recovered, struct quire_recovery *report,
                   struct quire_damage *damage, enum quire_call *failed_call);

#endif
