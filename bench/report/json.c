/* The report for programs. Schema 1: fields are added, never changed.
 *
 * SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <errno.h>
#include <jansson.h>

#include <quire/version.h>

#include "base/json.h"

/* Adds value under name unless there is none. */
static void set(json_t *object, const char *name, json_t *value)
{
    if (value)
        json_object_set_new(object, name, value);
}

static json_t *whole(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *quantiles_json(const struct bench_quantiles *q)
{
    static const char *const names[BENCH_QUANTILES] = {"p50_ns", "p90_ns", "p99_ns", "p999_ns", "p9999_ns", "max_ns"};
    if (q->count == 0)
        return NULL;
    json_t *object = json_pack("{s:I}", "count", (json_int_t)q->count);
    for (unsigned i = 0; i < BENCH_QUANTILES; i++)
        set(object, names[i], whole(q->of[i]));
    return object;
}

static json_t *latency_json(const struct bench_quantiles quantiles[BENCH_MOMENTS])
{
    json_t *object = json_object();
    for (unsigned i = 0; i < BENCH_MOMENTS; i++)
        set(object, bench_moment_name(i), quantiles_json(&quantiles[i]));
    return object;
}

/* What the kernel counted while the row ran; what it does not count here is not there. */
static void add_counted(json_t *object, const struct bench_sample *sample)
{
    const struct bench_counters *c = &sample->counted;
    set(object, "bytes", whole(sample->use.bytes));
    if (c->process_known)
        set(object, "write_calls", whole(c->write_calls));
    if (sample->use.writes)
        set(object, "write_requests", whole(sample->use.writes));
    if (sample->use.memory_bytes)
        set(object, "memory_bytes", whole(sample->use.memory_bytes));
    if (c->device_known) {
        set(object, "device_bytes", whole(c->written_bytes));
        set(object, "device_writes", whole(c->writes));
        if (c->flushes_known)
            set(object, "device_flushes", whole(c->flushes));
        set(object, "device_busy_seconds", json_real((double)c->busy_ms * 1e-3));
        set(object, "device_queue_seconds", json_real((double)c->queue_ms * 1e-3));
    }
    if (sample->cache_known) {
        set(object, "cached_bytes", whole(sample->cache.cached_bytes));
        set(object, "dirty_bytes", whole(sample->cache.dirty_bytes + sample->cache.writeback_bytes));
    }
}

/* Of the whole row, not of one record. */
static json_t *perf_json(const struct bench_perf_counts *perf)
{
    static const char *const names[BENCH_PERF_EVENTS] = {"cycles",        "instructions", "cache_misses",
                                                         "branch_misses", "page_faults",  "context_switches"};
    json_t *object = json_object();
    for (unsigned i = 0; i < BENCH_PERF_EVENTS; i++)
        if (perf->known[i])
            set(object, names[i], json_real(perf->count[i]));
    return object;
}

static json_t *sample_json(const struct bench_table *table, const struct bench_sample *sample)
{
    double final = sample->final_seconds;
    bool sync = table->terms.sync != BENCH_SYNC_NONE;
    json_t *object =
        json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "seconds", sample->seconds, "sync_seconds",
                  sync ? final : 0.0, "flush_seconds", sync ? 0.0 : final, "cpu_seconds",
                  sample->user_seconds + sample->system_seconds, "user_seconds", sample->user_seconds, "system_seconds",
                  sample->system_seconds, "mib_per_s", bench_sample_figure(table, sample, BENCH_MIB_PER_S),
                  "records_per_s", bench_sample_figure(table, sample, BENCH_RECORDS_PER_S), "open_seconds",
                  sample->open_seconds, "close_seconds", sample->close_seconds);
    add_counted(object, sample);
    if (table->terms.perf)
        set(object, "perf", perf_json(&sample->perf));
    if (table->terms.latency)
        set(object, "latency", latency_json(sample->latency));
    return object;
}

