/* The columns of the tables. See columns.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/columns.h"

#include <math.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define VALUE(name)                                                               \
    static double name(const struct bench_column *column __attribute__((unused)), \
                       const struct bench_table *table __attribute__((unused)), const struct bench_result *result)

VALUE(seconds)
{
    return bench_result_figure(table, result, BENCH_SECONDS).median;
}

VALUE(least_seconds)
{
    return bench_result_confidence(table, result, BENCH_SECONDS).low;
}

VALUE(most_seconds)
{
    return bench_result_confidence(table, result, BENCH_SECONDS).high;
}

VALUE(mib_per_s)
{
    return bench_result_figure(table, result, BENCH_MIB_PER_S).median;
}

VALUE(records_per_s)
{
    return bench_result_figure(table, result, BENCH_RECORDS_PER_S).median;
}

VALUE(times_direct_write)
{
    const struct bench_result *base = bench_table_find(table, "Direct Write");
    return base ? mib_per_s(column, table, result) / mib_per_s(column, table, base) : NAN;
}

VALUE(final_share)
{
    return bench_result_figure(table, result, BENCH_FINAL_SECONDS).median / seconds(column, table, result);
}

VALUE(cpu_seconds)
{
    return bench_result_figure(table, result, BENCH_CPU_SECONDS).median;
}

VALUE(durability)
{
    return bench_result_durability(table, result);
}

VALUE(risk)
{
    return (double)bench_result_risk(table, result);
}

struct bench_columns bench_columns_speed(void)
{
    static const struct bench_column columns[] = {
        {.key = "seconds", .title = "Duration", .width = 9, .format = BENCH_FORMAT_DURATION, .value = seconds},
        {.key = "mib_per_s", .title = "MiB/s", .width = 7, .format = BENCH_FORMAT_RATE, .value = mib_per_s},
        {.key = "records_per_s",
         .title = "Records/s",
         .width = 11,
         .importance = 4,
         .format = BENCH_FORMAT_COUNT,
         .value = records_per_s},
        {.key = "times_direct_write",
         .title = "x Direct",
         .width = 8,
         .importance = 3,
         .format = BENCH_FORMAT_HUNDREDTHS,
         .value = times_direct_write},
        {.key = "final_share",
         .title = "Final %",
         .width = 7,
         .importance = 5,
         .format = BENCH_FORMAT_PERCENT,
         .value = final_share},
        {.key = "cpu_seconds",
         .title = "CPU ms",
         .width = 7,
         .importance = 6,
         .format = BENCH_FORMAT_MILLI,
         .value = cpu_seconds},
        {.key = "durability",
         .title = "Survives",
         .width = 8,
         .importance = 2,
         .format = BENCH_FORMAT_DURABILITY,
         .value = durability},
        {.key = "seconds_interval",
         .title = "Interval",
         .width = 20,
         .importance = 1,
         .format = BENCH_FORMAT_INTERVAL,
         .value = least_seconds,
         .other = most_seconds},
    };
    return (struct bench_columns){columns, COUNT(columns)};
}

static double median_of(const struct bench_column *column, const struct bench_result *result)
{
    double values[BENCH_ROUNDS_MOST];
    for (unsigned i = 0; i < result->count; i++)
        values[i] = column->of_sample(&result->samples[i]);
    return bench_median(values, result->count);
}

VALUE(device)
{
    return result->samples[0].counted.device_known ? median_of(column, result) : NAN;
}

VALUE(flushes)
{
    return result->samples[0].counted.flushes_known ? median_of(column, result) : NAN;
}

VALUE(cache)
{
    return result->samples[0].cache_known ? median_of(column, result) : NAN;
}

/* Where the adapter says nothing, nothing is known. */
VALUE(memory)
{
    double bytes = (double)result->samples[0].use.memory_bytes;
    return bytes > 0 ? bytes : NAN;
}

/* What the adapter counts itself comes first: the kernel's count of system calls knows nothing of io_uring. */
VALUE(appends_per_write)
{
    const struct bench_sample *sample = &result->samples[0];
    uint64_t writes = sample->use.writes ? sample->use.writes : sample->counted.write_calls;
    return writes ? (double)sample->use.bytes / (double)table->size.record_bytes / (double)writes : NAN;
}

static double device_bytes(const struct bench_sample *sample)
{
    return (double)sample->counted.written_bytes;
}

