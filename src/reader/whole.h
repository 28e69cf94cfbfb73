/* The public functions that open a log by themselves, on any seam.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_WHOLE_H
#define QUIRE_READER_WHOLE_H

#include <quire/check.h>
#include <quire/reader.h>

#include "io/io.h"

int quire__scan_on(struct quire__io *io, const char *directory, const struct quire_reader_options *options,
                   uint32_t threads, quire_see_record *see, void *context);
int quire__inspect_on(struct quire__io *io, const char *directory, quire_see_segment *see, void *context,
                      struct quire_log_info *info);
int quire__verify_on(struct quire__io *io, const char *directory, const struct quire_verify_options *options,
                     struct quire_verify_result *result);

#endif
