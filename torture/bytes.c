/* Pages that are written over where there is something to write. See bytes.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/bytes.h"

#include <stdlib.h>
#include <string.h>

static const unsigned char zeros[TORTURE_PAGE];

void torture_bytes_reset(struct torture_bytes *bytes)
{
    torture_arena_reset(&bytes->arena);
    bytes->pages = 0;
}

void torture_bytes_free(struct torture_bytes *bytes)
{
    torture_arena_free(&bytes->arena);
    free(bytes->page);
    *bytes = (struct torture_bytes){.pages = 0};
}

static bool grow(struct torture_bytes *bytes, uint64_t pages)
{
    if (pages > bytes->room) {
        uint64_t room = pages + pages / 2;
        unsigned char **page = realloc(bytes->page, room * sizeof *page);
        if (!page)
            return false;
        bytes->page = page;
        bytes->room = room;
    }
    for (; bytes->pages < pages; bytes->pages++)
        bytes->page[bytes->pages] = NULL;
    return true;
}

static bool add_in_page(struct torture_bytes *bytes, uint64_t offset, uint64_t length, const unsigned char *data)
{
    uint64_t i = offset / TORTURE_PAGE;

    /* Space that was made ready takes no memory. */
    if (memcmp(data, zeros, length) == 0)
        return true;
    if (!grow(bytes, i + 1))
        return false;
    if (!bytes->page[i]) {
        bytes->page[i] = torture_arena_take(&bytes->arena, TORTURE_PAGE);
        if (!bytes->page[i])
            return false;
        memset(bytes->page[i], 0, TORTURE_PAGE);
        memcpy(bytes->page[i] + offset % TORTURE_PAGE, data, length);
        return true;
    }
    for (uint64_t n = 0; n < length; n++)
        if (data[n] != 0)
            bytes->page[i][offset % TORTURE_PAGE + n] = data[n];
    return true;
}

bool torture_bytes_add(struct torture_bytes *bytes, uint64_t offset, uint64_t length, const unsigned char *data)
{
    bool done = true;

    for (uint64_t at = 0, part; at < length && done; at += part) {
        part = TORTURE_PAGE - (offset + at) % TORTURE_PAGE;
        part = part < length - at ? part : length - at;
        done = add_in_page(bytes, offset + at, part, data + at);
    }
    return done;
}

bool torture_bytes_add_file(struct torture_bytes *bytes, const struct torture_file *file)
{
    bool done = true;

    for (uint64_t i = 0; i < file->pages && i * TORTURE_PAGE < file->size && done; i++) {
        uint64_t left = file->size - i * TORTURE_PAGE;
        if (file->page[i])
            done = torture_bytes_add(bytes, i * TORTURE_PAGE, left < TORTURE_PAGE ? left : TORTURE_PAGE, file->page[i]);
    }
    return done;
}

bool torture_bytes_add_trace(struct torture_bytes *bytes, const struct torture_trace *trace, uint32_t file)
{
    bool done = !trace->overflowed;

    for (uint64_t i = 0; i < trace->count && done; i++) {
        const struct torture_event *event = &trace->events[i];
        if (event->kind == TORTURE_WRITE && event->file == file)
            done = torture_bytes_add(bytes, event->offset, event->length, event->data);
    }
    return done;
}

const unsigned char *torture_bytes_page(const struct torture_bytes *bytes, uint64_t i)
{
    return i < bytes->pages && bytes->page[i] ? bytes->page[i] : zeros;
}

const unsigned char *torture_file_page(const struct torture_file *file, uint64_t i)
{
    return i < file->pages && file->page[i] ? file->page[i] : zeros;
}
