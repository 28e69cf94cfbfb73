/* What fields records have. See fields.h.
 *
 * Objects are looked into, each member a field of its own. Numbers are integers until one is not; what is of more than
 * one type is text, and so are arrays.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "utf8.h"

enum { SAW_INTEGER = 1, SAW_REAL = 2, SAW_BOOLEAN = 4, SAW_OTHER = 8 };

struct seen {
    char *path;
    unsigned types;
};

struct export_guess {
    struct seen *seen;
    size_t count;
    bool left_out; /* there was more */
    struct export_bytes key;
};

struct export_guess *export_guess_open(void)
{
    return calloc(1, sizeof(struct export_guess));
}

void export_guess_close(struct export_guess *guess)
{
    if (!guess)
        return;
    for (size_t i = 0; i < guess->count; i++)
        free(guess->seen[i].path);
    free(guess->seen);
    export_bytes_free(&guess->key);
    free(guess);
}

static struct seen *find(struct export_guess *guess, const char *path)
{
    for (size_t i = 0; i < guess->count; i++)
        if (strcmp(guess->seen[i].path, path) == 0)
            return &guess->seen[i];
    if (guess->count == FIELDS_MOST) {
        guess->left_out = true;
        return NULL;
    }
    struct seen *seen = realloc(guess->seen, (guess->count + 1) * sizeof *seen);
    if (!seen)
        return NULL;
    guess->seen = seen;
    seen += guess->count;
    *seen = (struct seen){.path = strdup(path)};
    if (!seen->path)
        return NULL;
    guess->count++;
    return seen;
}

static unsigned type_of(const struct export_json_value *value)
{
    int64_t integer;
    double real;
    switch (value->kind) {
    case EXPORT_JSON_NONE:
    case EXPORT_JSON_NULL:
        return 0;
    case EXPORT_JSON_FALSE:
    case EXPORT_JSON_TRUE:
        return SAW_BOOLEAN;
    case EXPORT_JSON_NUMBER:
        return export_json_integer(value, &integer) ? SAW_INTEGER
               : export_json_real(value, &real)     ? SAW_REAL
                                                    : SAW_OTHER;
    case EXPORT_JSON_STRING:
    case EXPORT_JSON_ARRAY:
    case EXPORT_JSON_OBJECT:
        break;
    }
    return SAW_OTHER;
}

/* The path of a member: its key behind those of the objects around it. False: no column can be called so. */
static bool join(struct export_guess *guess, const char *around, const struct export_json_value *key,
                 char path[FIELD_NAME_MOST + 1])
{
    if (!export_json_unescape(key, &guess->key) || guess->key.used == 0 ||
        memchr(guess->key.data, '\0', guess->key.used))
        return false;
    int length = snprintf(path, FIELD_NAME_MOST + 1, "%s%s%.*s", around, *around ? "." : "", (int)guess->key.used,
                          (const char *)guess->key.data);
    return length <= FIELD_NAME_MOST;
}

static int look(struct export_guess *guess, const char *around, struct export_json_cursor *cursor, unsigned depth)
{
    struct export_json_value key, value;
    struct export_json_cursor inner;
    char path[FIELD_NAME_MOST + 1];
    int more;
    while ((more = export_json_member(cursor, &key, &value)) > 0) {
        if (!join(guess, around, &key, path)) {
            guess->left_out = true;
            continue;
        }
        if (value.kind == EXPORT_JSON_OBJECT && depth + 1 < FIELD_DEEPEST) {
            export_json_enter(&inner, value.text, value.length);
            look(guess, path, &inner, depth + 1);
            continue;
        }
        struct seen *seen = find(guess, path);
        if (seen)
            seen->types |= type_of(&value);
    }
    return more;
}

int export_guess_look(struct export_guess *guess, const void *data, size_t length)
{
    struct export_json_cursor cursor, check;
    struct export_json_value key, value;
    int more = -1;
    if (!export_is_utf8(data, length) || !export_json_enter(&cursor, data, length))
        return 0;
    /* All of it has to be JSON before a name in it counts. */
    check = cursor;
    while ((more = export_json_member(&check, &key, &value)) > 0)
        continue;
    if (more == 0 && export_json_ended(&check))
        look(guess, "", &cursor, 0);
    return guess->key.code;
}

static enum export_type column_type(unsigned types)
{
    if (types == SAW_INTEGER)
        return EXPORT_INTEGER;
    if (types == SAW_REAL || types == (SAW_INTEGER | SAW_REAL))
        return EXPORT_REAL;
    return types == SAW_BOOLEAN ? EXPORT_BOOLEAN : EXPORT_TEXT;
}

int export_guess_add(const struct export_guess *guess, struct export_fields *fields,
                     bool (*is_taken)(void *context, const char *name), void *context, bool *left_out)
{
    char name[FIELD_NAME_MOST + 2];
    *left_out = guess->left_out;
    for (size_t i = 0; i < guess->count; i++) {
        const struct seen *seen = &guess->seen[i];
        size_t length = strlen(seen->path);
        memcpy(name, seen->path, length + 1);
        while (length <= FIELD_NAME_MOST && (is_taken(context, name) || export_fields_find(fields, name))) {
            name[length++] = '_';
            name[length] = '\0';
        }
        int rc = export_fields_add(fields, name, seen->path, column_type(seen->types));
        if (rc == -ENOMEM)
            return rc;
        *left_out |= rc < 0;
    }
    return 0;
}
