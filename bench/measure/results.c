/* What was measured. See results.h.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/results.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <quire/writer.h>

static int make_result(struct bench_result *result, const struct bench_row *row, const struct bench_terms *terms)
{
    result->row = row;
    result->samples = calloc(terms->rounds, sizeof *result->samples);
    if (terms->latency)
        result->latency = bench_latency_new();
    return result->samples && (result->latency || !terms->latency) ? 0 : -ENOMEM;
}

int bench_table_make(struct bench_table *table, const struct bench_rows *rows, struct bench_size size,
                     const struct bench_terms *terms)
{
    *table = (struct bench_table){.size = size, .bytes = size.record_bytes * size.records, .terms = *terms};
    for (unsigned i = 0; i < rows->count; i++) {
        table->count++;
        if (make_result(&table->result[i], &rows->row[i], terms) < 0) {
            bench_table_free(table);
            return -ENOMEM;
        }
    }
    return 0;
}

void bench_table_free(struct bench_table *table)
{
    for (unsigned i = 0; i < table->count; i++) {
        free(table->result[i].samples);
        bench_latency_free(table->result[i].latency);
    }
    table->count = 0;
}

enum bench_durability bench_result_durability(const struct bench_table *table, const struct bench_result *result)
{
    if (result->row->adapter->memory_only)
        return BENCH_NOTHING;
    return table->terms.sync && !table->terms.memory_only ? BENCH_DEVICE : BENCH_KERNEL;
}

uint64_t bench_result_risk(const struct bench_table *table, const struct bench_result *result)
{
    if (bench_result_durability(table, result) == BENCH_DEVICE || result->count == 0)
        return 0;
    return result->samples[0].use.bytes;
}

const char *bench_durability_name(enum bench_durability durability)
{
    static const char *const names[] = {
        [BENCH_NOTHING] = "nothing", [BENCH_KERNEL] = "kernel", [BENCH_DEVICE] = "device"};
    return names[durability];
}

double bench_sample_figure(const struct bench_table *table, const struct bench_sample *sample, enum bench_figure figure)
{
    switch (figure) {
    case BENCH_SECONDS:
        return sample->seconds;
    case BENCH_FINAL_SECONDS:
        return sample->final_seconds;
    case BENCH_CPU_SECONDS:
        return sample->user_seconds + sample->system_seconds;
    case BENCH_MIB_PER_S:
        return (double)sample->use.bytes / 1048576 / sample->seconds;
    case BENCH_RECORDS_PER_S:
        return (double)sample->use.bytes / (double)table->size.record_bytes / sample->seconds;
    case BENCH_OPEN_SECONDS:
        return sample->open_seconds;
    case BENCH_CLOSE_SECONDS:
        return sample->close_seconds;
    }
    return 0;
}

struct bench_spread bench_result_figure(const struct bench_table *table, const struct bench_result *result,
                                        enum bench_figure figure)
{
    double values[BENCH_ROUNDS_MOST];
    for (unsigned i = 0; i < result->count; i++)
        values[i] = bench_sample_figure(table, &result->samples[i], figure);
    return bench_spread_of(values, result->count);
}

struct bench_interval bench_result_confidence(const struct bench_table *table, const struct bench_result *result,
                                              enum bench_figure figure)
{
    double values[BENCH_ROUNDS_MOST];
    struct bench_interval interval;
    for (unsigned i = 0; i < result->count; i++)
        values[i] = bench_sample_figure(table, &result->samples[i], figure);
    bench_confidence(values, result->count, 0.95, &interval.low, &interval.high, &interval.level);
    return interval;
}

struct bench_spread bench_result_ratio(const struct bench_table *table, const struct bench_result *above,
                                       const struct bench_result *below, enum bench_figure figure)
{
    double values[BENCH_ROUNDS_MOST];
    unsigned count = above->count < below->count ? above->count : below->count;
    for (unsigned i = 0; i < count; i++)
        values[i] = bench_sample_figure(table, &above->samples[i], figure) /
                    bench_sample_figure(table, &below->samples[i], figure);
    return bench_spread_of(values, count);
}

const struct bench_result *bench_table_find(const struct bench_table *table, const char *name)
{
    for (unsigned i = 0; i < table->count; i++)
        if (table->result[i].count && strcmp(table->result[i].row->name, name) == 0)
            return &table->result[i];
    return NULL;
}

const struct bench_result *bench_table_best(const struct bench_table *table, bench_row_filter *wanted)
{
    const struct bench_result *best = NULL;
    double most = 0;
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *result = &table->result[i];
        if (result->count == 0 || !wanted(result->row))
            continue;
        double rate = bench_result_figure(table, result, BENCH_MIB_PER_S).median;
        if (rate > most) {
            most = rate;
            best = result;
        }
    }
    return best;
}

bool bench_row_is_direct(const struct bench_row *row)
{
    return row->group == BENCH_GROUP_DIRECT;
}

bool bench_row_is_written(const struct bench_row *row)
{
    return row->group == BENCH_GROUP_WRITTEN;
}

bool bench_row_is_quire(const struct bench_row *row)
{
    return !row->prepared && (row->family == BENCH_PAGED || row->family == BENCH_MMAP || row->family == BENCH_URING ||
                              row->family == BENCH_LANE);
}

bool bench_row_is_uring(const struct bench_row *row)
{
    return !row->prepared && row->threads == 1 && row->quire_method == QUIRE_METHOD_URING && row->family != BENCH_LOG;
}

bool bench_row_is_prepared(const struct bench_row *row)
{
    return row->prepared;
}

const char *bench_row_kind(const struct bench_row *row)
{
    if (row->family == BENCH_LIMITS)
        return "limit";
    return row->quire_method ? "quire" : "peer";
}
