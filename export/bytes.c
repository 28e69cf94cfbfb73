/* Memory that grows. See bytes.h.
 *
 * SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <errno.h>
#include <stdlib.h>

enum { LEAST = 256 };

void export_bytes_free(struct export_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct export_bytes){.data = NULL};
}

int export_bytes_grow(struct export_bytes *bytes, size_t length)
{
    size_t room;
    if (bytes->code < 0)
        return bytes->code;
    if (length <= bytes->room - bytes->used)
        return 0;
    bytes->code = -ENOMEM;
    if (__builtin_add_overflow(bytes->used, length, &room) || __builtin_add_overflow(room, room / 2 + LEAST, &room))
        return bytes->code;
    unsigned char *data = realloc(bytes->data, room);
    if (!data)
        return bytes->code;
    bytes->data = data;
    bytes->room = room;
    bytes->code = 0;
    return 0;
}

void export_bytes_clear(struct export_bytes *bytes, size_t most)
{
    if (bytes->room > most)
        export_bytes_free(bytes);
    bytes->used = 0;
    bytes->code = 0;
}
