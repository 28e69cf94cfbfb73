/* Lengths and counts that cannot be true, and what is said to them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_ABSURD_H
#define QUIRE_TESTS_ABSURD_H

#include <errno.h>
#include <limits.h>

#include <quire/error.h>

#include "support.h"

enum { ABSURD = 4 };

/* Bytes; and pieces of an iovec, of which 1024 are the most. */
static const uint64_t absurd_sizes[ABSURD] = {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - PAGE, (uint64_t)INT64_MAX + 1};
static const int absurd_counts[ABSURD] = {-1, INT_MIN, INT_MAX, 1025};

static inline bool is_refusal_of_size(int rc)
{
    return rc == QUIRE_E_ARGUMENT || rc == QUIRE_E_TOO_LARGE || rc == -EFBIG;
}

#endif
