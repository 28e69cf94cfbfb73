/* The compact protocol of Thrift, as far as Parquet's headers need it, written only.
 *
 * A structure is its fields, each behind its number (the difference to the one before) and type, then a zero byte.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_THRIFT_H
#define EXPORT_THRIFT_H

#include <stdbool.h>

#include "bytes.h"

enum thrift_type {
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_BYTE = 3,
    THRIFT_I16 = 4,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_STRUCT = 12
};

/* The deepest that Parquet has: file, schema element, logical type, timestamp, unit, nanoseconds. */
enum { THRIFT_DEEPEST = 8 };

/* Begins as {.out = ...}: in the outermost structure, whose end thrift_end is, too. */
struct thrift {
    struct export_bytes *out;
    int depth;
    int last[THRIFT_DEEPEST]; /* number of the last field, in each structure that is open */
};

void thrift_boolean(struct thrift *thrift, int field, bool value);
void thrift_byte(struct thrift *thrift, int field, int value);
void thrift_i16(struct thrift *thrift, int field, int64_t value);
void thrift_i32(struct thrift *thrift, int field, int64_t value);
void thrift_i64(struct thrift *thrift, int field, int64_t value);
void thrift_binary(struct thrift *thrift, int field, const void *data, size_t length);
void thrift_text(struct thrift *thrift, int field, const char *text);

/* What follows, up to thrift_end, is in the structure. */
void thrift_begin(struct thrift *thrift, int field);
void thrift_end(struct thrift *thrift);

/* So many elements follow: numbers by thrift_element_number, booleans by _boolean, bytes by _binary, structures between
 * _begin and thrift_end. */
void thrift_list(struct thrift *thrift, int field, enum thrift_type type, size_t count);
void thrift_element_number(struct thrift *thrift, int64_t value);
void thrift_element_boolean(struct thrift *thrift, bool value);
void thrift_element_binary(struct thrift *thrift, const void *data, size_t length);
void thrift_element_begin(struct thrift *thrift);

#endif
