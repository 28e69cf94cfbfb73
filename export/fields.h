/* Fields of records that are JSON objects, as columns.
 *
 * A field is named by its path: "user.id" is the member id of the object user, or a member "user.id". A value of
 * another type than the column's is null there; but text takes every value but null, as the JSON that it is.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_FIELDS_H
#define EXPORT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"
#include "parquet.h"

enum { FIELDS_MOST = 256, FIELD_NAME_MOST = 256, FIELD_DEEPEST = 8 };

struct export_field {
    char *name, *path; /* of the column, and in the record */
    size_t path_length;
    enum export_type type;
    struct export_json_value found; /* in the record at hand */
};

struct export_fields {
    struct export_field *field;
    size_t count;
    struct export_bytes text; /* a string, its escapes resolved */
    struct export_bytes key;
};

void export_fields_free(struct export_fields *fields);

/* One more. 0, -ENOMEM, -E2BIG: there are FIELDS_MOST, -ENAMETOOLONG, or -EEXIST: the name is taken, and readers that
 * know no case would take them for one. */
int export_fields_add(struct export_fields *fields, const char *name, const char *path, enum export_type type);
const struct export_field *export_fields_find(const struct export_fields *fields, const char *name);

/* Finds each field in the record: found is of EXPORT_JSON_NONE where there is none. False: the record is no JSON
 * object; then there is none at all. text: the record is UTF-8. */
bool export_fields_read(struct export_fields *fields, const void *data, size_t length, bool text);

/* What was found goes to the columns from first on. 0 or a code. */
int export_fields_put(struct export_fields *fields, struct export_parquet *parquet, size_t first);

/* guess.c: what fields records have, from a look at some of them. */
struct export_guess;
struct export_guess *export_guess_open(void);
void export_guess_close(struct export_guess *guess);
int export_guess_look(struct export_guess *guess, const void *data, size_t length);
/* Adds what was found to fields, in the order in which it was first seen; a name that is taken, or that is_taken says
 * so of, gets a "_" behind it. 0, or a code; *left_out: there were too many, or names that no column has. */
int export_guess_add(const struct export_guess *guess, struct export_fields *fields,
                     bool (*is_taken)(void *context, const char *name), void *context, bool *left_out);

/* field_list.c: the fields that a text lists: [NAME=]PATH[:int|double|string|bool],... *wrong is where it cannot be
 * understood. 0 or a code of export_fields_add; -EINVAL: no such type, or a name is missing. */
int export_field_list(struct export_fields *fields, const char *list, const char **wrong);
/* And back: the list that would give these fields, in memory of the caller's. NULL: none. */
char *export_field_list_text(const struct export_fields *fields, size_t first);
const char *export_type_name(enum export_type type);

#endif
