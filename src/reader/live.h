/* What is known of a log beyond its blocks: live.quire, which its writer writes over as it goes.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_LIVE_H
#define QUIRE_READER_LIVE_H

#include "log/segment.h"

struct quire__live {
    bool is_known;
    struct quire__disk_live disk;
};

/* Reads it anew. One that is missing, torn or of another log is not known; that is no error. What the system would not
 * let be read is returned, for whom it matters; it is not known then. */
int quire__live_read(struct quire__live *live, struct quire__io *io, const char *directory,
                     const unsigned char *log_id);

/* Does the writer say that it has not come to that place yet? sequence: expected there; 0: not known. */
static inline bool quire__live_is_behind(const struct quire__live *live, uint64_t segment, uint64_t offset,
                                         uint64_t sequence)
{
    if (!live->is_known || live->disk.segment > segment)
        return false;
    return live->disk.segment < segment || live->disk.end <= offset || (sequence != 0 && live->disk.written < sequence);
}

#endif
