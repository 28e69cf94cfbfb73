/* A report's JSON, checked field by field. See document.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/document.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows/settings.h"

/* Where in the document the reader is, for the sentence that says what is wrong. */
struct reader {
    char *why;
    size_t result, round; /* counted from 0 */
    bool in_result, in_round;
    const char *part; /* of a round's latency, or NULL */
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct reader *r, const char *format, ...)
{
    char place[96] = "", what[160];
    if (r->in_round)
        snprintf(place, sizeof place, "results[%zu].rounds[%zu]%s%s: ", r->result, r->round, r->part ? ".latency." : "",
                 r->part ? r->part : "");
    else if (r->in_result)
        snprintf(place, sizeof place, "results[%zu]: ", r->result);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(r->why, BENCH_DOCUMENT_WHY, "is damaged: %s%s", place, what);
    return false;
}

/* Bytes below space and the one above '~' could speak to a terminal; so could U+0080 to U+009F, C2 80 to C2 9F. */
static void copy_clean(char *to, const char *from)
{
    for (; *from; to++, from++) {
        unsigned char byte = (unsigned char)*from, next = (unsigned char)from[1];
        bool control = byte < ' ' || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0);
        from += byte == 0xc2 && control ? 1 : 0;
        *to = control ? '?' : *from;
    }
    *to = '\0';
}

static bool read_text(const struct reader *r, const json_t *object, const char *field, char *to, size_t room)
{
    const json_t *value = json_object_get(object, field);
    if (!json_is_string(value))
        return wrong(r, "\"%s\" %s", field, value ? "is not a text" : "is missing");
    if (json_string_length(value) >= room)
        return wrong(r, "\"%s\" is longer than %zu bytes", field, room - 1);
    copy_clean(to, json_string_value(value));
    return true;
}

/* A field that may be absent: "" then. */
static bool read_optional_text(const struct reader *r, const json_t *object, const char *field, char *to, size_t room)
{
    *to = '\0';
    return !json_object_get(object, field) || read_text(r, object, field, to, room);
}

static bool read_whole(const struct reader *r, const json_t *object, const char *field, uint64_t most, uint64_t *to)
{
    const json_t *value = json_object_get(object, field);
    if (!json_is_integer(value))
        return wrong(r, "\"%s\" %s", field, value ? "is not a whole number" : "is missing");
    json_int_t number = json_integer_value(value);
    if (number < 1 || (uint64_t)number > most)
        return wrong(r, "\"%s\" is %" JSON_INTEGER_FORMAT ", and not from 1 to %" JSON_INTEGER_FORMAT, field, number,
                     (json_int_t)most);
    *to = (uint64_t)number;
    return true;
}

static bool read_figure(const struct reader *r, const json_t *object, const struct bench_figure_kind *kind, double *to)
{
    const json_t *value = json_object_get(object, kind->field);
    *to = NAN;
    if (!value && kind->part)
        return true;
    if (!json_is_number(value))
        return wrong(r, "\"%s\" %s", kind->field, value ? "is not a number" : "is missing");
    double number = json_number_value(value);
    if (!isfinite(number) || number < 0 || (number <= 0 && kind->positive))
        return wrong(r, "\"%s\" is %g, which nothing measured can be", kind->field, number);
    *to = number;
    return true;
}

/* Values of a round that has "latency" are in an object for each part; absent if that was not measured. */
static bool read_round(struct reader *r, const json_t *round, double *figures)
{
    if (!json_is_object(round))
        return wrong(r, "not an object");
    const json_t *latency = json_object_get(round, "latency");
    if (latency && !json_is_object(latency))
        return wrong(r, "\"latency\" is not an object");
    for (unsigned i = 0; i < BENCH_FIGURES; i++) {
        const struct bench_figure_kind *kind = bench_figure_kind(i);
        const json_t *object = kind->part ? json_object_get(latency, kind->part) : round;
        if (object && !json_is_object(object))
            return wrong(r, "\"%s\" in \"latency\" is not an object", kind->part);
        r->part = kind->part;
        if (!read_figure(r, object, kind, &figures[i]))
            return false;
        r->part = NULL;
    }
    return true;
}

static bool read_rounds(struct reader *r, const json_t *result, struct bench_document_row *row)
{
    const json_t *rounds = json_object_get(result, "rounds");
    if (!json_is_array(rounds))
        return wrong(r, "\"rounds\" %s", rounds ? "is not an array" : "is missing");
    size_t count = json_array_size(rounds);
    if (count < 1 || count > BENCH_ROUNDS_MOST)
        return wrong(r, "it has %zu rounds, and not from 1 to %d", count, BENCH_ROUNDS_MOST);
    row->figures = malloc(count * BENCH_FIGURES * sizeof *row->figures);
    if (!row->figures)
        return wrong(r, "there is no memory for it");
    row->rounds = (unsigned)count;
    r->in_round = true;
    for (r->round = 0; r->round < count; r->round++)
        if (!read_round(r, json_array_get(rounds, r->round), row->figures + r->round * BENCH_FIGURES))
            return false;
    r->in_round = false;
    return true;
}

