/* A record's frame in a block being filled: the word, and the time where records keep theirs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_FRAME_H
#define QUIRE_LOG_FRAME_H

#include "log/log.h"

/* Bytes in front of each record, by the flags of the log. */
static inline uint64_t quire__frame_bytes(uint32_t flags)
{
    return QUIRE__RECORD_WORD + (flags & QUIRE_LOG_RECORD_TIMES ? QUIRE__RECORD_TIME : 0);
}

/* The most bytes that records and their frames can have in a block. */
static inline uint64_t quire__block_capacity(const quire_log *log)
{
    return log->options.block_bytes - QUIRE__BLOCK_HEADER;
}

/* A frame at to; where the record's bytes go. */
static inline unsigned char *quire__put_frame(const quire_log *log, unsigned char *to, uint64_t length, uint32_t delta,
                                              uint32_t mark)
{
    uint32_t word = (uint32_t)(length + 1) | mark;

    memcpy(to, &word, sizeof word);
    if (log->frame > QUIRE__RECORD_WORD)
        memcpy(to + QUIRE__RECORD_WORD, &delta, sizeof delta);
    return to + log->frame;
}

static inline unsigned char *quire__put_bytes(unsigned char *to, const void *from, uint64_t length)
{
    if (length > 0) /* NULL is fine for no bytes, but not for memcpy */
        memcpy(to, from, length);
    return to + length;
}

#endif
