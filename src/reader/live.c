/* Reading live.quire. See live.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/live.h"

#include "log/segment.h"

/* A writer may be writing it at the moment: then it is whole a moment later. */
#define ATTEMPTS 4

int quire__live_read(struct quire__live *live, struct quire__io *io, const char *directory, const unsigned char *log_id)
{
    bool found = true;
    int rc = 0;

    live->is_known = false;
    for (int i = 0; i < ATTEMPTS && found && !live->is_known; i++) {
        rc = quire__live_load(io, directory, &live->disk, &found);
        live->is_known = rc == 0 && found && quire__live_is_whole(&live->disk, log_id);
    }
    return rc;
}
