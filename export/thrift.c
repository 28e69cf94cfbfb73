/* The compact protocol of Thrift. See thrift.h.
 *
 * SPDX-License-Identifier: MIT */
#include "thrift.h"

#include <assert.h>

/* A field that is at most 15 behind the one before has one byte for both. Parquet's numbers all are. */
static void put_field(struct thrift *thrift, int field, enum thrift_type type)
{
    int *last = &thrift->last[thrift->depth], step = field - *last;
    assert(step >= 1 && step <= 15);
    *last = field;
    export_bytes_put_byte(thrift->out, (unsigned char)(step << 4 | (int)type));
}

void thrift_boolean(struct thrift *thrift, int field, bool value)
{
    put_field(thrift, field, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_byte(struct thrift *thrift, int field, int value)
{
    put_field(thrift, field, THRIFT_BYTE);
    export_bytes_put_byte(thrift->out, (unsigned char)value);
}

void thrift_i16(struct thrift *thrift, int field, int64_t value)
{
    put_field(thrift, field, THRIFT_I16);
    export_bytes_put_zigzag(thrift->out, value);
}

void thrift_i32(struct thrift *thrift, int field, int64_t value)
{
    assert(value >= INT32_MIN && value <= INT32_MAX);
    put_field(thrift, field, THRIFT_I32);
    export_bytes_put_zigzag(thrift->out, value);
}

void thrift_i64(struct thrift *thrift, int field, int64_t value)
{
    put_field(thrift, field, THRIFT_I64);
    export_bytes_put_zigzag(thrift->out, value);
}

void thrift_binary(struct thrift *thrift, int field, const void *data, size_t length)
{
    put_field(thrift, field, THRIFT_BINARY);
    thrift_element_binary(thrift, data, length);
}

void thrift_text(struct thrift *thrift, int field, const char *text)
{
    thrift_binary(thrift, field, text, strlen(text));
}

void thrift_begin(struct thrift *thrift, int field)
{
    put_field(thrift, field, THRIFT_STRUCT);
    thrift_element_begin(thrift);
}

void thrift_end(struct thrift *thrift)
{
    export_bytes_put_byte(thrift->out, 0);
    thrift->depth--;
}

void thrift_list(struct thrift *thrift, int field, enum thrift_type type, size_t count)
{
    enum { MANY = 15 }; /* in the place of the count: it follows */
    put_field(thrift, field, THRIFT_LIST);
    export_bytes_put_byte(thrift->out, (unsigned char)((count < MANY ? count : MANY) << 4 | type));
    if (count >= MANY)
        export_bytes_put_varint(thrift->out, count);
}

void thrift_element_number(struct thrift *thrift, int64_t value)
{
    export_bytes_put_zigzag(thrift->out, value);
}

void thrift_element_boolean(struct thrift *thrift, bool value)
{
    export_bytes_put_byte(thrift->out, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_element_binary(struct thrift *thrift, const void *data, size_t length)
{
    export_bytes_put_varint(thrift->out, length);
    export_bytes_put(thrift->out, data, length);
}

void thrift_element_begin(struct thrift *thrift)
{
    assert(thrift->depth + 1 < THRIFT_DEEPEST);
    thrift->last[++thrift->depth] = 0;
}
