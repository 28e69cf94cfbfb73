/* Counting allocations. See allocations.h.
 *
 * The functions hand on to glibc's under their second names. Where something is preloaded, which may be another
 * allocator, they hand on to whoever comes next in the order of libraries: memory must be freed by whoever gave it,
 * and that allocator has also taken the functions that are not replaced here.
 *
 * SPDX-License-Identifier: MIT */
#include "allocations.h"

#include <features.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define OTHERS_ALLOCATE
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define OTHERS_ALLOCATE
#endif

#ifdef OTHERS_ALLOCATE

bool allocations_counted(void)
{
    return false;
}

void allocations_read(uint64_t *bytes, uint64_t *count)
{
    *bytes = *count = 0;
}

#else

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* glibc's names, declared in no header. */
/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
extern void *__libc_memalign(size_t, size_t);
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */

struct allocator {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    void *(*memalign)(size_t, size_t);
};

static const struct allocator glibc = {__libc_malloc, __libc_calloc, __libc_realloc, __libc_free, __libc_memalign};
static struct allocator next; /* complete before `chosen` points to it */
static _Atomic(const struct allocator *) chosen;

static atomic_uint_fast64_t bytes_asked, calls;

/* dlsym may allocate, before it is known where. What it gets comes from here and is never given back. */
static _Alignas(16) char early[4096];
static atomic_size_t early_used;
static _Thread_local bool looking;

static bool is_early(const void *memory)
{
    return (uintptr_t)memory - (uintptr_t)early < sizeof early;
}

static void *early_malloc(size_t size)
{
    size_t whole = (size + 15) & ~(size_t)15;
    size_t at = whole < size || whole > sizeof early ? sizeof early : atomic_fetch_add(&early_used, whole);
    return at + whole <= sizeof early && at < sizeof early ? early + at : NULL;
}

static void *early_calloc(size_t count, size_t size)
{
    size_t whole;
    return __builtin_mul_overflow(count, size, &whole) ? NULL : early_malloc(whole);
}

static void *early_memalign(size_t alignment, size_t size)
{
    return alignment <= 16 ? early_malloc(size) : NULL;
}

/* What is early already is moved by realloc below. */
static void *early_realloc(void *memory, size_t size)
{
    return memory ? NULL : early_malloc(size);
}

static void early_free(void *memory)
{
    (void)memory;
}

static const struct allocator before = {early_malloc, early_calloc, early_realloc, early_free, early_memalign};

/* POSIX has dlsym return functions as data pointers; copying the bytes is the way without a cast that warns. */
static bool find(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
    return found != NULL;
}

/* Threads that come here at the same time all find the same. */
static const struct allocator *choose(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    const struct allocator *choice = &glibc;
    struct allocator found;
    looking = true;
    if (preloaded && *preloaded && find("malloc", &found.malloc) && find("calloc", &found.calloc) &&
        find("realloc", &found.realloc) && find("free", &found.free) && find("memalign", &found.memalign)) {
        next = found;
        choice = &next;
    }
    looking = false;
    atomic_store_explicit(&chosen, choice, memory_order_release);
    return choice;
}

static const struct allocator *allocator(void)
{
    const struct allocator *a = atomic_load_explicit(&chosen, memory_order_acquire);
    if (__builtin_expect(a != NULL, 1))
        return a;
    return looking ? &before : choose();
}

static void *counted(void *memory, size_t size)
{
    if (memory) {
        atomic_fetch_add_explicit(&bytes_asked, size, memory_order_relaxed);
        atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    }
    return memory;
}

/* libc's headers name their parameters otherwise. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
void *malloc(size_t size)
{
    return counted(allocator()->malloc(size), size);
}

void *calloc(size_t count, size_t size)
{
    /* Where the product overflows there is no memory, and nothing to count. */
    return counted(allocator()->calloc(count, size), count * size);
}

void *realloc(void *memory, size_t size)
{
    if (!is_early(memory))
        return counted(allocator()->realloc(memory, size), size);
    void *moved = malloc(size);
    size_t there = sizeof early - (size_t)((char *)memory - early);
    return moved ? memcpy(moved, memory, size < there ? size : there) : NULL;
}

void free(void *memory)
{
    if (memory && !is_early(memory))
        allocator()->free(memory);
}

void *memalign(size_t alignment, size_t size)
{
    return counted(allocator()->memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    int before_errno = errno;
    void *got = memalign(alignment, size);
    errno = before_errno;
    if (!got)
        return ENOMEM;
    *memory = got;
    return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* By trying: some tools, valgrind among them, take these functions away again while the program runs. */
bool allocations_counted(void)
{
    uint_fast64_t calls_before = atomic_load_explicit(&calls, memory_order_relaxed);
    void *volatile memory = malloc(1);
    free(memory);
    return atomic_load_explicit(&calls, memory_order_relaxed) != calls_before;
}

void allocations_read(uint64_t *bytes, uint64_t *count)
{
    *bytes = atomic_load_explicit(&bytes_asked, memory_order_relaxed);
    *count = atomic_load_explicit(&calls, memory_order_relaxed);
}

#endif
