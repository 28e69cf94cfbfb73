/* Reading live.quire. See live.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/live.h"

#include "io/retry.h"

/* A writer may be writing it at the moment: then it is whole a moment later. */
#define ATTEMPTS 4
/* No log comes near it: one that says so was made to do harm. */
#define SEQUENCE_MOST (UINT64_MAX / 2)

void quire__live_read(struct quire__live *live, struct quire__io *io, const char *directory,
                      const unsigned char *log_id)
{
    struct quire__path path;
    int file;

    live->is_known = false;
    if (quire__path_join(directory, QUIRE__LIVE_NAME, &path) < 0 ||
        quire__io_open_file(io, path.text, QUIRE__IO_READ_ONLY, 0, &file) < 0)
        return;
    for (int i = 0; i < ATTEMPTS && !live->is_known; i++) {
        uint64_t got = 0;
        int rc = quire__io_read_all(io, file, &live->disk, sizeof live->disk, 0, &got);
        live->is_known = rc == 0 && got == sizeof live->disk && quire__live_is_whole(&live->disk, log_id) &&
                         live->disk.durable <= SEQUENCE_MOST && live->disk.written <= SEQUENCE_MOST;
    }
    io->ops->close(io, file); /* opened for reading: nothing to lose */
}
