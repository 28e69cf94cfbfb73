/* The hash chain: each sealed segment's footer holds the digest of the one before and of all blocks between.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_VERIFY_CHAIN_H
#define QUIRE_READER_VERIFY_CHAIN_H

#include <quire/check.h>

#include "io/io.h"

/* Goes over the sealed segments. Where the chain does not hold is a damaged place, told and counted; the digest of
 * the last one goes to result->chain. QUIRE_E_NO_CHAIN: no segment is chained, or this build lacks SHA-256. */
int quire__verify_chain(struct quire__io *io, const char *directory, const struct quire_verify_options *options,
                        struct quire_verify_result *result);

#endif
