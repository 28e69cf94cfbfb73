/* Pages from the kernel. See memory.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/memory.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/align.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Of the processors that have transparent huge pages, all but a few have this size; for the others it is only an
 * alignment. */
#define LARGE_PAGE (UINT64_C(2) << 20)

static void *map(uint64_t bytes)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

/* Begins at a large page: what was mapped too much around it is given back. */
static void *map_large(uint64_t bytes)
{
    unsigned char *pages = map(bytes + LARGE_PAGE);
    if (!pages)
        return NULL;

    uint64_t before = quire__round_up((uint64_t)(uintptr_t)pages, LARGE_PAGE) - (uint64_t)(uintptr_t)pages;
    if (before > 0)
        munmap(pages, before);
    munmap(pages + before + bytes, LARGE_PAGE - before);
    return pages + before;
}

int quire__memory_open(uint64_t bytes, uint64_t present, void **memory)
{
    void *pages = present >= LARGE_PAGE ? map_large(bytes) : map(bytes);

    if (!pages)
        return -errno;
    /* Both are wishes: without large pages it is slower, and a kernel before 5.14 lets the first touch pay. */
    if (present >= LARGE_PAGE)
        madvise(pages, quire__round_down(present, LARGE_PAGE), MADV_HUGEPAGE);
    madvise(pages, present, MADV_POPULATE_WRITE);
    *memory = pages;
    return 0;
}

void quire__memory_close(void *memory, uint64_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}