static double device_request(const struct bench_sample *sample)
{
    uint64_t writes = sample->counted.writes;
    return writes ? (double)sample->counted.written_bytes / (double)writes : 0;
}

static double device_flushes(const struct bench_sample *sample)
{
    return (double)sample->counted.flushes;
}

static double device_iops(const struct bench_sample *sample)
{
    return (double)sample->counted.writes / sample->seconds;
}

/* Requests under way on average: the time that they spent there, all together, by the time that passed. */
static double device_depth(const struct bench_sample *sample)
{
    return (double)sample->counted.queue_ms * 1e-3 / sample->seconds;
}

/* Counted in whole milliseconds, which can be more than have passed. */
static double device_busy(const struct bench_sample *sample)
{
    return fmin((double)sample->counted.busy_ms * 1e-3 / sample->seconds, 1);
}

static double cached_bytes(const struct bench_sample *sample)
{
    return (double)sample->cache.cached_bytes;
}

static double dirty_bytes(const struct bench_sample *sample)
{
    return (double)(sample->cache.dirty_bytes + sample->cache.writeback_bytes);
}

#define COLUMN(key_, title_, width_, importance_, format_, value_, of_sample_)                                      \
    {                                                                                                               \
        .key = key_, .title = title_, .width = width_, .importance = importance_, .format = BENCH_FORMAT_##format_, \
        .value = value_, .of_sample = of_sample_                                                                    \
    }

struct bench_columns bench_columns_monitor(void)
{
    static const struct bench_column columns[] = {
        COLUMN("appends_per_write", "Appends/write", 13, 0, RATE, appends_per_write, NULL),
        COLUMN("memory_bytes", "Buffers", 7, 4, MIB, memory, NULL),
        COLUMN("risk_bytes", "At risk", 7, 1, MIB, risk, NULL),
        COLUMN("device_bytes", "Device", 7, 0, MIB, device, device_bytes),
        COLUMN("device_bytes_per_write", "KiB/write", 9, 5, KIB, device, device_request),
        COLUMN("device_flushes", "Flushes", 7, 3, COUNT, flushes, device_flushes),
        COLUMN("device_iops", "IOPS", 7, 2, COUNT, device, device_iops),
        COLUMN("device_depth", "Depth", 6, 7, TENTHS, device, device_depth),
        COLUMN("device_busy", "Busy %", 6, 6, PERCENT, device, device_busy),
        COLUMN("cached_bytes", "Cached", 7, 8, MIB, cache, cached_bytes),
        COLUMN("dirty_bytes", "Dirty", 7, 1, MIB, cache, dirty_bytes),
    };
    return (struct bench_columns){columns, COUNT(columns)};
}

VALUE(perf)
{
    double values[BENCH_ROUNDS_MOST];
    for (unsigned i = 0; i < result->count; i++) {
        const struct bench_sample *sample = &result->samples[i];
        if (!sample->perf.known[column->event])
            return NAN;
        values[i] = sample->perf.count[column->event] * (double)table->size.record_bytes / (double)sample->use.bytes;
    }
    return bench_median(values, result->count);
}

struct bench_columns bench_columns_perf(void)
{
    static const struct bench_column columns[] = {
        {.key = "cycles_per_record",
         .title = "Cycles",
         .width = 9,
         .format = BENCH_FORMAT_RATE,
         .value = perf,
         .event = BENCH_CYCLES},
        {.key = "instructions_per_record",
         .title = "Instructions",
         .width = 12,
         .format = BENCH_FORMAT_RATE,
         .value = perf,
         .event = BENCH_INSTRUCTIONS},
        {.key = "cache_misses_per_record",
         .title = "Cache misses",
         .width = 12,
         .format = BENCH_FORMAT_RATE,
         .value = perf,
         .event = BENCH_CACHE_MISSES},
        {.key = "branch_misses_per_record",
         .title = "Branch misses",
         .width = 13,
         .format = BENCH_FORMAT_RATE,
         .value = perf,
         .event = BENCH_BRANCH_MISSES},
        {.key = "page_faults_per_record",
         .title = "Page faults",
         .width = 11,
         .format = BENCH_FORMAT_RATE,
         .value = perf,
         .event = BENCH_PAGE_FAULTS},
        {.key = "context_switches_per_record",
         .title = "Switches",
         .width = 9,
         .format = BENCH_FORMAT_RATE,
         .value = perf,
         .event = BENCH_CONTEXT_SWITCHES},
    };
    return (struct bench_columns){columns, COUNT(columns)};
}

