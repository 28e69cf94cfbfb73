/* Fields of records that are JSON objects. See fields.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

void export_fields_free(struct export_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->field[i].name);
        free(fields->field[i].path);
    }
    free(fields->field);
    export_bytes_free(&fields->text);
    export_bytes_free(&fields->key);
    *fields = (struct export_fields){.count = 0};
}

const struct export_field *export_fields_find(const struct export_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcasecmp(fields->field[i].name, name) == 0)
            return &fields->field[i];
    return NULL;
}

int export_fields_add(struct export_fields *fields, const char *name, const char *path, enum export_type type)
{
    if (fields->count == FIELDS_MOST)
        return -E2BIG;
    if (strlen(name) > FIELD_NAME_MOST || strlen(path) > FIELD_NAME_MOST)
        return -ENAMETOOLONG;
    if (export_fields_find(fields, name))
        return -EEXIST;
    struct export_field *field = realloc(fields->field, (fields->count + 1) * sizeof *field);
    if (!field)
        return -ENOMEM;
    fields->field = field;
    field += fields->count;
    *field =
        (struct export_field){.name = strdup(name), .path = strdup(path), .path_length = strlen(path), .type = type};
    if (!field->name || !field->path) {
        free(field->name);
        free(field->path);
        return -ENOMEM;
    }
    fields->count++;
    return 0;
}

/* Where in the record it is: the names of the objects around, each with a dot behind it. */
struct place {
    char path[FIELD_NAME_MOST + 2];
    size_t length;
    unsigned depth;
};

/* The key's text, resolved. NULL: none that a path can name. */
static const char *key_text(struct export_fields *fields, const struct export_json_value *key, size_t *length)
{
    *length = key->length;
    if (!key->escaped)
        return key->text;
    if (!export_json_unescape(key, &fields->key))
        return NULL;
    *length = fields->key.used;
    return (const char *)fields->key.data;
}

/* Keeps the value for the fields of this name. True: there are fields within it. */
static bool keep(struct export_fields *fields, const struct place *place, const char *key, size_t length,
                 const struct export_json_value *value)
{
    bool within = false;
    for (size_t i = 0; i < fields->count; i++) {
        struct export_field *field = &fields->field[i];
        if (place->length + length > field->path_length)
            continue;
        /* What stands behind the key is looked at first: most keys differ in length. */
        const char *rest = field->path + place->length;
        if ((rest[length] != '\0' && rest[length] != '.') || memcmp(rest, key, length) != 0 ||
            memcmp(field->path, place->path, place->length) != 0)
            continue;
        if (rest[length] == '\0')
            field->found = *value;
        within |= rest[length] == '.';
    }
    return within;
}

static bool read_object(struct export_fields *fields, struct place place, struct export_json_cursor *cursor)
{
    struct export_json_value key, value;
    struct export_json_cursor inner;
    int more;
    while ((more = export_json_member(cursor, &key, &value)) > 0) {
        size_t length;
        const char *text = key_text(fields, &key, &length);
        if (!text || length + place.length > FIELD_NAME_MOST || memchr(text, '\0', length) ||
            !keep(fields, &place, text, length, &value) || value.kind != EXPORT_JSON_OBJECT ||
            place.depth + 1 == FIELD_DEEPEST)
            continue;
        struct place deeper = place;
        memcpy(deeper.path + place.length, text, length);
        deeper.path[place.length + length] = '.';
        deeper.length += length + 1;
        deeper.depth++;
        export_json_enter(&inner, value.text, value.length);
        read_object(fields, deeper, &inner);
    }
    return more == 0;
}

bool export_fields_read(struct export_fields *fields, const void *data, size_t length, bool text)
{
    struct export_json_cursor cursor;
    for (size_t i = 0; i < fields->count; i++)
        fields->field[i].found.kind = EXPORT_JSON_NONE;
    if (text && export_json_enter(&cursor, data, length) && read_object(fields, (struct place){.length = 0}, &cursor) &&
        export_json_ended(&cursor))
        return true;
    for (size_t i = 0; i < fields->count; i++)
        fields->field[i].found.kind = EXPORT_JSON_NONE;
    return false;
}

static int put_text(struct export_fields *fields, const struct export_json_value *value, struct export_parquet *parquet,
                    size_t column)
{
    if (value->kind == EXPORT_JSON_STRING && value->escaped) {
        if (!export_json_unescape(value, &fields->text))
            return fields->text.code < 0 ? fields->text.code : export_parquet_null(parquet, column);
        return export_parquet_bytes(parquet, column, fields->text.data, fields->text.used);
    }
    return export_parquet_bytes(parquet, column, value->text, value->length);
}

static int put_value(struct export_fields *fields, const struct export_field *field, struct export_parquet *parquet,
                     size_t column)
{
    const struct export_json_value *value = &field->found;
    int64_t integer;
    double real;
    if (value->kind == EXPORT_JSON_NONE || value->kind == EXPORT_JSON_NULL)
        return export_parquet_null(parquet, column);
    switch (field->type) {
    case EXPORT_INTEGER:
    case EXPORT_TIME:
        if (export_json_integer(value, &integer))
            return export_parquet_integer(parquet, column, integer);
        break;
    case EXPORT_REAL:
        if (export_json_real(value, &real))
            return export_parquet_real(parquet, column, real);
        break;
    case EXPORT_BOOLEAN:
        if (value->kind == EXPORT_JSON_TRUE || value->kind == EXPORT_JSON_FALSE)
            return export_parquet_boolean(parquet, column, value->kind == EXPORT_JSON_TRUE);
        break;
    case EXPORT_TEXT:
    case EXPORT_BYTES:
        return put_text(fields, value, parquet, column);
    }
    return export_parquet_null(parquet, column);
}

int export_fields_put(struct export_fields *fields, struct export_parquet *parquet, size_t first)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < fields->count; i++)
        rc = put_value(fields, &fields->field[i], parquet, first + i);
    return rc;
}
