/* Making a segment ready to be written: a file of its full size, its header and its name durable.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_MAKE_H
#define QUIRE_LOG_MAKE_H

#include "log/log.h"

/* Makes segment number into *segment, out of the file recycled ("" for none). What failed leaves nothing, but for a
 * file that is taken up or removed by the next attempt. -ENOSPC and others; *failed_call says what failed. */
int quire__segment_make(quire_log *log, uint64_t number, const char *recycled, struct quire__segment *segment,
                        enum quire_call *failed_call);

/* Opens one that is there, with the identity and size that it has, for writing from end on; makes the space that the
 * options ask for. */
int quire__segment_resume(quire_log *log, uint64_t number, const struct quire__segment_header *header, uint64_t end,
                          struct quire__segment *segment, enum quire_call *failed_call);

/* Closes its descriptors. */
void quire__segment_close(quire_log *log, struct quire__segment *segment);

/* Random bytes: a log id. */
int quire__random(void *to, uint64_t length);

/* For the writing of a file as that segment: none that the file had as another. */
int quire__new_epoch(uint64_t number, uint64_t *epoch);

#endif
