/* A sealed slot becomes a block as it lies in the file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_FINISH_H
#define QUIRE_LOG_FINISH_H

#include "log/log.h"

/* With the drain lock: header, padding, compression, checksums; and the block's place at the end of its segment. */
void quire__finish(quire_log *log, struct quire__slot *slot);

/* The footer of a segment that nothing is added to any more, in log->page; where it goes is segment->end. */
void quire__finish_footer(quire_log *log, struct quire__segment *segment);

#endif
