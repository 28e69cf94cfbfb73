/* Taking a hash chain up again in the middle of a segment.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_RESUME_CHAIN_H
#define QUIRE_LOG_RESUME_CHAIN_H

#include "log/recover.h"

/* Reads the digest of the segment before, or makes it where a crash took it, and the blocks that are in this one
 * already. */
int quire__chain_resume(quire_log *log, const struct quire__recovered *recovered, enum quire_call *failed_call);

#endif
