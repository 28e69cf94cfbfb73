/* Pages from the kernel: plain ones, and ones that are mapped twice. See memory.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static void make_present(void *memory, uint64_t bytes)
{
    madvise(memory, bytes, MADV_POPULATE_WRITE); /* a kernel before 5.14 refuses: then the first touch pays */
}

/* Both halves of the reserved range become the same file. */
static int map_twice(int file, unsigned char *reserved, uint64_t bytes)
{
    for (int half = 0; half < 2; half++) {
        void *at = reserved + (uint64_t)half * bytes;
        if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
            return -errno;
        make_present(at, bytes);
    }
    return 0;
}

static int fill_reserved(unsigned char *reserved, uint64_t bytes)
{
    int file = memfd_create("quire-ring", MFD_CLOEXEC);
    if (file < 0)
        return -errno;
    int rc = ftruncate(file, (off_t)bytes) < 0 ? -errno : map_twice(file, reserved, bytes);
    close(file); /* the mappings keep it */
    return rc;
}

int quire__memory_open_ring(uint64_t bytes, void **memory)
{
    void *reserved = mmap(NULL, 2 * bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved == MAP_FAILED)
        return -errno;

    int rc = fill_reserved(reserved, bytes);
    if (rc < 0) {
        munmap(reserved, 2 * bytes);
        return rc;
    }
    *memory = reserved;
    return 0;
}

void quire__memory_close_ring(void *memory, uint64_t bytes)
{
    if (memory)
        munmap(memory, 2 * bytes);
}

int quire__memory_open(uint64_t bytes, void **memory)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return -errno;
    make_present(pages, bytes);
    *memory = pages;
    return 0;
}

void quire__memory_close(void *memory, uint64_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}
