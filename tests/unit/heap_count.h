/* Counting what is allocated: for one program, and through the dynamic linker for libquire.so.
 *
 * The functions below take the place of libc's. CANNOT_COUNT says that they cannot. To be included once.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_HEAP_COUNT_H
#define QUIRE_TESTS_HEAP_COUNT_H

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define CANNOT_COUNT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define CANNOT_COUNT 1
#endif
#endif

#ifndef CANNOT_COUNT

static _Atomic uint64_t heap_calls, file_maps, other_maps;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

void *malloc(size_t size)
{
    atomic_fetch_add(&heap_calls, 1);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add(&heap_calls, 1);
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    atomic_fetch_add(&heap_calls, 1);
    return __libc_realloc(old, size);
}

void *memalign(size_t align, size_t size)
{
    atomic_fetch_add(&heap_calls, 1);
    return __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **memory, size_t align, size_t size)
{
    *memory = memalign(align, size);
    return *memory ? 0 : 12;
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
