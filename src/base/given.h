/* Structures of a caller: they say their size first, and may be older or newer than ours.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_GIVEN_H
#define QUIRE_GIVEN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <quire/error.h>

#include "base/align.h"

/* No structure of options will ever be larger. */
enum { QUIRE__GIVEN_MOST = 4096 };

/* Copies what the caller knows of size bytes; what it does not know is zero. least: bytes that every caller knows. Of a
 * longer structure nothing may be set that is not known here. given NULL: all zero. QUIRE_E_OPTIONS. */
static inline int quire__given_take(const void *given, uint64_t least, void *taken, uint64_t size)
{
    const unsigned char *bytes = (const unsigned char *)given;
    uint64_t given_size = size;

    memset(taken, 0, size);
    if (given) {
        memcpy(&given_size, given, sizeof given_size);
        if (given_size < least || given_size > QUIRE__GIVEN_MOST)
            return QUIRE_E_OPTIONS;
        for (uint64_t i = size; i < given_size; i++)
            if (bytes[i] != 0)
                return QUIRE_E_OPTIONS;
        memcpy(taken, given, quire__min(given_size, size));
    }
    memcpy(taken, &size, sizeof size);
    return 0;
}

/* Has the caller's structure, which is to be filled, at least what every caller knows? */
static inline bool quire__given_holds(const void *given, uint64_t least)
{
    uint64_t given_size;

    memcpy(&given_size, given, sizeof given_size);
    return given_size >= least;
}

/* Fills it with what it has room for. Its size stays. */
static inline void quire__given_fill(void *given, const void *found, uint64_t size)
{
    uint64_t given_size;

    memcpy(&given_size, given, sizeof given_size);
    memcpy((unsigned char *)given + sizeof given_size, (const unsigned char *)found + sizeof given_size,
           quire__min(given_size, size) - sizeof given_size);
}

#endif
