/* Memory that is given back all at once. One thread at a time.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_ARENA_H
#define QUIRE_TORTURE_ARENA_H

#include <stdint.h>

struct torture_chunk;

struct torture_arena {
    struct torture_chunk *first, *now; /* NULL: none yet */
};

/* Aligned to 64 bytes, not zeroed. NULL: no memory. */
void *torture_arena_take(struct torture_arena *arena, uint64_t bytes);
/* Everything taken may be used again; the chunks are kept. */
void torture_arena_reset(struct torture_arena *arena);
void torture_arena_free(struct torture_arena *arena);

#endif