/* Only buckets that hold something: [from, to, how many], in nanoseconds. */
static json_t *histogram_json(const struct bench_histogram *histogram)
{
    if (histogram->count == 0)
        return NULL;
    json_t *buckets = json_array();
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        uint64_t low, high, count;
        bench_histogram_bucket(histogram, i, &low, &high, &count);
        if (count)
            json_array_append_new(buckets,
                                  json_pack("[I, I, I]", (json_int_t)low, (json_int_t)high, (json_int_t)count));
    }
    return json_pack("{s:s, s:f, s:o}", "unit", "ns", "error", BENCH_HISTOGRAM_ERROR, "buckets", buckets);
}

static json_t *histograms_json(const struct bench_latency *latency)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < BENCH_MOMENTS; i++)
        set(object, bench_moment_name(i), histogram_json(&latency->of[i]));
    return object;
}

static json_t *confidence_json(const struct bench_table *table, const struct bench_result *result)
{
    struct bench_interval seconds = bench_result_confidence(table, result, BENCH_SECONDS);
    struct bench_interval rate = bench_result_confidence(table, result, BENCH_MIB_PER_S);
    return json_pack("{s:f, s:[f, f], s:[f, f]}", "level", seconds.level, "seconds", seconds.low, seconds.high,
                     "mib_per_s", rate.low, rate.high);
}

/* Each field's own median: of an even number of rounds they need not be of one round. */
static json_t *median_json(const struct bench_table *table, const struct bench_result *result)
{
    double final = bench_result_figure(table, result, BENCH_FINAL_SECONDS).median;
    bool sync = table->terms.sync != BENCH_SYNC_NONE;
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "seconds",
                     bench_result_figure(table, result, BENCH_SECONDS).median, "sync_seconds", sync ? final : 0.0,
                     "flush_seconds", sync ? 0.0 : final, "cpu_seconds",
                     bench_result_figure(table, result, BENCH_CPU_SECONDS).median, "mib_per_s",
                     bench_result_figure(table, result, BENCH_MIB_PER_S).median, "records_per_s",
                     bench_result_figure(table, result, BENCH_RECORDS_PER_S).median, "open_seconds",
                     bench_result_figure(table, result, BENCH_OPEN_SECONDS).median, "close_seconds",
                     bench_result_figure(table, result, BENCH_CLOSE_SECONDS).median);
}

static const char *sync_name(enum bench_sync sync)
{
    static const char *const names[] = {
        [BENCH_SYNC_NONE] = "none", [BENCH_SYNC_END] = "end", [BENCH_SYNC_EACH] = "each"};
    return names[sync];
}

/* name and best_of differ from the row's own where the row stands for its group. */
static json_t *result_json(const struct bench_table *table, const struct bench_result *result, const char *name)
{
    const struct bench_row *row = result->row;
    json_t *rounds = json_array();
    for (unsigned i = 0; i < result->count; i++)
        json_array_append_new(rounds, sample_json(table, &result->samples[i]));
    json_t *object = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:i, s:s, s:s, s:b, s:b, s:o, s:o}", "name", name, "method", row->method,
        "buffer_bytes", (json_int_t)result->buffer_bytes, "record_bytes", (json_int_t)table->size.record_bytes,
        "records", (json_int_t)table->size.records, "threads", (int)row->threads, "sync", sync_name(table->terms.sync),
        "kind", bench_row_kind(row), "lane", row->adapter == &bench_quire_lane || row->adapter == &bench_quire_log_lane,
        "prepared", row->prepared, "median", median_json(table, result), "rounds", rounds);
    set(object, "durability", json_string(bench_durability_name(bench_result_durability(table, result))));
    if (row->adapter->how[table->terms.sync])
        set(object, "durability_how", json_string(row->adapter->how[table->terms.sync]));
    set(object, "risk_bytes", whole(bench_result_risk(table, result)));
    set(object, "confidence", confidence_json(table, result));
    if (result->latency)
        set(object, "histograms", histograms_json(result->latency));
    if (row->in_flight)
        set(object, "in_flight", whole(row->in_flight));
    if (row->family == BENCH_LOG)
        set(object, "recycled", json_boolean(row->recycled));
    if (name != row->name)
        json_object_set_new(object, "best_of_candidates", json_string(row->name));
    return object;
}

