/* The newest bytes of a file, in memory: a ring that holds what its log, or the file system, may not show yet.
 *
 *     begin ........ given ........ end      offsets in the file
 *     what was given away may be dropped; what was not is still to go
 *
 * The caller sees to it that one thread at a time is here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BYTES_TAIL_H
#define BYTES_TAIL_H

#include <stdint.h>
#include <sys/uio.h>

struct bytes_tail {
    unsigned char *memory;
    uint64_t room;
    uint64_t begin, given, end;
};

/* Room for so many bytes; the file ends at offset. -ENOMEM. */
int bytes_tail_open(struct bytes_tail *tail, uint64_t room, uint64_t offset);
void bytes_tail_close(struct bytes_tail *tail);

static inline uint64_t bytes_tail_pending(const struct bytes_tail *tail)
{
    return tail->end - tail->given;
}

static inline uint64_t bytes_tail_free(const struct bytes_tail *tail)
{
    return tail->room - (tail->end - tail->begin);
}

/* Appends as many of the bytes as there is room for; returns how many. */
uint64_t bytes_tail_put(struct bytes_tail *tail, const void *data, uint64_t length);

/* Copies length bytes from offset on, all of which must be here. */
void bytes_tail_copy(const struct bytes_tail *tail, uint64_t offset, void *to, uint64_t length);

/* The first most bytes of what is still to be given, in one piece of memory or two; returns how many pieces. */
int bytes_tail_view(const struct bytes_tail *tail, uint64_t most, struct iovec pieces[2]);

/* Drops what is in front of offset, and was given. */
void bytes_tail_drop(struct bytes_tail *tail, uint64_t offset);

#endif
