/* The report for programs: docs/bench-fuse.schema.json. What could not be counted is left out. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <jansson.h>

#include "base/json.h"
#include "fuse/report.h"
#include "machine/json.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *whole(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *round_json(const struct bench_fuse_cell *cell, const struct bench_fuse_cost *cost)
{
    json_t *object = json_object();
    set(object, "append_seconds", json_real(cost->append_seconds));
    set(object, "seconds", json_real(cost->seconds));
    set(object, "own_cpu_seconds", json_real(cost->own_cpu));
    if (cell->mode == BENCH_FUSE_NATIVE)
        return object;
    set(object, "daemon_cpu_seconds", json_real(cost->daemon_cpu));
    set(object, "write_requests", whole(cost->writes));
    set(object, "requests", whole(cost->requests));
    set(object, "stored_bytes", whole(cost->stored_bytes));
    return object;
}

static json_t *spread_json(const struct bench_spread *value)
{
    return json_pack("{s:f, s:f, s:f}", "median", value->median, "min", value->min, "max", value->max);
}

static void add_figures(json_t *object, const struct bench_fuse_report *report, const struct bench_fuse_cell *cell)
{
    static const char *const names[BENCH_FUSE_FIGURES] = {
        [BENCH_FUSE_SPEED] = "bytes_per_s",
        [BENCH_FUSE_APPENDING] = "appending_bytes_per_s",
        [BENCH_FUSE_WRITES] = "write_requests_per_mib",
        [BENCH_FUSE_STORED] = "stored_ratio",
        [BENCH_FUSE_DAEMON_CPU] = "daemon_cpu_ms_per_mib",
        [BENCH_FUSE_OWN_CPU] = "own_cpu_ms_per_mib",
    };
    struct bench_spread value;
    for (unsigned i = 0; i < BENCH_FUSE_FIGURES; i++)
        if (bench_fuse_figure_of(cell, i, &value))
            set(object, names[i], spread_json(&value));
    if (bench_fuse_ratio(report, cell, BENCH_FUSE_NATIVE, &value))
        set(object, "times_native", spread_json(&value));
}

static json_t *cell_json(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell)
{
    json_t *object = json_pack("{s:s, s:s, s:I, s:I}", "mode", bench_fuse_mode_name(cell->mode), "payload",
                               bench_fuse_payload_name(cell->payload), "append_bytes", (json_int_t)cell->append_bytes,
                               "file_bytes", (json_int_t)cell->bytes);
    double predicted;
    if (cell->curve && cell->limit)
        set(object, "limit_bytes_per_s", whole(cell->limit));
    if (cell->curve && cell->limit &&
        bench_fuse_predict(report, cell->mode, cell->payload, (double)cell->limit, &predicted))
        set(object, "predicted_bytes_per_s", json_real(predicted));
    if (cell->rounds == 0)
        return object;
    json_t *rounds = json_array();
    for (unsigned i = 0; i < cell->rounds; i++)
        json_array_append_new(rounds, round_json(cell, &cell->round[i]));
    add_figures(object, report, cell);
    set(object, "rounds", rounds);
    return object;
}

static json_t *cells_json(const struct bench_fuse_report *report, bool curve)
{
    json_t *cells = json_array();
    for (size_t i = 0; i < report->count; i++)
        if (report->cell[i].curve == curve)
            json_array_append_new(cells, cell_json(report, &report->cell[i]));
    return cells;
}

static json_t *modes_json(const struct bench_fuse_report *report)
{
    json_t *modes = json_array();
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++) {
        if (!report->choice.mode[mode])
            continue;
        json_t *object = json_pack("{s:s, s:s}", "name", bench_fuse_mode_name(mode), "how", bench_fuse_mode_text(mode));
        if (*report->missing[mode])
            set(object, "missing", json_string(report->missing[mode]));
        json_array_append_new(modes, object);
    }
    return modes;
}

static json_t *codecs_json(const struct bench_fuse_report *report)
{
    json_t *codecs = json_array();
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
        for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++) {
            const struct bench_fuse_codec *codec = &report->codec[payload][mode];
            if (codec->known)
                json_array_append_new(codecs, json_pack("{s:s, s:s, s:i, s:f, s:f}", "mode", bench_fuse_mode_name(mode),
                                                        "payload", bench_fuse_payload_name(payload), "block_bytes",
                                                        BENCH_FUSE_CODEC_BLOCK, "ratio", codec->ratio, "bytes_per_s",
                                                        codec->bytes_per_s));
        }
    return codecs;
}

static json_t *turns_json(const struct bench_fuse_report *report)
{
    static const char *const names[] = {[BENCH_FUSE_NO_TURN] = "unknown",
                                        [BENCH_FUSE_ALWAYS_PAYS] = "always",
                                        [BENCH_FUSE_NEVER_PAYS] = "never",
                                        [BENCH_FUSE_TURNS] = "below"};
    json_t *turns = json_array();
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
        for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++) {
            double at = 0;
            enum bench_fuse_turn turn =
                bench_fuse_mode_is_log(mode) ? bench_fuse_turn_of(report, mode, payload, &at) : BENCH_FUSE_NO_TURN;
            if (turn != BENCH_FUSE_NO_TURN)
                json_array_append_new(turns, json_pack("{s:s, s:s, s:s, s:f}", "mode", bench_fuse_mode_name(mode),
                                                       "payload", bench_fuse_payload_name(payload), "pays", names[turn],
                                                       "disk_bytes_per_s", at));
        }
    return turns;
}

int bench_fuse_json(FILE *out, const struct bench_fuse_report *report)
{
    struct bench_fuse_summary summary;
    json_t *lines = json_array();
    bench_fuse_summarize(report, &summary);
    for (unsigned i = 0; i < summary.count; i++)
        json_array_append_new(lines, json_string(summary.line[i]));
    json_t *root = json_pack("{s:i, s:s, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "report", "fuse", "env",
                             bench_environment_json(&report->environment), "rounds", (int)report->rounds, "modes",
                             modes_json(report), "codecs", codecs_json(report), "cells", cells_json(report, false),
                             "curve", cells_json(report, true), "break_even", turns_json(report), "summary", lines);
    if (root && report->escaped)
        set(root, "past_limit",
            json_pack("{s:i, s:i}", "measured_again", (int)report->escaped, "counted", (int)report->kept_escaped));
    if (root && *report->no_curve)
        set(root, "no_curve", json_string(report->no_curve));
    return bench_json_print(out, root);
}
