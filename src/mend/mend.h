/* The public functions that change a log from outside, on any seam.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_MEND_MEND_H
#define QUIRE_MEND_MEND_H

#include <quire/check.h>

#include "io/io.h"

int quire__repair_on(struct quire__io *io, const char *directory, int apply, quire_see_step *see, void *context,
                     uint64_t *steps);
int quire__trim_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t *segments);
int quire__truncate_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t *records);
/* length QUIRE__WHOLE: as quire__truncate_on. */
#define QUIRE__WHOLE UINT64_MAX
int quire__truncate_within_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t length,
                              uint64_t *records);

#endif
