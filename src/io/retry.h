/* What to do about one attempt that was interrupted or fell short: the policy above the seam.
 *
 * Writes and allocations are tried again after EINTR and continued after a short write. A sync never is: after a
 * failed one nobody can say what reached the device, and a second may succeed over lost data.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_RETRY_H
#define QUIRE_RETRY_H

#include <errno.h>

#include "io/io.h"

/* What the process lacks, or was interrupted in, says nothing about the file: the caller may try again. */
static inline bool quire__is_of_process(int code)
{
    return code == -ENOMEM || code == -EMFILE || code == -ENFILE || code == -EINTR;
}

/* Writes all of it. *done is the bytes that the kernel took, also on failure; *calls counts the attempts that took
 * any. */
int quire__io_write_all(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                        uint64_t *done, uint64_t *calls);

/* Reads length bytes or up to the end of the file; *got says how many. */
int quire__io_read_all(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got);

/* Writes zeros over [offset, offset + length). */
int quire__io_write_zeros(struct quire__io *io, int file, uint64_t offset, uint64_t length);

/* Blocks for [offset, offset + length), where the file ends at offset; its size includes them if grow is set. With
 * grow, a file system that cannot allocate gets zeros written instead. After a failure the file ends at offset as
 * before. */
int quire__io_allocate(struct quire__io *io, int file, uint64_t offset, uint64_t length, bool grow);

/* Cuts or extends the file to length. */
int quire__io_truncate(struct quire__io *io, int file, uint64_t length);

/* Opens, again after EINTR. */
int quire__io_open_file(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file);

#endif
