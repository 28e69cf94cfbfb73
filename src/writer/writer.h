/* What the files of this room, and the tests, know of a writer beyond the public header.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_WRITER_INTERNAL_H
#define QUIRE_WRITER_INTERNAL_H

#include <quire/writer.h>

#include "io/io.h"

/* quire_writer_open on another seam than the operating system's. io outlives the writer. */
int quire__writer_open_on(struct quire__io *io, const char *path, const struct quire_writer_options *options,
                          quire_writer **writer);

#endif
