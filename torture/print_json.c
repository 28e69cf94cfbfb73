/* What `quire torture` found, as JSON. See session.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>

#include "torture/session.h"

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* A directory may be called anything: of what is no UTF-8 each byte becomes a question mark. */
static json_t *text_of(const char *text)
{
    json_t *whole = json_string(text);
    char readable[TORTURE_AGAIN_TEXT];
    size_t length = 0;

    for (; !whole && *text && length + 1 < sizeof readable; text++)
        readable[length++] = (unsigned char)*text < 0x80 ? *text : '?';
    readable[length] = '\0';
    return whole ? whole : json_string(readable);
}

static json_t *log_object(const struct torture_base *base)
{
    bool is_empty = base->last < base->first;

    if (base->load.segments == 0)
        return json_null();
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "segments", number(base->load.segments), "left_out",
                     number(base->load.left_out), "bytes", number(base->load.bytes), "torn_bytes",
                     number(base->torn_bytes), "first_sequence", is_empty ? json_null() : number(base->first),
                     "last_sequence", is_empty ? json_null() : number(base->last));
}

static json_t *violation_object(const struct torture_session *session, const struct torture_result *result)
{
    const struct torture_report *report = &result->report;
    char again[TORTURE_AGAIN_TEXT];

    if (report->violations == 0)
        return json_null();
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "run", number(report->run), "why", text_of(report->why), "where",
                     text_of(report->where), "scenario", text_of(report->scenario), "again",
                     text_of(torture_again_text(session, result, again)), "wreck",
                     result->is_saved ? text_of(session->request->wreck) : json_null());
}

static json_t *method_object(const struct torture_session *session, const struct torture_result *result)
{
    const struct torture_report *report = &result->report;
    uint64_t states = torture_report_states(report);

    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "method", result->method->name, "runs", number(report->runs),
                     "events", number(report->events), "states", number(states), "recovery_states",
                     number(states - report->states[0]), "violations", number(report->violations), "violation",
                     violation_object(session, result));
}

static json_t *method_array(const struct torture_session *session)
{
    json_t *array = json_array();

    for (uint32_t i = 0; i < session->count; i++)
        json_array_append_new(array, method_object(session, &session->results[i]));
    return array;
}

int torture_print_json(const struct torture_session *session, FILE *out)
{
    const struct torture_request *request = session->request;
    char seed[32];

    snprintf(seed, sizeof seed, "0x%" PRIx64, request->seed);
    json_t *object = json_pack(
        "{s:i,s:o,s:s,s:o,s:o,s:o,s:o,s:o}", "schema", 1, "directory", text_of(request->directory), "seed", seed, "log",
        log_object(&session->base), "methods", method_array(session), "states", number(session->states), "violations",
        number(session->violations), "stopped_by", session->signal ? number((uint64_t)session->signal) : json_null());
    int rc = object && json_dumpf(object, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF ? 0 : -EIO;
    json_decref(object);
    return rc;
}
