/* The report for programs. Schema 1: fields are added, never changed. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <jansson.h>

#include "base/json.h"
#include "log/report.h"
#include "machine/json.h"

static void add_aim(json_t *object, struct bench_spread value, struct bench_log_aim aim)
{
    if (aim.kind == BENCH_LOG_NO_AIM)
        return;
    json_object_set_new(object, aim.kind == BENCH_LOG_AT_LEAST ? "at_least" : "at_most", json_real(aim.value));
    json_object_set_new(object, "verdict", json_string(bench_log_verdict(value, aim)));
}

static json_t *figure_json(const struct bench_log_report *report, enum bench_log_figure figure)
{
    struct bench_spread value = bench_log_spread(report, figure);
    json_t *rounds = json_array();
    for (unsigned i = 0; i < report->rounds; i++)
        json_array_append_new(rounds, json_real(report->value[figure][i]));
    json_t *object = json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:o}", "name", bench_log_figure_name(figure), "subject",
                               bench_log_subject_name(bench_log_subject_of(figure)), "unit",
                               bench_log_figure_is_rate(figure) ? "bytes_per_s" : "seconds", "median", value.median,
                               "min", value.min, "max", value.max, "rounds", rounds);
    add_aim(object, value, bench_log_aim_of(report, figure));
    return object;
}

static json_t *ratios_json(const struct bench_log_report *report)
{
    json_t *array = json_array();
    struct bench_log_ratio ratio;
    struct bench_spread value;
    for (unsigned i = 0; bench_log_ratio_at(report, i, &ratio, &value); i++) {
        json_t *object = json_pack("{s:s, s:s, s:s, s:f, s:f, s:f}", "label", ratio.text, "above",
                                   bench_log_figure_name(ratio.above), "below", bench_log_figure_name(ratio.below),
                                   "median", value.median, "min", value.min, "max", value.max);
        add_aim(object, value, ratio.aim);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *report_json(const struct bench_log_report *report)
{
    json_t *figures = json_array();
    for (enum bench_log_figure f = 0; f < BENCH_LOG_FIGURES; f++)
        if (bench_log_figure_shown(report, f))
            json_array_append_new(figures, figure_json(report, f));
    json_t *root = json_pack("{s:i, s:s, s:o, s:I, s:I, s:i, s:o, s:o}", "schema", 1, "report", "log", "env",
                             bench_environment_json(&report->environment), "record_bytes",
                             (json_int_t)report->size.record_bytes, "records", (json_int_t)report->size.records,
                             "rounds", (int)report->rounds, "figures", figures, "ratios", ratios_json(report));
    if (report->measured[BENCH_LOG_READING])
        json_object_set_new(root, "data_bytes", json_integer((json_int_t)report->data_bytes));
    if (report->measured[BENCH_LOG_OPENING])
        json_object_set_new(root, "segments", json_integer((json_int_t)report->segments));
    if (report->measured[BENCH_LOG_FOLLOWING])
        json_object_set_new(root, "follows", json_integer((json_int_t)report->follows));
    if (report->measured[BENCH_LOG_ROTATING])
        json_object_set_new(root, "paced",
                            json_pack("{s:I, s:f, s:I, s:I}", "appends", (json_int_t)report->paced, "rate",
                                      report->rate, "rotations", (json_int_t)report->rotations, "rotation_waits",
                                      (json_int_t)report->rotation_waits));
    return root;
}

int bench_log_json(FILE *out, const struct bench_log_report *report)
{
    return bench_json_print(out, report_json(report));
}
