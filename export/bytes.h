/* Memory that grows while something is put together in it.
 *
 * A failure sticks: after the first one nothing is put any more, and whoever put all of it asks once. So what encodes
 * is straight lines.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_BYTES_H
#define EXPORT_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct export_bytes {
    unsigned char *data;
    size_t used, room;
    int code; /* 0, or -ENOMEM: what is there is not all of it */
};

void export_bytes_free(struct export_bytes *bytes);

/* Room for so many more. 0 or the code that sticks. */
int export_bytes_grow(struct export_bytes *bytes, size_t length);

static inline int export_bytes_reserve(struct export_bytes *bytes, size_t length)
{
    if (__builtin_expect(bytes->code == 0 && length <= bytes->room - bytes->used, 1))
        return 0;
    return export_bytes_grow(bytes, length);
}

static inline void export_bytes_put(struct export_bytes *bytes, const void *data, size_t length)
{
    if (length > 0 && export_bytes_reserve(bytes, length) == 0) {
        memcpy(bytes->data + bytes->used, data, length);
        bytes->used += length;
    }
}

static inline void export_bytes_put_byte(struct export_bytes *bytes, unsigned char byte)
{
    export_bytes_put(bytes, &byte, 1);
}

/* A number of 1 to 8 bytes, little-endian. */
static inline void export_bytes_put_number(struct export_bytes *bytes, uint64_t number, unsigned length)
{
    unsigned char text[8];
    for (unsigned i = 0; i < length; i++)
        text[i] = (unsigned char)(number >> 8 * i);
    export_bytes_put(bytes, text, length);
}

/* Seven bits a byte, the lowest first; all but the last have their high bit set. */
static inline void export_bytes_put_varint(struct export_bytes *bytes, uint64_t number)
{
    while (number >= 0x80) {
        export_bytes_put_byte(bytes, (unsigned char)(number | 0x80));
        number >>= 7;
    }
    export_bytes_put_byte(bytes, (unsigned char)number);
}

/* The same of a signed number, so that small ones are short whatever their sign: 0, -1, 1, -2, ... */
static inline void export_bytes_put_zigzag(struct export_bytes *bytes, int64_t number)
{
    export_bytes_put_varint(bytes, (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0));
}

/* Empty, and it can be used again; the memory stays, unless it is more than most. */
void export_bytes_clear(struct export_bytes *bytes, size_t most);

#endif