static void add_results(json_t *results, json_t *missing, const struct bench_table *table)
{
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *result = &table->result[i];
        if (result->count)
            json_array_append_new(results, result_json(table, result, result->row->name));
        else if (*result->unavailable)
            json_array_append_new(missing,
                                  json_pack("{s:s, s:I, s:s}", "name", result->row->name, "record_bytes",
                                            (json_int_t)table->size.record_bytes, "reason", result->unavailable));
    }
    const struct bench_result *direct = bench_table_best(table, bench_row_is_direct);
    const struct bench_result *written = bench_table_best(table, bench_row_is_written);
    if (direct)
        json_array_append_new(results, result_json(table, direct, "limit: direct"));
    if (written)
        json_array_append_new(results, result_json(table, written, "limit: direct, written before"));
}

static void add_ratios(json_t *array, const struct bench_ratios *ratios, uint64_t record_bytes)
{
    for (unsigned i = 0; i < ratios->count; i++) {
        const struct bench_ratio *r = &ratios->ratio[i];
        json_t *object = json_pack("{s:I, s:s, s:f, s:f, s:f}", "record_bytes", (json_int_t)record_bytes, "label",
                                   r->label, "median", r->value.median, "min", r->value.min, "max", r->value.max);
        if (r->has_target) {
            json_object_set_new(object, r->at_least ? "at_least" : "at_most", json_real(r->target));
            json_object_set_new(object, "verdict", json_string(bench_ratio_verdict(r)));
        }
        json_array_append_new(array, object);
    }
}

static json_t *workload_json(const struct bench_table *table)
{
    const struct bench_neighbours *n = &table->neighbours;
    json_t *object =
        json_pack("{s:I, s:I, s:i, s:f, s:f, s:i, s:i}", "record_bytes", (json_int_t)table->size.record_bytes,
                  "records", (json_int_t)table->size.records, "rounds", (int)table->rounds, "others_cpu_share",
                  n->cpu_share, "steal_share", n->steal_share, "rests", (int)n->rests, "restless", (int)n->restless);
    if (table->terms.rate > 0) {
        set(object, "rate", json_real(table->terms.rate));
        set(object, "arrival", json_string(table->terms.poisson ? "poisson" : "fixed"));
    }
    return object;
}

static void add_warnings(json_t *array, const struct bench_warnings *warnings, uint64_t record_bytes)
{
    for (unsigned i = 0; i < warnings->count; i++)
        json_array_append_new(array, json_pack("{s:I, s:s, s:s}", "record_bytes", (json_int_t)record_bytes, "cause",
                                               warnings->warning[i].cause, "remedy", warnings->warning[i].remedy));
}

static json_t *environment_json(const struct bench_environment *e)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:f, s:f, s:s, s:s}", "date",
                     e->date, "quire", quire_version(), "cpu", e->cpu, "cores", (int)e->cores, "kernel", e->kernel,
                     "memory_bytes", (json_int_t)e->memory_bytes, "directory", e->directory, "filesystem",
                     e->file_system, "mount_options", e->mount_options, "device", e->device, "write_cache",
                     e->write_cache, "scheduler", e->scheduler, "memory_only", e->memory_only, "load", e->load,
                     "clock_ns", e->clock_ns, "slow_build", e->slow_build, "peers", e->peers);
}

static json_t *staging_json(const struct bench_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->staging_count; i++)
        for (unsigned stage = 0; stage < BENCH_STAGES; stage++) {
            const struct bench_staging *staging = &report->staging[i];
            struct bench_spread cost = bench_staging_cost(staging, stage);
            json_array_append_new(array,
                                  json_pack("{s:s, s:I, s:f, s:f, s:f}", "name", bench_stage_name(stage),
                                            "record_bytes", (json_int_t)staging->record_bytes, "nanoseconds_per_append",
                                            cost.median, "min", cost.min, "max", cost.max));
        }
    return array;
}

