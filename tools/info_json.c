/* What `quire info` and `quire verify` found, as JSON. Times are text of RFC 3339. See info_print.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>

#include "info_print.h"
#include "log_times.h"
#include "log_words.h"

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* null: there is none. */
static json_t *sequence(uint64_t value)
{
    return value ? number(value) : json_null();
}

static json_t *time_text(uint64_t time)
{
    char text[LOG_TIME_TEXT];
    return time ? json_stringn(text, log_time_text(time, text)) : json_null();
}

static json_t *code_text(int code)
{
    return code < 0 ? json_string(log_damage_name(code)) : json_null();
}

static json_t *segment_object(const struct quire_segment_info *s)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o}", "number", number(s->number), "created",
                     time_text(s->created), "blocks", number(s->blocks), "records", number(s->records), "lost",
                     number(s->lost), "first_sequence", sequence(s->first_sequence), "last_sequence",
                     sequence(s->last_sequence), "first_time", time_text(s->first_time), "last_time",
                     time_text(s->last_time), "data_bytes", number(s->data_bytes), "file_bytes", number(s->file_bytes),
                     "sealed", s->sealed, "error", code_text(s->code));
}

static json_t *segment_array(const struct info *info)
{
    json_t *array = json_array();
    for (size_t i = 0; i < info->count; i++)
        json_array_append_new(array, segment_object(&info->segments[i]));
    return array;
}

static int dump(json_t *object, FILE *out)
{
    int rc = object && json_dumpf(object, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF ? 0 : -EIO;
    json_decref(object);
    return rc;
}

int info_print_json(const struct info *info, FILE *out)
{
    const struct quire_log_info *log = &info->log;
    char id[2 * sizeof log->id + 1];
    info_hex(log->id, sizeof log->id, id);
    return dump(json_pack("{s:i,s:s,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o}", "schema", 1, "log", id, "version",
                          (int)log->version, "first_sequence", sequence(log->first_sequence), "last_sequence",
                          sequence(log->last_sequence), "first_time", time_text(log->first_time), "last_time",
                          time_text(log->last_time), "durable", number(log->durable), "data_bytes",
                          number(log->data_bytes), "file_bytes", number(log->file_bytes), "torn_files",
                          number(log->torn_files), "writer", log->locked, "segments", segment_array(info)),
                out);
}

static json_t *place_object(const struct quire_damage *place)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "segment", number(place->segment), "block",
                     place->block == UINT64_MAX ? json_null() : number(place->block), "offset", number(place->offset),
                     "first_sequence", sequence(place->first_sequence), "last_sequence", sequence(place->last_sequence),
                     "error", code_text(place->code));
}

static json_t *place_array(const struct verified *v)
{
    json_t *array = json_array();
    for (size_t i = 0; i < v->count; i++)
        json_array_append_new(array, place_object(&v->places[i]));
    return array;
}

int verified_print_json(const struct verified *v, FILE *out)
{
    const struct quire_verify_result *r = &v->result;
    char chain[2 * sizeof r->chain + 1];
    info_hex(r->chain, sizeof r->chain, chain);
    return dump(json_pack("{s:i,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "schema", 1, "whole",
                          v->code == 0, "segments", number(r->segments), "blocks", number(r->blocks), "records",
                          number(r->records), "lost", number(r->lost), "bytes", number(r->bytes), "torn_bytes",
                          number(r->torn_bytes), "damaged_records", number(r->damaged_records), "first_sequence",
                          sequence(r->first_sequence), "last_sequence", sequence(r->last_sequence), "chain",
                          v->chained && v->code == 0 ? json_string(chain) : json_null(), "seconds",
                          json_real(v->seconds), "damage", place_array(v)),
                out);
}
