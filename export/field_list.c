/* Fields as a command line lists them. See fields.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "utf8.h"

static const struct {
    const char *name;
    enum export_type type;
} types[] = {{"string", EXPORT_TEXT}, {"int", EXPORT_INTEGER}, {"double", EXPORT_REAL}, {"bool", EXPORT_BOOLEAN}};
enum { TYPES = sizeof types / sizeof types[0] };

const char *export_type_name(enum export_type type)
{
    for (int i = 0; i < TYPES; i++)
        if (types[i].type == type)
            return types[i].name;
    return "";
}

static bool find_type(const char *name, enum export_type *type)
{
    for (int i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, name) == 0) {
            *type = types[i].type;
            return true;
        }
    return false;
}

/* One item, which is taken apart in place. Without a name the column is called as its path. */
static int add_item(struct export_fields *fields, char *item)
{
    enum export_type type = EXPORT_TEXT;
    char *colon = strrchr(item, ':'), *equals = strchr(item, '='), *path = equals ? equals + 1 : item;
    if (colon && colon > path) {
        if (!find_type(colon + 1, &type))
            return -EINVAL;
        *colon = '\0';
    }
    if (equals)
        *equals = '\0';
    if (!*item || !*path || !export_is_utf8(item, strlen(item)) || !export_is_utf8(path, strlen(path)))
        return -EINVAL;
    return export_fields_add(fields, item, path, type);
}

int export_field_list(struct export_fields *fields, const char *list, const char **wrong)
{
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        char *item = strndup(at, length);
        if (!item)
            return -ENOMEM;
        int rc = add_item(fields, item);
        free(item);
        if (rc < 0) {
            *wrong = at;
            return rc;
        }
        at += length;
        if (!*at)
            return 0;
    }
}

char *export_field_list_text(const struct export_fields *fields, size_t first)
{
    struct export_bytes out = {.data = NULL};
    for (size_t i = first; i < fields->count; i++) {
        const struct export_field *field = &fields->field[i];
        if (i > first)
            export_bytes_put_byte(&out, ',');
        if (strcmp(field->name, field->path) != 0) {
            export_bytes_put(&out, field->name, strlen(field->name));
            export_bytes_put_byte(&out, '=');
        }
        export_bytes_put(&out, field->path, strlen(field->path));
        export_bytes_put_byte(&out, ':');
        export_bytes_put(&out, export_type_name(field->type), strlen(export_type_name(field->type)));
    }
    export_bytes_put_byte(&out, '\0');
    if (out.code == 0)
        return (char *)out.data;
    export_bytes_free(&out);
    return NULL;
}
