/* How much of a file is read at once.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_AT_ONCE_H
#define QUIRE_AT_ONCE_H

#include <stdint.h>

/* Large enough to make the system call cheap, small enough for a core's second cache. Builds that look for mistakes make
 * it small (meson.build): their files are, and are to come to where one piece ends and the next begins. */
#ifndef QUIRE__AT_ONCE
#define QUIRE__AT_ONCE (UINT64_C(256) << 10)
#endif

#endif
