/* The least and the greatest value. See bounds.h.
 *
 * SPDX-License-Identifier: MIT */
#include "bounds.h"

#include <math.h>
#include <string.h>

static inline size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void bounds_integer(struct bounds *bounds, int64_t value)
{
    if (!bounds->any || value < bounds->least.integer)
        bounds->least.integer = value;
    if (!bounds->any || value > bounds->most.integer)
        bounds->most.integer = value;
    bounds->any = true;
}

/* Both zeros are equal: the bounds have the one that is right for a reader which tells them apart. */
void bounds_real(struct bounds *bounds, double value)
{
    if (isnan(value)) {
        bounds->unknown = true;
        return;
    }
    if (!bounds->any || value < bounds->least.real)
        bounds->least.real = value;
    if (!bounds->any || value > bounds->most.real)
        bounds->most.real = value;
    bounds->any = true;
    if (bounds->least.real == 0)
        bounds->least.real = -0.0;
    if (bounds->most.real == 0)
        bounds->most.real = 0.0;
}

/* Where the character begins that contains the byte at. */
static size_t character(const unsigned char *data, size_t at)
{
    while (at > 0 && (data[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static struct bound cut(const unsigned char *data, size_t length, bool text)
{
    struct bound bound = {.length = (uint32_t)smaller(length, BOUND_BYTES), .cut = length > BOUND_BYTES};
    if (bound.cut && text)
        bound.length = (uint32_t)character(data, BOUND_BYTES);
    if (bound.length > 0)
        memcpy(bound.data, data, bound.length);
    return bound;
}

static int compare(const struct bound *bound, const unsigned char *data, size_t length)
{
    size_t both = smaller(bound->length, length);
    return both > 0 ? memcmp(data, bound->data, both) : 0;
}

static bool is_less(const struct bound *least, const unsigned char *data, size_t length)
{
    int order = compare(least, data, length);
    return order < 0 || (order == 0 && length < least->length);
}

/* Where one begins with the other: a value that was cut there may be anything that begins so, and bounds them both. */
static bool is_more(const struct bound *most, const unsigned char *data, size_t length, bool is_cut)
{
    int order = compare(most, data, length);
    if (order != 0)
        return order > 0;
    if (most->cut && most->length <= length)
        return false;
    return (is_cut && length <= most->length) || length > most->length;
}

void bounds_bytes(struct bounds *bounds, const void *data, size_t length, bool text)
{
    size_t first = smaller(length, BOUND_BYTES);
    if (!bounds->any || is_less(&bounds->least.bytes, data, first))
        bounds->least.bytes = cut(data, length, text);
    if (!bounds->any || is_more(&bounds->most.bytes, data, first, length > first))
        bounds->most.bytes = cut(data, length, text);
    bounds->any = true;
}

/* What is left to do if other has values that bounds has not: nothing is known of bounds yet, or both have to be looked
 * at. */
static bool is_first(struct bounds *bounds, const struct bounds *other)
{
    bounds->unknown |= other->unknown;
    if (!other->any || bounds->any)
        return !other->any;
    bool unknown = bounds->unknown;
    *bounds = *other;
    bounds->unknown = unknown;
    return true;
}

void bounds_merge_integers(struct bounds *bounds, const struct bounds *other)
{
    if (is_first(bounds, other))
        return;
    bounds_integer(bounds, other->least.integer);
    bounds_integer(bounds, other->most.integer);
}

void bounds_merge_reals(struct bounds *bounds, const struct bounds *other)
{
    if (is_first(bounds, other))
        return;
    bounds_real(bounds, other->least.real);
    bounds_real(bounds, other->most.real);
}

void bounds_merge_bytes(struct bounds *bounds, const struct bounds *other)
{
    if (is_first(bounds, other))
        return;
    if (is_less(&bounds->least.bytes, other->least.bytes.data, other->least.bytes.length))
        bounds->least.bytes = other->least.bytes;
    if (is_more(&bounds->most.bytes, other->most.bytes.data, other->most.bytes.length, other->most.bytes.cut))
        bounds->most.bytes = other->most.bytes;
}

static uint32_t code_of(const unsigned char *data, size_t length)
{
    uint32_t code = length == 1 ? data[0] : data[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++)
        code = code << 6 | (data[i] & 0x3fu);
    return code;
}

static uint32_t put_code(unsigned char *to, uint32_t code)
{
    uint32_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (uint32_t i = length - 1; i > 0; i--, code >>= 6)
        to[i] = (unsigned char)(0x80 | (code & 0x3f));
    to[0] = (unsigned char)(length == 1 ? code : (0xf00u >> length & 0xff) | code);
    return length;
}

/* The last character becomes the next one there is; behind the last of all there is none, so it goes, and the one
 * before is raised. */
static bool raise_text(struct bound *bound)
{
    while (bound->length > 0) {
        size_t begin = character(bound->data, bound->length - 1);
        uint32_t code = code_of(bound->data + begin, bound->length - begin);
        bound->length = (uint32_t)begin;
        if (code == 0x10ffff)
            continue;
        code = code == 0xd7ff ? 0xe000 : code + 1;
        bound->length += put_code(bound->data + begin, code);
        return true;
    }
    return false;
}

static bool raise_bytes(struct bound *bound)
{
    while (bound->length > 0 && bound->data[bound->length - 1] == UINT8_MAX)
        bound->length--;
    if (bound->length == 0)
        return false;
    bound->data[bound->length - 1]++;
    return true;
}

bool bounds_above(const struct bounds *bounds, bool text, struct bound *above)
{
    struct bound bound = bounds->most.bytes;
    if (bound.cut && !(text ? raise_text(&bound) : raise_bytes(&bound)))
        return false;
    *above = bound;
    return true;
}
