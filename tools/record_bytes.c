/* The pieces of a byte file (`quire mount --mode log`) as the bytes that they are of it.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "bytes/piece.h"
#include "record_out.h"

static void release(struct record_out *out, uint64_t end)
{
    uint64_t begin = out->piece_begin;
    uint64_t length = end > begin ? end - begin : 0;
    /* First: putting it may flush, and that releases what is held. */
    out->piece_begin = out->piece_end = 0;
    record_out_put(out, out->piece, length);
}

void record_release_bytes(struct record_out *out)
{
    release(out, out->piece_end);
}

static void hold(struct record_out *out, const unsigned char *bytes, uint64_t begin, uint64_t length)
{
    if (length > out->piece_room) {
        unsigned char *grown = realloc(out->piece, length);
        if (!grown) {
            out->code = out->code ? out->code : -ENOMEM;
            return;
        }
        out->piece = grown;
        out->piece_room = length;
    }
    if (length > 0)
        memcpy(out->piece, bytes, length);
    out->piece_begin = begin;
    out->piece_end = begin + length;
}

void record_print_bytes(struct record_out *out, const struct quire_record *record)
{
    const unsigned char *data = record->data;
    uint64_t begin, end = out->piece_end;
    if (!bytes_piece_parse(data, record->length, &begin)) {
        record_release_bytes(out);
        record_out_put(out, data, record->length);
        return;
    }
    release(out, begin < end ? begin : end);
    hold(out, data + sizeof(struct bytes_piece_head), begin, record->length - sizeof(struct bytes_piece_head));
}
