/* A comparison for programs. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/report.h"

#include <jansson.h>
#include <math.h>

#include "base/json.h"

/* null where there is no such number. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *change_json(const struct bench_change *change)
{
    bool tested = change->verdict != BENCH_UNTESTED;
    json_t *object = json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:b}", "figure",
                               bench_figure_kind(change->figure)->name, "old_values",
                               (json_int_t)change->count[BENCH_OLD], "new_values", (json_int_t)change->count[BENCH_NEW],
                               "least_effect", number(change->effect), "old", number(change->median[BENCH_OLD]), "new",
                               number(change->median[BENCH_NEW]), "change", number(change->change), "tested", tested);
    if (object && tested)
        json_object_update_new(object,
                               json_pack("{s:o, s:o, s:o, s:o, s:s}", "p_plain", number(change->plain), "p_itself",
                                         number(change->beyond), "p_beside_machine", number(change->beside), "p",
                                         number(change->probability), "verdict", bench_change_word(change->verdict)));
    return object;
}

static json_t *rows_json(const struct bench_comparison *comparison)
{
    json_t *array = json_array();
    for (size_t i = 0; i < comparison->count; i++) {
        const struct bench_document_row *row = comparison->changes[i].pair->row[BENCH_OLD][0];
        json_t *object = change_json(&comparison->changes[i]);
        json_object_set_new(object, "name", json_string(row->name));
        json_object_set_new(object, "record_bytes", json_integer((json_int_t)row->record_bytes));
        json_object_set_new(object, "records", json_integer((json_int_t)row->records));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *means_json(const struct bench_comparison *comparison)
{
    json_t *array = json_array();
    for (size_t i = 0; i < comparison->mean_count; i++) {
        json_t *object = change_json(&comparison->means[i]);
        json_object_set_new(object, "rows", json_integer((json_int_t)comparison->means[i].rows));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *files_json(const struct bench_reports *reports, enum bench_side side)
{
    json_t *array = json_array();
    for (size_t i = 0; i < reports->count[side]; i++) {
        const struct bench_document *d = &reports->document[side][i];
        /* The name of a file need not be UTF-8. */
        json_t *path = json_string(d->path);
        json_array_append_new(array, json_pack("{s:o, s:s, s:s}", "file", path ? path : json_null(), "date", d->date,
                                               "quire", d->version));
    }
    return array;
}

static json_t *method_json(const struct bench_comparison *comparison)
{
    static const char *const against[] = {"machine", "none", "row"};
    const struct bench_judge_settings *settings = &comparison->settings;
    json_t *row = settings->relative_to ? json_string(settings->relative_to) : NULL;
    return json_pack("{s:s, s:f, s:f, s:s, s:s, s:o, s:I, s:b, s:b, s:I}", "test", "mann-whitney", "alpha",
                     settings->alpha, "min_effect", settings->min_effect, "correction",
                     settings->correct ? "holm" : "none", "beside", against[settings->against], "relative_to",
                     row ? row : json_null(), "tests", (json_int_t)comparison->tests, "too_few_for_rows",
                     comparison->rows_hopeless, "too_few_for_means", comparison->means_hopeless, "values_needed",
                     (json_int_t)comparison->values_needed);
}

static json_t *notes_json(const struct bench_match *match)
{
    json_t *array = json_array();
    for (size_t i = 0; i < match->note_count; i++) {
        json_t *note = json_string(match->notes[i]);
        json_array_append_new(array, note ? note : json_null());
    }
    return array;
}

int bench_compare_json(FILE *out, const struct bench_compare_report *report)
{
    const struct bench_comparison *comparison = report->comparison;
    json_t *root = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:s}", "compare", 1, "old",
                             files_json(report->reports, BENCH_OLD), "new", files_json(report->reports, BENCH_NEW),
                             "method", method_json(comparison), "changes", rows_json(comparison), "means",
                             means_json(comparison), "not_compared", notes_json(report->match), "found",
                             (json_int_t)comparison->found, "machines_differ", report->machines);
    return bench_json_print(out, root);
}
