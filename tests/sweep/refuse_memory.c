/* To be preloaded: the n-th allocation of a program fails, with n from QUIRE_REFUSE, counted from its start on.
 *
 * QUIRE_REFUSED names a file that is made when it happens, so that who counts up knows when n is beyond the last.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "heap_hooks.h"

static _Atomic long until_refusal;
static const char *mark;

/* What the dynamic linker and the constructors before this one allocate is not counted. */
__attribute__((constructor)) static void begin(void)
{
    const char *n = getenv("QUIRE_REFUSE");

    mark = getenv("QUIRE_REFUSED");
    atomic_store(&until_refusal, n ? atol(n) : 0);
}

static bool heap_refuses(void)
{
    if (atomic_load(&until_refusal) <= 0 || atomic_fetch_sub(&until_refusal, 1) != 1)
        return false;
    int file = mark ? open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file >= 0)
        close(file);
    return true;
}

static void heap_gave(const void *old, const void *now)
{
    (void)old;
    (void)now;
}
