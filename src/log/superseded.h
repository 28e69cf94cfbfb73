/* What a segment begins with, and whether a later one begins in front of that.
 *
 * A writer that goes on after a failed write begins anew in a later segment, and the one that failed counts for nothing
 * (docs/format.md). If nothing in it was durable, a power cut may leave anything there: that it does not count is known
 * from the segment in front of it alone, and only as long as there is one. So the two go together.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_SUPERSEDED_H
#define QUIRE_LOG_SUPERSEDED_H

#include "log/segment.h"

/* A log's segments on disk, up to the last that may be looked at. */
struct quire__segments {
    struct quire__io *io;
    const char *directory;
    const unsigned char *log_id;
    uint64_t last;
};

/* The first block of segment number. *found false if there is none. */
int quire__segment_first_block(const struct quire__segments *segments, uint64_t number, bool *found,
                               struct quire__disk_block *header);

/* Does segment number, with none but superseded ones between it and the one in front, count for nothing? *superseded
 * false also where that cannot be known. -ENOENT: there is no such segment. Other errors: what this process lacks. */
int quire__segment_is_superseded(const struct quire__segments *segments, uint64_t number, uint64_t in_front,
                                 bool *superseded);

#endif
