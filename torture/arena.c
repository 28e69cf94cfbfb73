/* Chunks of a mebibyte, or of what one piece needs. See arena.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/arena.h"

#include <stdlib.h>

enum { CHUNK = 1 << 20, ALIGN = 64 };

struct torture_chunk {
    struct torture_chunk *next;
    uint64_t bytes, used;
    _Alignas(ALIGN) unsigned char memory[];
};

static struct torture_chunk *new_chunk(uint64_t bytes)
{
    uint64_t room = bytes > CHUNK ? bytes : CHUNK;
    struct torture_chunk *chunk = aligned_alloc(ALIGN, (sizeof *chunk + room + ALIGN - 1) / ALIGN * ALIGN);

    if (chunk) {
        chunk->next = NULL;
        chunk->bytes = room;
        chunk->used = 0;
    }
    return chunk;
}

void *torture_arena_take(struct torture_arena *arena, uint64_t bytes)
{
    struct torture_chunk *chunk = arena->now;

    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    while (chunk && chunk->bytes - chunk->used < bytes)
        chunk = chunk->next;
    if (!chunk) {
        chunk = new_chunk(bytes);
        if (!chunk)
            return NULL;
        chunk->next = arena->first;
        arena->first = chunk;
    }
    arena->now = chunk;
    void *memory = chunk->memory + chunk->used;
    chunk->used += bytes;
    return memory;
}

void torture_arena_reset(struct torture_arena *arena)
{
    for (struct torture_chunk *chunk = arena->first; chunk; chunk = chunk->next)
        chunk->used = 0;
    arena->now = arena->first;
}

void torture_arena_free(struct torture_arena *arena)
{
    for (struct torture_chunk *chunk = arena->first, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *arena = (struct torture_arena){0};
}
