/* The ring. See tail.h.
 *
 * SPDX-License-Identifier: MIT */
#include "bytes/tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Where offset lies, and how many bytes from there on lie in a row. */
static unsigned char *place(const struct bytes_tail *tail, uint64_t offset, uint64_t *row)
{
    uint64_t at = offset % tail->room;

    *row = tail->room - at;
    return tail->memory + at;
}

int bytes_tail_open(struct bytes_tail *tail, uint64_t room, uint64_t offset)
{
    unsigned char *memory = malloc(room);

    if (!memory)
        return -ENOMEM;
    *tail = (struct bytes_tail){.memory = memory, .room = room, .begin = offset, .given = offset, .end = offset};
    return 0;
}

void bytes_tail_close(struct bytes_tail *tail)
{
    free(tail->memory);
    tail->memory = NULL;
}

uint64_t bytes_tail_put(struct bytes_tail *tail, const void *data, uint64_t length)
{
    uint64_t taken = least(length, bytes_tail_free(tail));

    for (uint64_t done = 0; done < taken;) {
        uint64_t row;
        unsigned char *to = place(tail, tail->end, &row);
        uint64_t part = least(row, taken - done);
        memcpy(to, (const unsigned char *)data + done, part);
        tail->end += part;
        done += part;
    }
    return taken;
}

void bytes_tail_copy(const struct bytes_tail *tail, uint64_t offset, void *to, uint64_t length)
{
    for (uint64_t done = 0; done < length;) {
        uint64_t row;
        const unsigned char *from = place(tail, offset + done, &row);
        uint64_t part = least(row, length - done);
        memcpy((unsigned char *)to + done, from, part);
        done += part;
    }
}

int bytes_tail_view(const struct bytes_tail *tail, uint64_t most, struct iovec pieces[2])
{
    uint64_t length = least(most, bytes_tail_pending(tail)), row;
    unsigned char *from = place(tail, tail->given, &row);

    pieces[0] = (struct iovec){from, least(row, length)};
    if (row >= length)
        return 1;
    pieces[1] = (struct iovec){tail->memory, length - row};
    return 2;
}

void bytes_tail_drop(struct bytes_tail *tail, uint64_t offset)
{
    if (offset > tail->begin)
        tail->begin = least(offset, tail->given);
}
