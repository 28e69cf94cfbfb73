/* Records that say who appended them and which they are, so that a file tells whether each is there once, whole and
 * in its thread's order.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_IDENTITY_H
#define QUIRE_TESTS_IDENTITY_H

#include "support.h"

enum { IDENTITY_LEAST = 16 };

/* Builds record number of thread, length bytes (at least IDENTITY_LEAST), all of them depending on the three. */
void identity_build(void *memory, uint32_t thread, uint32_t number, uint32_t length);

/* Reads a record; false if what lies there is not a whole and unaltered one. */
struct identity {
    uint32_t thread, number, length;
};
bool identity_read(const uint8_t *memory, uint64_t available, struct identity *identity);

/* Is data a sequence of whole records, with numbers 0, 1, 2, ... up to per_thread[t] for each thread t, in order? */
bool identity_check(const struct bytes *data, uint64_t start, const uint32_t *per_thread, uint32_t threads);

#endif
