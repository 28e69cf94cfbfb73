/* A write through the page cache: the plain way, which the others take where theirs cannot go.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_PLAIN_H
#define QUIRE_LOG_PLAIN_H

#include "log/log.h"

/* With the drain lock: writes all of it, observed and counted. A failure poisons. */
int quire__log_write_plain(quire_log *log, struct quire__segment *segment, const void *from, uint64_t length,
                           uint64_t offset);

/* With the drain lock, for a block that somebody waits for while nothing else is to be flushed: writes it to file
 * durably, in one call; *done says whether it was all. A failure poisons. */
int quire__log_write_durably(quire_log *log, int file, const struct quire__slot *slot, uint64_t *done);

#endif
