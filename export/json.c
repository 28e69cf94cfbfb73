/* What is in a JSON text. See json.h.
 *
 * SPDX-License-Identifier: MIT */
#include "json.h"

#include <string.h>

static void skip_blanks(struct export_json_cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
        c->at++;
}

/* The next byte is this one: passed over. */
static bool take(struct export_json_cursor *c, char byte)
{
    if (c->at == c->end || *c->at != byte)
        return false;
    c->at++;
    return true;
}

static bool take_word(struct export_json_cursor *c, const char *word, enum export_json_kind kind,
                      struct export_json_value *value)
{
    size_t length = strlen(word);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
        return false;
    *value = (struct export_json_value){.kind = kind, .text = c->at, .length = length};
    c->at += length;
    return true;
}

static bool take_escape(struct export_json_cursor *c)
{
    static const char known[] = "\"\\/bfnrt";
    if (c->at == c->end)
        return false;
    char letter = *c->at++;
    if (letter != 'u')
        return letter != '\0' && strchr(known, letter);
    for (int i = 0; i < 4; i++, c->at++)
        if (c->at == c->end || !*c->at || !strchr("0123456789abcdefABCDEF", *c->at))
            return false;
    return true;
}

static bool take_string(struct export_json_cursor *c, struct export_json_value *value)
{
    if (!take(c, '"'))
        return false;
    *value = (struct export_json_value){.kind = EXPORT_JSON_STRING, .text = c->at};
    while (c->at < c->end && *c->at != '"') {
        unsigned char byte = (unsigned char)*c->at++;
        if (byte < 0x20)
            return false;
        if (byte != '\\')
            continue;
        value->escaped = true;
        if (!take_escape(c))
            return false;
    }
    value->length = (size_t)(c->at - value->text);
    return take(c, '"');
}

static bool take_digits(struct export_json_cursor *c)
{
    const char *begin = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    return c->at > begin;
}

static bool take_number(struct export_json_cursor *c, struct export_json_value *value)
{
    *value = (struct export_json_value){.kind = EXPORT_JSON_NUMBER, .text = c->at};
    take(c, '-');
    if (!take(c, '0') && !take_digits(c))
        return false;
    if (take(c, '.') && !take_digits(c))
        return false;
    if (take(c, 'e') || take(c, 'E')) {
        if (!take(c, '+'))
            take(c, '-');
        if (!take_digits(c))
            return false;
    }
    value->length = (size_t)(c->at - value->text);
    return true;
}

static bool take_scalar(struct export_json_cursor *c, struct export_json_value *value)
{
    if (c->at == c->end)
        return false;
    switch (*c->at) {
    case '"':
        return take_string(c, value);
    case 'n':
        return take_word(c, "null", EXPORT_JSON_NULL, value);
    case 't':
        return take_word(c, "true", EXPORT_JSON_TRUE, value);
    case 'f':
        return take_word(c, "false", EXPORT_JSON_FALSE, value);
    }
    return take_number(c, value);
}

static bool take_key(struct export_json_cursor *c, struct export_json_value *key)
{
    skip_blanks(c);
    if (!take_string(c, key))
        return false;
    skip_blanks(c);
    return take(c, ':');
}

/* Which of the containers that are open are objects: a bit each, since nothing recurses here. */
struct nest {
    unsigned depth;
    unsigned char objects[EXPORT_JSON_DEEPEST / 8];
};

static bool in_object(const struct nest *nest)
{
    return nest->objects[nest->depth / 8] >> nest->depth % 8 & 1;
}

static bool enter(struct nest *nest, bool object)
{
    if (nest->depth + 1 == EXPORT_JSON_DEEPEST)
        return false;
    unsigned at = ++nest->depth;
    nest->objects[at / 8] = (unsigned char)((nest->objects[at / 8] & ~(1u << at % 8)) | (unsigned)object << at % 8);
    return true;
}

/* Behind a value: 1: another one begins here; 0: that was the outermost; -1: neither. */
static int go_on(struct export_json_cursor *c, struct nest *nest)
{
    struct export_json_value key;
    while (nest->depth > 0) {
        skip_blanks(c);
        if (take(c, ','))
            return !in_object(nest) || take_key(c, &key) ? 1 : -1;
        if (!take(c, in_object(nest) ? '}' : ']'))
            return -1;
        nest->depth--;
    }
    return 0;
}

/* Behind the bracket that begins a container: 1: its first value begins here; 0: it was empty; -1: neither. */
static int go_in(struct export_json_cursor *c, struct nest *nest)
{
    struct export_json_value key;
    bool object = c->at[-1] == '{';
    if (!enter(nest, object))
        return -1;
    skip_blanks(c);
    if (take(c, object ? '}' : ']')) {
        nest->depth--;
        return 0;
    }
    return !object || take_key(c, &key) ? 1 : -1;
}

static bool take_container(struct export_json_cursor *c, struct export_json_value *value)
{
    struct export_json_value scalar;
    struct nest nest = {.depth = 0};
    *value = (struct export_json_value){.kind = *c->at == '{' ? EXPORT_JSON_OBJECT : EXPORT_JSON_ARRAY, .text = c->at};
    int more = 1;
    while (more > 0) {
        skip_blanks(c);
        more = take(c, '{') || take(c, '[') ? go_in(c, &nest) : take_scalar(c, &scalar) ? 0 : -1;
        if (more == 0)
            more = go_on(c, &nest);
    }
    value->length = (size_t)(c->at - value->text);
    return more == 0;
}

static bool take_value(struct export_json_cursor *c, struct export_json_value *value)
{
    skip_blanks(c);
    if (c->at < c->end && (*c->at == '{' || *c->at == '['))
        return take_container(c, value);
    return take_scalar(c, value);
}

bool export_json_enter(struct export_json_cursor *cursor, const char *text, size_t length)
{
    /* A text without bytes may be NULL. */
    *cursor = (struct export_json_cursor){.at = text, .end = length > 0 ? text + length : text};
    skip_blanks(cursor);
    return take(cursor, '{');
}

int export_json_member(struct export_json_cursor *c, struct export_json_value *key, struct export_json_value *value)
{
    skip_blanks(c);
    if (take(c, '}'))
        return 0;
    if (c->begun && !take(c, ','))
        return -1;
    c->begun = true;
    return take_key(c, key) && take_value(c, value) ? 1 : -1;
}

bool export_json_ended(const struct export_json_cursor *cursor)
{
    struct export_json_cursor rest = *cursor;
    skip_blanks(&rest);
    return rest.at == rest.end;
}
