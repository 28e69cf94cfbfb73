/* Reading a file piece by piece. See window.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "io/retry.h"

int quire__window_open(struct quire__window *window)
{
    *window =
        (struct quire__window){.room = QUIRE__WINDOW_STREAM, .ahead = QUIRE__WINDOW_STREAM, .unreadable = UINT64_MAX};
    window->memory = aligned_alloc(QUIRE__PAGE, window->room);
    return window->memory ? 0 : -ENOMEM;
}

void quire__window_close(struct quire__window *window)
{
    free(window->memory);
    *window = (struct quire__window){0};
}

void quire__window_forget(struct quire__window *window)
{
    window->length = 0;
}

static int grow(struct quire__window *window, uint64_t room)
{
    room = quire__round_up(room, QUIRE__PAGE);
    unsigned char *memory = aligned_alloc(QUIRE__PAGE, room);
    if (!memory)
        return -ENOMEM;
    memcpy(memory, window->memory, window->length);
    free(window->memory);
    window->memory = memory;
    window->room = room;
    return 0;
}

static void note_unreadable(struct quire__window *window, uint64_t page)
{
    if (window->unreadable == UINT64_MAX)
        window->unreadable_end = 0;
    window->unreadable = quire__min(window->unreadable, page);
    window->unreadable_end = quire__max(window->unreadable_end, page + QUIRE__PAGE);
}

/* Page by page, after a piece could not be read: so that one bad sector costs one page. */
static int read_pages(struct quire__window *window, struct quire__io *io, int file, unsigned char *to, uint64_t length,
                      uint64_t offset, uint64_t *got)
{
    uint64_t done = 0;

    while (done < length) {
        uint64_t want = quire__min(QUIRE__PAGE - (offset + done) % QUIRE__PAGE, length - done);
        uint64_t now = 0;
        int rc = quire__io_read_all(io, file, to + done, want, offset + done, &now);
        if (rc == -EIO) {
            memset(to + done, 0xFF, want);
            note_unreadable(window, quire__round_down(offset + done, QUIRE__PAGE));
            now = want;
        } else if (rc < 0) {
            return rc;
        }
        done += now;
        if (now < want)
            break;
    }
    *got = done;
    return 0;
}

/* Keeps what is there from offset on, and moves it to the front. */
static void move_to(struct quire__window *window, uint64_t offset)
{
    uint64_t end = window->begin + window->length;

    if (offset < window->begin || offset >= end) {
        window->length = 0;
    } else if (offset > window->begin) {
        memmove(window->memory, window->memory + (offset - window->begin), end - offset);
        window->length = end - offset;
    }
    window->begin = offset;
}

static int fill(struct quire__window *window, struct quire__io *io, int file, uint64_t length)
{
    uint64_t want = quire__min(quire__max(length, window->ahead), window->room) - window->length;
    unsigned char *to = window->memory + window->length;
    uint64_t offset = window->begin + window->length;
    uint64_t got = 0;

    int rc = quire__io_read_all(io, file, to, want, offset, &got);
    if (rc == -EIO)
        rc = read_pages(window, io, file, to, want, offset, &got);
    if (rc < 0)
        return rc;
    window->length += got;
    return 0;
}

int quire__window_need(struct quire__window *window, struct quire__io *io, int file, uint64_t offset, uint64_t length,
                       const unsigned char **at, uint64_t *have)
{
    if (offset < window->begin || offset - window->begin > window->length ||
        window->length - (offset - window->begin) < length) {
        if (offset > QUIRE__FILE_MAX - quire__max(length, window->ahead)) {
            *have = 0;
            *at = window->memory;
            return 0;
        }
        move_to(window, offset);
        int rc = length > window->room ? grow(window, length) : 0;
        if (rc == 0)
            rc = fill(window, io, file, length);
        if (rc < 0)
            return rc;
    }
    *at = window->memory + (offset - window->begin);
    *have = window->length - (offset - window->begin);
    return 0;
}
