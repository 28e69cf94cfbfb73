/* Taking the oldest segments away: retention and trim.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_RETIRE_H
#define QUIRE_LOG_RETIRE_H

#include "log/log.h"

/* Takes away what the options no longer keep. By the keeper. A failure leaves the segment where it is, for another
 * time. */
void quire__retire(quire_log *log);

/* Takes away segments whose records are all below sequence; *segments: how many. */
int quire__retire_below(quire_log *log, uint64_t sequence, uint64_t *segments);

/* The file to make the next segment of, if there is one. It is the caller's then. */
bool quire__retire_take_spare(quire_log *log, struct quire__path *path);

#endif
