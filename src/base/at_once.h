/* How much of a file is read at once.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_AT_ONCE_H
#define QUIRE_AT_ONCE_H

#include <stdint.h>

/* Large enough to make the system call cheap, small enough for a core's second cache. Fuzzing (the macro is the one that
 * engines know) has small files, and is to come to where one piece ends and the next begins. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define QUIRE__AT_ONCE (UINT64_C(32) << 10)
#else
#define QUIRE__AT_ONCE (UINT64_C(256) << 10)
#endif

#endif
