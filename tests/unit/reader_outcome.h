/* What comes out of a log that is hurt: read to its end, over all damage, and verified.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_READER_OUTCOME_H
#define QUIRE_TESTS_READER_OUTCOME_H

#include "log_builder.h"

enum { SEEN_MOST = 4096 };

/* Which sequences, and how many were declared lost by damage. */
struct outcome {
    bool seen[SEEN_MOST];
    uint64_t records, lost, obstacles;
    struct quire_damage first;
};

/* Reads all of it, passing over what is damaged. */
struct outcome read_all(const struct log_builder *b, uint32_t flags, bool forwards);

/* All is there but the records of block (NULL: all) of segment. Returns how many those are. */
uint64_t check_losses(const struct log_builder *b, const struct outcome *out, uint64_t segment,
                      const struct built_block *block);

/* What verify named as damaged. */
struct named {
    uint64_t count;
    struct quire_damage last;
};

int verify(const struct log_builder *b, struct named *named, struct quire_verify_result *result);

#endif
