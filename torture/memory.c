/* Pages that the library maps while a schedule runs: kept, for the next log that is opened.
 *
 * A log is opened and closed for each cut of the power, and what the kernel does to give it new pages, and to take them
 * back, was a fifth of the time. The linker puts these in the place of the system's (--wrap). Given out they are zeros,
 * as the kernel's are. (mmap64 is what mmap is called with 64-bit offsets.)
 *
 * SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "torture/schedule.h"

/* NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
void *__real_mmap64(void *address, size_t length, int protection, int flags, int file, off_t offset);
void *__wrap_mmap64(void *address, size_t length, int protection, int flags, int file, off_t offset);
int __real_munmap(void *memory, size_t length);
int __wrap_munmap(void *memory, size_t length);
int __real_madvise(void *memory, size_t length, int advice);
int __wrap_madvise(void *memory, size_t length, int advice);

enum { KEPT = 64 };

static struct pages {
    void *memory; /* NULL: not in use */
    size_t length;
    bool given;
} kept[KEPT];

static struct pages *find(const void *memory)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i].memory == memory)
            return &kept[i];
    return NULL;
}

static struct pages *find_idle(size_t length)
{
    for (int i = 0; i < KEPT; i++)
        if (kept[i].memory && !kept[i].given && kept[i].length == length)
            return &kept[i];
    return NULL;
}

void *__wrap_mmap64(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    if (!torture_schedule_is_on() || address || file >= 0 || protection != (PROT_READ | PROT_WRITE))
        return __real_mmap64(address, length, protection, flags, file, offset);
    struct pages *pages = find_idle(length);
    if (pages) {
        memset(pages->memory, 0, length);
    } else {
        void *memory = __real_mmap64(address, length, protection, flags, file, offset);
        pages = memory == MAP_FAILED ? NULL : find(NULL);
        if (!pages)
            return memory;
        *pages = (struct pages){.memory = memory, .length = length};
    }
    pages->given = true;
    return pages->memory;
}

int __wrap_munmap(void *memory, size_t length)
{
    struct pages *pages = find(memory);

    if (!pages || !pages->given)
        return __real_munmap(memory, length);
    if (pages->length != length) {
        /* A part of it goes: it is the system's from now on. */
        pages->memory = NULL;
        return __real_munmap(memory, length);
    }
    pages->given = false;
    return 0;
}

int __wrap_madvise(void *memory, size_t length, int advice)
{
    const struct pages *pages = find(memory);

    return pages && pages->given ? 0 : __real_madvise(memory, length, advice);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
