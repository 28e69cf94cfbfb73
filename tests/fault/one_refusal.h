/* One allocation is refused: the refuse_at-th from here on; 0: none is. For the program that includes it, after
 * heap_hooks.h.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_ONE_REFUSAL_H
#define QUIRE_TESTS_ONE_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t allocations, refuse_at, refused;

#ifndef NO_HEAP_HOOKS
static bool heap_refuses(void)
{
    bool refuses = refuse_at > 0 && ++allocations == refuse_at;

    refused += refuses;
    return refuses;
}

static void heap_gave(const void *old, const void *now)
{
    (void)old, (void)now;
}
#endif

#endif