static void add_max_rates(json_t *array, const struct bench_max_rates *rates)
{
    for (unsigned i = 0; i < rates->count; i++) {
        const struct bench_max_rate *row = &rates->row[i];
        json_t *rounds = json_array();
        for (unsigned r = 0; r < row->count; r++)
            json_array_append_new(rounds, json_real(row->rate[r]));
        json_t *object = json_pack("{s:s, s:I, s:s, s:s, s:I, s:o}", "name", row->row->name, "record_bytes",
                                   (json_int_t)rates->size.record_bytes, "sync", sync_name(rates->sync), "quantile",
                                   bench_quantile_name(rates->slo.quantile), "below_ns",
                                   (json_int_t)rates->slo.below_ns, "records_per_s", rounds);
        if (row->count)
            set(object, "median", json_real(bench_max_rate_spread(row).median));
        set(object, "append", quantiles_json(&row->at));
        json_array_append_new(array, object);
    }
}

static json_t *series_json(const struct bench_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->sample_count; i++) {
        const struct bench_series_sample *s = &report->samples[i];
        json_t *object =
            json_pack("{s:f, s:s, s:I, s:i, s:s, s:f, s:f, s:I, s:b}", "at_seconds", s->at_seconds, "row", s->row,
                      "record_bytes", (json_int_t)s->record_bytes, "run", (int)s->run, "phase",
                      s->phase == BENCH_PHASE_SYNC ? "sync" : "append", "row_seconds", s->row_seconds, "span_seconds",
                      s->span_seconds, "records", (json_int_t)s->records, "stalled", s->stalled);
        if (s->device_known) {
            set(object, "device_bytes", whole(s->device_bytes));
            set(object, "device_under_way", whole(s->under_way));
            set(object, "device_busy", json_real(s->busy));
        }
        if (s->cache_known) {
            set(object, "cached_bytes", whole(s->cached_bytes));
            set(object, "dirty_bytes", whole(s->dirty_bytes));
        }
        json_array_append_new(array, object);
    }
    return array;
}

bool bench_json_available(void)
{
    return true;
}

int bench_json_write(FILE *out, const struct bench_report *report)
{
    json_t *results = json_array(), *missing = json_array(), *ratios = json_array(), *advice = json_array();
    json_t *workloads = json_array(), *warnings = json_array();
    for (size_t c = 0; c < report->chapter_count; c++) {
        const struct bench_chapter *chapter = &report->chapters[c];
        json_array_append_new(workloads, workload_json(&chapter->table));
        add_results(results, missing, &chapter->table);
        add_ratios(ratios, &chapter->ratios, chapter->table.size.record_bytes);
        add_warnings(warnings, &chapter->warnings, chapter->table.size.record_bytes);
        for (unsigned i = 0; i < chapter->advice.count; i++)
            json_array_append_new(advice, json_string(chapter->advice.line[i]));
    }
    for (size_t i = 0; i < report->staging_count; i++) {
        struct bench_ratios of_staging = {.count = 0};
        bench_ratios_of_staging(&of_staging, &report->staging[i]);
        add_ratios(ratios, &of_staging, report->staging[i].record_bytes);
    }
    json_t *root = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "env",
                             environment_json(&report->environment), "workloads", workloads, "results", results,
                             "unavailable", missing, "ratios", ratios, "recommendations", advice, "staging",
                             staging_json(report), "warnings", warnings);
    if (!root)
        return -ENOMEM;
    if (report->samples)
        set(root, "series", series_json(report));
    if (report->rates_count) {
        json_t *rates = json_array();
        for (size_t i = 0; i < report->rates_count; i++)
            add_max_rates(rates, &report->rates[i]);
        set(root, "max_rates", rates);
    }
    return bench_json_print(out, root);
}
