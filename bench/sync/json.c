/* The report for programs. Schema 1: fields are added, never changed. What could not be counted is left out.
 * See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <jansson.h>

#include "base/json.h"
#include "machine/json.h"
#include "sync/report.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *whole(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *environment_json(const struct bench_sync_report *report)
{
    json_t *object = bench_environment_json(&report->environment);
    if (report->queue.known)
        set(object, "fua", json_boolean(report->queue.fua));
    return object;
}

static json_t *round_json(const struct bench_sync_round *round)
{
    const struct bench_counters *c = &round->counted;
    json_t *object = json_object();
    set(object, "appends", whole(round->operations));
    set(object, "seconds", json_real(round->seconds));
    if (c->flushes_known)
        set(object, "flushes", whole(c->flushes));
    if (c->device_known) {
        set(object, "writes", whole(c->writes));
        set(object, "written_bytes", whole(c->written_bytes));
    }
    if (c->process_known)
        set(object, "own_bytes", whole(c->write_bytes));
    return object;
}

static json_t *latency_json(const struct bench_histogram *h)
{
    json_t *object = json_object(), *buckets = json_array();
    uint64_t low, high, count;
    set(object, "min", whole(h->least));
    set(object, "p50", whole(bench_histogram_percentile(h, 0.5)));
    set(object, "p99", whole(bench_histogram_percentile(h, 0.99)));
    set(object, "p999", whole(bench_histogram_percentile(h, 0.999)));
    set(object, "max", whole(h->most));
    for (size_t i = 0; bench_histogram_bucket(h, i, &low, &high, &count); i++)
        if (count)
            json_array_append_new(buckets, json_pack("[I, I]", (json_int_t)low, (json_int_t)count));
    set(object, "buckets", buckets);
    return object;
}

static void add_figures(json_t *object, const struct bench_sync_cell *cell)
{
    static const char *const names[BENCH_SYNC_FIGURES] = {
        [BENCH_SYNC_RATE] = "appends_per_s",         [BENCH_SYNC_FLUSHES] = "flushes_per_append",
        [BENCH_SYNC_WRITES] = "writes_per_append",   [BENCH_SYNC_KIB] = "kib_per_append",
        [BENCH_SYNC_OWN_KIB] = "own_kib_per_append",
    };
    for (unsigned i = 0; i < BENCH_SYNC_FIGURES; i++) {
        struct bench_spread value;
        if (bench_sync_figure_of(cell, i, &value))
            set(object, names[i],
                json_pack("{s:f, s:f, s:f}", "median", value.median, "min", value.min, "max", value.max));
    }
}

static json_t *cell_json(const struct bench_sync_report *report, const struct bench_sync_cell *cell)
{
    json_t *object = json_pack("{s:s, s:s, s:b}", "file", bench_sync_file_name(cell->file), "way",
                               bench_sync_way_name(cell->way), "durable", bench_sync_way_is_durable(cell->way));
    if (cell->rounds == 0) {
        set(object, "missing", json_string(cell->missing));
        return object;
    }
    json_t *rounds = json_array();
    for (unsigned i = 0; i < cell->rounds; i++)
        json_array_append_new(rounds, round_json(&cell->round[i]));
    set(object, "verdict", json_string(bench_sync_verdict_name(bench_sync_verdict_of(report, cell))));
    add_figures(object, cell);
    set(object, "latency_ns", latency_json(&cell->latency));
    set(object, "rounds", rounds);
    return object;
}

int bench_sync_json(FILE *out, const struct bench_sync_report *report)
{
    struct bench_sync_summary summary;
    json_t *cells = json_array(), *lines = json_array();
    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(cells, cell_json(report, &report->cell[i]));
    bench_sync_summarize(report, &summary);
    for (unsigned i = 0; i < summary.count; i++)
        json_array_append_new(lines, json_string(summary.line[i]));
    json_t *root = json_pack("{s:i, s:s, s:o, s:I, s:i, s:o, s:o}", "schema", 1, "report", "sync", "env",
                             environment_json(report), "record_bytes", (json_int_t)report->record_bytes, "rounds",
                             (int)report->rounds, "cells", cells, "summary", lines);
    return bench_json_print(out, root);
}
