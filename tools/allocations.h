/* How much this program has allocated. Linking allocations.c replaces the allocator's functions by ones that count and
 * hand on, for the whole program; it belongs in commands and tests, never in a library.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_ALLOCATIONS_H
#define TOOLS_ALLOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

/* False where the functions could not be replaced: under a sanitizer or valgrind, which have their own, and with another
 * libc than glibc, which has no second name for what is replaced. Nothing is counted then. Any thread. */
bool allocations_counted(void);

/* Of malloc, calloc, realloc, memalign, aligned_alloc and posix_memalign, in all threads, since the program started:
 * bytes asked for, and calls that gave memory. What is freed is not taken off. Any thread. */
void allocations_read(uint64_t *bytes, uint64_t *count);

#endif
