/* Taking something out of a segment without losing it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_KEEP_ASIDE_H
#define QUIRE_LOG_KEEP_ASIDE_H

#include <quire/error.h>

#include "log/segment.h"

/* Makes an empty file for what lay at offset of a segment; never one that is there. */
int quire__torn_create(struct quire__io *io, const char *directory, uint64_t number, uint64_t offset,
                       struct quire__path *path, int *file);

/* Copies [from, to) of a segment to a file of its own, durable when it returns. Nothing where that is empty. */
int quire__keep_aside(struct quire__io *io, const char *directory, uint64_t number, uint64_t from, uint64_t to,
                      enum quire_call *failed_call);

/* Cuts a segment to length, durable when it returns. */
int quire__cut_segment(struct quire__io *io, const char *directory, uint64_t number, uint64_t length,
                       enum quire_call *failed_call);

#endif
