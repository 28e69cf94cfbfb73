/* What a JSON value is, beyond its text. See json.h.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "json.h"

static uint32_t hex(const char *digits)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char digit = digits[i];
        value = value << 4 | (uint32_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return value;
}

static void put_character(struct export_bytes *out, uint32_t code)
{
    if (code < 0x80) {
        export_bytes_put_byte(out, (unsigned char)code);
        return;
    }
    if (code < 0x800) {
        export_bytes_put_byte(out, (unsigned char)(0xc0 | code >> 6));
    } else {
        if (code < 0x10000) {
            export_bytes_put_byte(out, (unsigned char)(0xe0 | code >> 12));
        } else {
            export_bytes_put_byte(out, (unsigned char)(0xf0 | code >> 18));
            export_bytes_put_byte(out, (unsigned char)(0x80 | (code >> 12 & 0x3f)));
        }
        export_bytes_put_byte(out, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
    }
    export_bytes_put_byte(out, (unsigned char)(0x80 | (code & 0x3f)));
}

/* The character behind \u, of four digits or of two halves with four each; *at behind it. */
static bool put_numbered(struct export_bytes *out, const char **at, const char *end)
{
    uint32_t code = hex(*at);
    *at += 4;
    if (code >= 0xdc00 && code < 0xe000)
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
            return false;
        uint32_t low = hex(*at + 2);
        *at += 6;
        if (low < 0xdc00 || low >= 0xe000)
            return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    put_character(out, code);
    return true;
}

static unsigned char meant(char letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return (unsigned char)letter;
    }
}

bool export_json_unescape(const struct export_json_value *string, struct export_bytes *out)
{
    const char *at = string->text, *end = at + string->length;
    export_bytes_clear(out, SIZE_MAX);
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        export_bytes_put(out, at, (size_t)((escape ? escape : end) - at));
        if (!escape)
            break;
        at = escape + 2;
        if (escape[1] != 'u')
            export_bytes_put_byte(out, meant(escape[1]));
        else if (!put_numbered(out, &at, end))
            return false;
    }
    return out->code == 0;
}

bool export_json_integer(const struct export_json_value *value, int64_t *integer)
{
    if (value->kind != EXPORT_JSON_NUMBER)
        return false;
    bool negative = value->text[0] == '-';
    int64_t sum = 0;
    for (size_t i = negative; i < value->length; i++) {
        if (value->text[i] < '0' || value->text[i] > '9')
            return false;
        int digit = value->text[i] - '0';
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, negative ? -digit : digit, &sum))
            return false;
    }
    *integer = sum;
    return true;
}

/* The text is in the middle of a record, and strtod wants an end. A double has at most 767 digits that matter: a number
 * that is longer than the copy is nobody's measurement, and counts as none. */
bool export_json_real(const struct export_json_value *value, double *real)
{
    char text[1024];
    if (value->kind != EXPORT_JSON_NUMBER || value->length >= sizeof text)
        return false;
    memcpy(text, value->text, value->length);
    text[value->length] = '\0';
    double number = strtod(text, NULL);
    if (!isfinite(number))
        return false;
    *real = number;
    return true;
}