VALUE(latency)
{
    const struct bench_histogram *seen = result->latency ? &result->latency->of[column->moment] : NULL;
    if (!seen || (double)seen->count < bench_quantile_least(column->quantile))
        return NAN;
    return (double)bench_quantiles_of(seen).of[column->quantile] * 1e-9;
}

#define QUANTILE(moment_, name_, quantile_, title_, importance_)                                               \
    {                                                                                                          \
        .key = name_, .title = title_, .width = 9, .importance = importance_, .format = BENCH_FORMAT_DURATION, \
        .value = latency, .moment = moment_, .quantile = quantile_                                             \
    }

#define QUANTILES(moment, name)                                                \
    {                                                                          \
        QUANTILE(moment, name "_p50_seconds", BENCH_P50, "p50", 0),            \
            QUANTILE(moment, name "_p90_seconds", BENCH_P90, "p90", 2),        \
            QUANTILE(moment, name "_p99_seconds", BENCH_P99, "p99", 0),        \
            QUANTILE(moment, name "_p999_seconds", BENCH_P999, "p99.9", 0),    \
            QUANTILE(moment, name "_p9999_seconds", BENCH_P9999, "p99.99", 1), \
            QUANTILE(moment, name "_max_seconds", BENCH_MOST, "max", 0),       \
    }

struct bench_columns bench_columns_latency(enum bench_moment moment)
{
    static const struct bench_column columns[BENCH_MOMENTS][BENCH_QUANTILES] = {
        [BENCH_APPEND] = QUANTILES(BENCH_APPEND, "append"),
        [BENCH_HAND_OVER] = QUANTILES(BENCH_HAND_OVER, "hand_over"),
        [BENCH_SYNC] = QUANTILES(BENCH_SYNC, "sync"),
    };
    return (struct bench_columns){columns[moment], BENCH_QUANTILES};
}

static const char *rate_text(double value, char text[BENCH_NUMBER_TEXT])
{
    if (value >= 100)
        return bench_grouped(value, text);
    snprintf(text, BENCH_NUMBER_TEXT, value < 1 ? "%.3f" : "%.1f", value);
    return text;
}

bool bench_cell(const struct bench_column *column, const struct bench_table *table, const struct bench_result *result,
                char text[BENCH_CELL_TEXT])
{
    double value = column->value(column, table, result);
    char number[BENCH_NUMBER_TEXT], other[BENCH_NUMBER_TEXT];
    if (isnan(value))
        return false;
    switch (column->format) {
    case BENCH_FORMAT_DURATION:
        return snprintf(text, BENCH_CELL_TEXT, "%s", bench_duration_text(value, number)) > 0;
    case BENCH_FORMAT_INTERVAL:
        return snprintf(text, BENCH_CELL_TEXT, "%s .. %s", bench_duration_text(value, number),
                        bench_duration_text(column->other(column, table, result), other)) > 0;
    case BENCH_FORMAT_COUNT:
        return snprintf(text, BENCH_CELL_TEXT, "%s", bench_grouped(value, number)) > 0;
    case BENCH_FORMAT_RATE:
        return snprintf(text, BENCH_CELL_TEXT, "%s", rate_text(value, number)) > 0;
    case BENCH_FORMAT_TENTHS:
        return snprintf(text, BENCH_CELL_TEXT, "%.1f", value) > 0;
    case BENCH_FORMAT_HUNDREDTHS:
        return snprintf(text, BENCH_CELL_TEXT, "%.2f", value) > 0;
    case BENCH_FORMAT_PERCENT:
        return snprintf(text, BENCH_CELL_TEXT, "%.1f", 100 * value) > 0;
    case BENCH_FORMAT_MILLI:
        return snprintf(text, BENCH_CELL_TEXT, "%.1f", 1e3 * value) > 0;
    case BENCH_FORMAT_MIB:
        return snprintf(text, BENCH_CELL_TEXT, "%.1f", value / 1048576) > 0;
    case BENCH_FORMAT_KIB:
        return snprintf(text, BENCH_CELL_TEXT, "%.1f", value / 1024) > 0;
    case BENCH_FORMAT_DURABILITY:
        return snprintf(text, BENCH_CELL_TEXT, "%s", bench_durability_name((enum bench_durability)value)) > 0;
    }
    return false;
}
