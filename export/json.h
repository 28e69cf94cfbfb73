/* What is in a JSON text, without a copy of it: the members of an object one after another, as pieces of the text.
 *
 * The text is UTF-8: the caller has looked. Nothing is allocated and nothing recurses, so that neither the depth nor
 * the size of a record matters; a text nested deeper than EXPORT_JSON_DEEPEST counts as not JSON. Numbers stay the
 * text that they are.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_JSON_H
#define EXPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

enum { EXPORT_JSON_DEEPEST = 1024 };

enum export_json_kind {
    EXPORT_JSON_NONE,
    EXPORT_JSON_NULL,
    EXPORT_JSON_FALSE,
    EXPORT_JSON_TRUE,
    EXPORT_JSON_NUMBER,
    EXPORT_JSON_STRING,
    EXPORT_JSON_ARRAY,
    EXPORT_JSON_OBJECT
};

/* A value, and its text: of a string without the quotes. */
struct export_json_value {
    enum export_json_kind kind;
    bool escaped; /* of a string: a backslash is in it */
    const char *text;
    size_t length;
};

struct export_json_cursor {
    const char *at, *end;
    bool begun; /* a member was taken */
};

/* An object, as all of the text or at its beginning: the cursor stands before its first member. */
bool export_json_enter(struct export_json_cursor *cursor, const char *text, size_t length);

/* 1 and the next member; 0 at the end of the object, the cursor behind it; -1: this is no JSON. */
int export_json_member(struct export_json_cursor *cursor, struct export_json_value *key,
                       struct export_json_value *value);

/* Nothing but blanks is left. */
bool export_json_ended(const struct export_json_cursor *cursor);

/* The string with its escapes resolved, in place of what was in out. False: half of a surrogate pair, which is no
 * character, or no memory. */
bool export_json_unescape(const struct export_json_value *string, struct export_bytes *out);

/* A number as an integer, if it is written as one and fits; as a real, if it is finite. */
bool export_json_integer(const struct export_json_value *value, int64_t *integer);
bool export_json_real(const struct export_json_value *value, double *real);

#endif
