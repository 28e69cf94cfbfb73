/* A log's directory: found or made, locked, recovered; where its first block will go; and left as it should be.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_BEGIN_H
#define QUIRE_LOG_BEGIN_H

#include "log/recover.h"

struct quire__log_found {
    struct quire__recovered recovered;
    struct quire_recovery report;
    struct quire_damage damage;
};

/* Makes the directory if need be, locks it, recovers. What it did is undone by quire__log_leave_folder; a second call
 * does nothing that the first has done. */
int quire__log_find(quire_log *log, struct quire__log_found *found, enum quire_call *failed_call);
void quire__log_leave_folder(quire_log *log);

/* The segment to write to, and everything's beginning. */
int quire__log_begin(quire_log *log, const struct quire__log_found *found, enum quire_call *failed_call);

/* Removes the segment that was made for a new log, when it cannot be opened after all. */
void quire__log_unmake(quire_log *log);

/* Closes the segments that are open. */
void quire__log_abandon(quire_log *log);

/* At close, after all is written: gives back space that was only allocated. A failure poisons. *newest: the last
 * segment that there is then. */
void quire__log_end(quire_log *log, uint64_t *newest);

#endif
