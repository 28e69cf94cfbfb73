/* Counting what is allocated: for one program, and through the dynamic linker for libquire.so.
 *
 * The functions below take the place of libc's. CANNOT_COUNT says that they cannot. To be included once.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_HEAP_COUNT_H
#define QUIRE_TESTS_HEAP_COUNT_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "heap_hooks.h"

#ifdef NO_HEAP_HOOKS
#define CANNOT_COUNT 1
#else

static _Atomic uint64_t heap_calls, file_maps, other_maps;

static bool heap_refuses(void)
{
    atomic_fetch_add(&heap_calls, 1);
    return false;
}

static void heap_gave(const void *old, const void *now)
{
    (void)old;
    (void)now;
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
    atomic_fetch_add(fd >= 0 ? &file_maps : &other_maps, 1);
    long mapped = syscall(SYS_mmap, at, length, protection, flags, fd, offset);
    return (void *)mapped;
}

struct counts {
    uint64_t heap, files, others;
};

static struct counts counts_now(void)
{
    return (struct counts){atomic_load(&heap_calls), atomic_load(&file_maps), atomic_load(&other_maps)};
}

#endif
#endif
