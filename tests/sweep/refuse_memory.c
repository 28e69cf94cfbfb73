/* To be preloaded: the n-th allocation of a program fails, with n from QUIRE_REFUSE, counted from its start on.
 *
 * QUIRE_REFUSED names a file that is made when it happens, so that who counts up knows when n is beyond the last.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);
void *memalign(size_t align, size_t size);

static _Atomic long until_refusal;
static const char *mark;

/* What the dynamic linker and the constructors before this one allocate is not counted. */
__attribute__((constructor)) static void begin(void)
{
    const char *n = getenv("QUIRE_REFUSE");

    mark = getenv("QUIRE_REFUSED");
    atomic_store(&until_refusal, n ? atol(n) : 0);
}

static bool is_refused(void)
{
    if (atomic_load(&until_refusal) <= 0 || atomic_fetch_sub(&until_refusal, 1) != 1)
        return false;
    int file = mark ? open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file >= 0)
        close(file);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return is_refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return is_refused() ? NULL : __libc_realloc(old, size);
}

void *memalign(size_t align, size_t size)
{
    return is_refused() ? NULL : __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **memory, size_t align, size_t size)
{
    void *got = memalign(align, size);

    if (!got)
        return ENOMEM;
    *memory = got;
    return 0;
}
