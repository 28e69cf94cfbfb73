/* A piece: the record of a byte file, which is a log that keeps one file's bytes. docs/format.md explains it.
 *
 * Its head says where in the file its bytes belong, so that a piece stands for itself: what lies behind damage is found
 * again.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BYTES_PIECE_H
#define BYTES_PIECE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BYTES_PIECE_MAGIC "\x89QBYTES\n"

/* The head of a piece, as it lies in the file: little-endian. */
struct bytes_piece_head {
    unsigned char magic[8];
    unsigned char offset[8]; /* in the file, of the first byte behind this head */
};

static inline struct bytes_piece_head bytes_piece_head(uint64_t offset)
{
    struct bytes_piece_head head;

    memcpy(head.magic, BYTES_PIECE_MAGIC, sizeof head.magic);
    for (unsigned i = 0; i < sizeof head.offset; i++)
        head.offset[i] = (unsigned char)(offset >> 8 * i);
    return head;
}

/* Where the bytes of this record belong. False: it is no piece, or says what cannot be. */
static inline bool bytes_piece_parse(const void *record, uint64_t length, uint64_t *offset)
{
    struct bytes_piece_head head;
    uint64_t value = 0;

    if (length < sizeof head || memcmp(record, BYTES_PIECE_MAGIC, sizeof head.magic) != 0)
        return false;
    memcpy(&head, record, sizeof head);
    for (unsigned i = sizeof head.offset; i > 0; i--)
        value = value << 8 | head.offset[i - 1];
    if (value > INT64_MAX - (length - sizeof head))
        return false;
    *offset = value;
    return true;
}

#endif
