/* The distinct values of a column chunk, each with its number: so that a page has small numbers in place of values.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_DICTIONARY_H
#define EXPORT_DICTIONARY_H

#include "bytes.h"

/* No more than pays: a number is at most 16 bits, and the values are read whole before the first page is. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { DICTIONARY_MOST = 8, DICTIONARY_MOST_BYTES = 64 };
#else
enum { DICTIONARY_MOST = 1 << 16, DICTIONARY_MOST_BYTES = 1 << 20 };
#endif

struct dictionary {
    struct export_bytes values; /* one behind the other */
    struct dictionary_value {
        uint32_t begin, length;
        uint64_t hash;
    } * value;
    uint32_t count, room;
    uint32_t *slots; /* 0: free; else a number, plus 1 */
    uint32_t mask;   /* slots, minus 1 */
};

void dictionary_free(struct dictionary *dictionary);
void dictionary_clear(struct dictionary *dictionary);

/* The number of this value, or -ENOSPC where it is new and there is no room for it, or -ENOMEM. */
int64_t dictionary_number(struct dictionary *dictionary, const void *data, size_t length);

#endif
