/* A record as one line of JSON: its bytes as a string where they are UTF-8, else in base64.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "log_times.h"
#include "record_out.h"

static int put(const char *text, size_t length, void *context)
{
    record_out_put(context, text, length);
    return 0;
}

static json_t *base64(const unsigned char *data, uint64_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = malloc((length + 2) / 3 * 4 + 1), *to = text;
    if (!text)
        return NULL;
    for (uint64_t i = 0; i < length; i += 3) {
        uint64_t left = length - i;
        unsigned three = (unsigned)data[i] << 16 | (left > 1 ? (unsigned)data[i + 1] << 8 : 0) |
                         (left > 2 ? (unsigned)data[i + 2] : 0);
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = left > 1 ? digits[three >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[three & 63] : '=';
    }
    json_t *string = json_stringn(text, (size_t)(to - text));
    free(text);
    return string;
}

static json_t *gap_object(const struct quire_record *gap)
{
    return json_pack("{s:I,s:I,s:s}", "sequence", (json_int_t)gap->sequence, "lost", (json_int_t)gap->lost, "reason",
                     record_gap_reason(gap->reason));
}

static json_t *record_object(const struct quire_record *record)
{
    char time[LOG_TIME_TEXT];
    log_time_text(record->time, time);
    json_t *object = json_pack("{s:I,s:s,s:I}", "sequence", (json_int_t)record->sequence, "time", time, "length",
                               (json_int_t)record->length);
    json_t *data = json_stringn(record->length > 0 ? record->data : "", record->length);
    const char *key = data ? "data" : "base64";
    if (!data)
        data = base64(record->data, record->length);
    if (object && json_object_set_new(object, key, data) == 0)
        return object;
    json_decref(object);
    return NULL;
}

void record_print_json(struct record_out *out, const struct quire_record *record)
{
    json_t *object = record->kind == QUIRE_RECORD_GAP ? gap_object(record) : record_object(record);
    if (!object || json_dump_callback(object, put, out, JSON_COMPACT) != 0)
        out->code = out->code ? out->code : -ENOMEM;
    json_decref(object);
    record_out_put_byte(out, '\n');
}
