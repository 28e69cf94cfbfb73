/* Small numbers in few bits. See packed.h.
 *
 * SPDX-License-Identifier: MIT */
#include "packed.h"

#include <stdbool.h>

/* GROUP: what a packed run is counted in; BLOCK and MINI: what a writer of deltas may choose. The usual ones. */
enum { GROUP = 8, BLOCK = 128, MINIS = 4, MINI = BLOCK / MINIS };

void export_pack(struct export_bytes *out, const uint64_t *values, size_t count, unsigned width)
{
    size_t bytes = (count * width + 7) / 8;
    if (export_bytes_reserve(out, bytes) < 0)
        return;
    unsigned char *to = out->data + out->used;
    unsigned __int128 waiting = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < count; i++) {
        waiting |= (unsigned __int128)values[i] << bits;
        for (bits += width; bits >= 8; bits -= 8, waiting >>= 8)
            *to++ = (unsigned char)waiting;
    }
    if (bits > 0)
        *to = (unsigned char)waiting;
    out->used += bytes;
}

static size_t run_length(const uint32_t *values, size_t count, size_t most)
{
    size_t length = 1;
    while (length < count && length < most && values[length] == values[0])
        length++;
    return length;
}

static void put_run(struct export_bytes *out, uint32_t value, size_t count, unsigned width)
{
    export_bytes_put_varint(out, (uint64_t)count << 1);
    export_bytes_put_number(out, value, (width + 7) / 8);
}

static void put_packed(struct export_bytes *out, const uint32_t *values, size_t count, unsigned width)
{
    export_bytes_put_varint(out, (uint64_t)((count + GROUP - 1) / GROUP) << 1 | 1);
    for (size_t i = 0; i < count; i += GROUP) {
        uint64_t group[GROUP] = {0};
        for (size_t j = 0; j < GROUP && i + j < count; j++)
            group[j] = values[i + j];
        export_pack(out, group, GROUP, width);
    }
}

void export_put_hybrid(struct export_bytes *out, const uint32_t *values, size_t count, unsigned width)
{
    for (size_t i = 0; i < count;) {
        size_t packed = i;
        while (packed < count && run_length(values + packed, count - packed, GROUP) < GROUP)
            packed = count - packed < GROUP ? count : packed + GROUP;
        if (packed > i) {
            put_packed(out, values + i, packed - i, width);
            i = packed;
        } else {
            size_t length = run_length(values + i, count - i, count);
            put_run(out, values[i], length, width);
            i += length;
        }
    }
}

/* Differences, and what they are above the least of them, wrap around: as unsigned numbers they come out right. */
static void put_block(struct export_bytes *out, const uint64_t *values, size_t count)
{
    uint64_t above[BLOCK] = {0};
    int64_t least = INT64_MAX;
    unsigned char widths[MINIS] = {0};
    for (size_t i = 0; i < count; i++) {
        above[i] = values[i + 1] - values[i];
        least = (int64_t)above[i] < least ? (int64_t)above[i] : least;
    }
    uint64_t all[MINIS] = {0};
    for (size_t i = 0; i < count; i++)
        all[i / MINI] |= above[i] -= (uint64_t)least;
    for (size_t i = 0; i < MINIS; i++)
        widths[i] = (unsigned char)export_bits(all[i]);
    export_bytes_put_zigzag(out, least);
    export_bytes_put(out, widths, sizeof widths);
    for (size_t i = 0; i * MINI < count; i++)
        export_pack(out, above + i * MINI, MINI, widths[i]);
}

void export_put_delta(struct export_bytes *out, const uint64_t *values, size_t count)
{
    export_bytes_put_varint(out, BLOCK);
    export_bytes_put_varint(out, MINIS);
    export_bytes_put_varint(out, count);
    export_bytes_put_zigzag(out, count > 0 ? (int64_t)values[0] : 0);
    for (size_t i = 0; i + 1 < count; i += BLOCK)
        put_block(out, values + i, count - 1 - i < BLOCK ? count - 1 - i : BLOCK);
}