static bool read_kind(const struct reader *r, const json_t *result, struct bench_document_row *row)
{
    char kind[16];
    if (!read_text(r, result, "kind", kind, sizeof kind))
        return false;
    row->machine = strcmp(kind, "quire") != 0;
    if (row->machine && strcmp(kind, "limit") != 0 && strcmp(kind, "peer") != 0)
        return wrong(r, "\"kind\" is \"%s\", and not \"quire\", \"peer\" or \"limit\"", kind);
    row->candidate = json_object_get(result, "in_flight") && !json_object_get(result, "best_of_candidates");
    return true;
}

static bool read_result(struct reader *r, const json_t *result, struct bench_document_row *row)
{
    uint64_t threads = 0;
    if (!json_is_object(result))
        return wrong(r, "not an object");
    if (!read_text(r, result, "name", row->name, sizeof row->name) ||
        !read_text(r, result, "sync", row->sync, sizeof row->sync) ||
        !read_optional_text(r, result, "durability", row->durability, sizeof row->durability) ||
        !read_whole(r, result, "record_bytes", INT64_MAX, &row->record_bytes) ||
        !read_whole(r, result, "records", INT64_MAX, &row->records) ||
        !read_whole(r, result, "threads", INT32_MAX, &threads) || !read_kind(r, result, row))
        return false;
    row->threads = (unsigned)threads;
    return read_rounds(r, result, row);
}

static bool read_results(struct reader *r, const json_t *results, struct bench_document *document)
{
    size_t count = json_array_size(results);
    if (count > BENCH_DOCUMENT_ROWS_MOST)
        return wrong(r, "\"results\" has %zu elements, and a report at most %d", count, BENCH_DOCUMENT_ROWS_MOST);
    document->rows = calloc(count ? count : 1, sizeof *document->rows);
    if (!document->rows)
        return wrong(r, "there is no memory for it");
    document->count = count;
    r->in_result = true;
    for (r->result = 0; r->result < count; r->result++)
        if (!read_result(r, json_array_get(results, r->result), &document->rows[r->result]))
            return false;
    r->in_result = false;
    return true;
}

static bool read_environment(const struct reader *r, const json_t *env, struct bench_document *document)
{
    if (!read_optional_text(r, env, "date", document->date, sizeof document->date) ||
        !read_optional_text(r, env, "quire", document->version, sizeof document->version))
        return false;
    for (unsigned i = 0; i < BENCH_TRAITS; i++) {
        const json_t *value = json_object_get(env, bench_document_traits[i]);
        if (json_is_integer(value))
            snprintf(document->traits[i], sizeof document->traits[i], "%" JSON_INTEGER_FORMAT,
                     json_integer_value(value));
        else if (!read_optional_text(r, env, bench_document_traits[i], document->traits[i], sizeof document->traits[i]))
            return false;
    }
    return true;
}

static bool foreign(const struct reader *r, const char *what)
{
    snprintf(r->why, BENCH_DOCUMENT_WHY, "is not a report of `quire bench --json`: %s", what);
    return false;
}

static bool read_root(struct reader *r, const json_t *root, struct bench_document *document)
{
    const json_t *schema = json_object_get(root, "schema"), *env = json_object_get(root, "env");
    const json_t *results = json_object_get(root, "results");
    if (!schema)
        return foreign(r, "it has no \"schema\"");
    if (!json_is_integer(schema) || json_integer_value(schema) < 1)
        return foreign(r, "its \"schema\" is not a number from 1 on");
    if (json_integer_value(schema) > 1) {
        snprintf(r->why, BENCH_DOCUMENT_WHY,
                 "has schema %" JSON_INTEGER_FORMAT ", and this quire reads schema 1: use the one that wrote it",
                 json_integer_value(schema));
        return false;
    }
    if (!json_is_object(env) || !json_is_array(results) || !json_is_array(json_object_get(root, "workloads")))
        return foreign(r, "it has no \"env\", \"workloads\" and \"results\" (those of `quire bench sync`, `micro` and "
                          "`compare` cannot be compared)");
    return read_environment(r, env, document) && read_results(r, results, document);
}

int bench_document_parse(struct bench_document *document, const char *text, size_t length, char why[BENCH_DOCUMENT_WHY])
{
    struct reader reader = {.why = why};
    json_error_t error;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    document->rows = NULL;
    document->count = 0;
    if (!root) {
        char cause[sizeof error.text];
        copy_clean(cause, error.text);
        snprintf(why, BENCH_DOCUMENT_WHY, "is not whole JSON: line %d, column %d: %s", error.line, error.column, cause);
        return -1;
    }
    bool good = read_root(&reader, root, document);
    json_decref(root);
    if (good)
        return 0;
    bench_document_free(document);
    return -1;
}
