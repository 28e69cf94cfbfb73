/* Functions in the place of libc's, for one program, and through the dynamic linker for libquire.so: whoever includes
 * this, once, says which allocation is refused, and is told what was given.
 *
 * NO_HEAP_HOOKS says that the allocator is a sanitizer's, or not glibc's; then nothing is replaced.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_HEAP_HOOKS_H
#define QUIRE_TESTS_HEAP_HOOKS_H

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sanitizers.h"

#if SANITIZED || !defined(__GLIBC__)
#define NO_HEAP_HOOKS 1
#endif

#ifndef NO_HEAP_HOOKS

/* By whoever includes this. True: this allocation is refused. */
static bool heap_refuses(void);
/* now, in the place of old (NULL: of nothing). */
static void heap_gave(const void *old, const void *now);

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

static void *heap_refusal(void)
{
    errno = ENOMEM;
    return NULL;
}

static void *heap_given(const void *old, void *now)
{
    heap_gave(old, now);
    return now;
}

void *malloc(size_t size)
{
    return heap_refuses() ? heap_refusal() : heap_given(NULL, __libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return heap_refuses() ? heap_refusal() : heap_given(NULL, __libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    return heap_refuses() ? heap_refusal() : heap_given(old, __libc_realloc(old, size));
}

void *memalign(size_t align, size_t size)
{
    return heap_refuses() ? heap_refusal() : heap_given(NULL, __libc_memalign(align, size));
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **memory, size_t align, size_t size)
{
    void *now = memalign(align, size);

    if (!now)
        return ENOMEM;
    *memory = now;
    return 0;
}

#endif
#endif
