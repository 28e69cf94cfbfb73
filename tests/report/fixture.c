/* A report of made-up figures. See fixture.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdlib.h>

#include <quire/writer.h>

enum { ROUNDS = 7, RECORDS = 10000, RECORD = 1024 };

/* Seconds of round r: around a middle, up and down by some per cent, by no clock. */
static double seconds_of(double middle, unsigned r)
{
    static const int percent[ROUNDS] = {0, 3, -2, 1, -4, 12, 2};
    return middle * (1 + percent[r] / 100.0);
}

static const struct bench_row rows[] = {
    {.name = "Direct Write",
     .method = "write",
     .family = BENCH_WRITE,
     .adapter = &bench_quire_writer,
     .quire_method = QUIRE_METHOD_WRITE,
     .threads = 1},
    {.name = "Page-Aligned (4K)",
     .method = "paged",
     .family = BENCH_PAGED,
     .adapter = &bench_quire_writer,
     .quire_method = QUIRE_METHOD_PAGED,
     .threads = 1},
    {.name = "Page-Aligned (64K)",
     .method = "paged",
     .family = BENCH_PAGED,
     .adapter = &bench_quire_writer,
     .quire_method = QUIRE_METHOD_PAGED,
     .threads = 1},
    {.name = "Direct I/O (default)",
     .method = "uring",
     .family = BENCH_URING,
     .adapter = &bench_quire_writer,
     .quire_method = QUIRE_METHOD_URING,
     .threads = 1},
    {.name = "8 threads, lanes",
     .method = "paged",
     .family = BENCH_CONCURRENT,
     .adapter = &bench_quire_lane,
     .quire_method = QUIRE_METHOD_PAGED,
     .threads = 8},
    {.name = "8 threads, shared lane",
     .method = "paged",
     .family = BENCH_CONCURRENT,
     .adapter = &bench_quire_writer,
     .quire_method = QUIRE_METHOD_PAGED,
     .threads = 8},
    {.name = "<peer> & \"co\" | 'x'",
     .method = "fwrite",
     .family = BENCH_FWRITE,
     .adapter = &bench_peer_fwrite,
     .threads = 1},
    {.name = "limit: memcpy", .method = "limit", .family = BENCH_LIMITS, .adapter = &bench_limit_memcpy, .threads = 1},
    {.name = "limit: page cache",
     .method = "limit",
     .family = BENCH_LIMITS,
     .adapter = &bench_limit_page_cache,
     .threads = 1},
    {.name = "limit: direct (256K x 8)",
     .method = "limit",
     .family = BENCH_LIMITS,
     .adapter = &bench_limit_direct,
     .threads = 1,
     .in_flight = 8,
     .group = BENCH_GROUP_DIRECT},
    {.name = "limit: direct (1M x 8)",
     .method = "limit",
     .family = BENCH_LIMITS,
     .adapter = &bench_limit_direct,
     .threads = 1,
     .in_flight = 8,
     .group = BENCH_GROUP_DIRECT},
    {.name = "Memory Mapped",
     .method = "mmap",
     .family = BENCH_MMAP,
     .adapter = &bench_quire_writer,
     .quire_method = QUIRE_METHOD_MMAP,
     .threads = 1},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static const double milliseconds[ROWS] = {120, 21.5, 16, 14.25, 15, 16.5, 18, 0.8, 15.5, 13.9, 13.5, 0};

/* Latencies like those of the real thing: most are short, some wait for a buffer. */
static void fill_latency(struct bench_latency *latency, unsigned row)
{
    for (unsigned i = 0; i < RECORDS; i++)
        bench_histogram_add(&latency->of[BENCH_APPEND], 40 + i % 50 + (i % 100 == 7 ? 20000 + 1000 * row + i : 0));
    for (unsigned i = 0; i < 150; i++)
        bench_histogram_add(&latency->of[BENCH_HAND_OVER], 60000 + 500 * i + 10000 * row);
    for (unsigned i = 0; i < ROUNDS; i++)
        bench_histogram_add(&latency->of[BENCH_SYNC], 9000000 + 250000 * i);
}

static struct bench_sample sample_of(unsigned row, unsigned r, bool device)
{
    double seconds = seconds_of(milliseconds[row] * 1e-3, r);
    return (struct bench_sample){
        .seconds = seconds,
        .final_seconds = seconds * 0.75,
        .user_seconds = seconds * 0.125,
        .system_seconds = seconds * 0.25,
        .open_seconds = 0.0005,
        .close_seconds = 0.00025,
        .use = {.bytes = row == ROWS - 2 ? 256 * RECORD : RECORDS * RECORD,
                .writes = row < 3 ? 10000u >> (2 * row) : 0,
                .memory_bytes = row < 6 ? 2 << 20 : 0},
        .counted = {.process_known = true,
                    .write_calls = 160,
                    .device_known = device,
                    .writes = 40 + row,
                    .written_bytes = (10 << 20) + 4096,
                    .flushes_known = device,
                    .flushes = 1,
                    .busy_ms = 12,
                    .queue_ms = 30},
        .cache = {.cached_bytes = 10 << 20, .dirty_bytes = 1 << 20, .writeback_bytes = 1 << 19},
        .cache_known = device,
    };
}

static void fill_table(struct bench_table *table, bool device)
{
    for (unsigned row = 0; row < ROWS - 1; row++) {
        struct bench_result *result = &table->result[row];
        for (unsigned r = 0; r < ROUNDS; r++)
            result->samples[result->count++] = sample_of(row, r, device);
        result->buffer_bytes = row == 1 ? 4096 : 65536;
        if (result->latency && row < 7)
            fill_latency(result->latency, row);
        for (unsigned r = 0; r < ROUNDS && result->latency; r++)
            for (unsigned m = 0; m < BENCH_MOMENTS; m++)
                result->samples[r].latency[m] = bench_quantiles_of(&result->latency->of[m]);
    }
    snprintf(table->result[ROWS - 1].unavailable, sizeof table->result[0].unavailable, "no space to map here");
    table->rounds = ROUNDS;
    table->neighbours = (struct bench_neighbours){.cpu_share = 0.25,
                                                  .steal_share = 0.031,
                                                  .throttled = 3,
                                                  .writer_bytes = 77 << 20,
                                                  .writer = 4242,
                                                  .writer_name = "back<up>",
                                                  .rests = 70,
                                                  .restless = 9};
}

static const struct bench_series_sample samples[] = {
    {.row = "Page-Aligned (64K)",
     .run = 3,
     .record_bytes = RECORD,
     .phase = BENCH_PHASE_APPEND,
     .at_seconds = 0.1,
     .row_seconds = 0.1,
     .span_seconds = 0.1,
     .records = 51200,
     .device_bytes = 20 << 20,
     .under_way = 4,
     .busy = 0.5,
     .device_known = true,
     .cached_bytes = 50 << 20,
     .dirty_bytes = 30 << 20,
     .cache_known = true},
    {.row = "Page-Aligned (64K)",
     .run = 3,
     .record_bytes = RECORD,
     .phase = BENCH_PHASE_APPEND,
     .at_seconds = 0.2,
     .row_seconds = 0.2,
     .span_seconds = 0.1,
     .device_bytes = 40 << 20,
     .under_way = 8,
     .busy = 1,
     .device_known = true,
     .cached_bytes = 50 << 20,
     .dirty_bytes = 10 << 20,
     .cache_known = true,
     .stalled = true},
    {.row = "Page-Aligned (64K)",
     .run = 3,
     .record_bytes = RECORD,
     .phase = BENCH_PHASE_SYNC,
     .at_seconds = 0.25,
     .row_seconds = 0.25,
     .span_seconds = 0.05},
};

static const struct bench_environment environment = {
    .cpu = "Made-up CPU <3> & more",
    .cores = 2,
    .kernel = "Linux 6.1.0 x86_64",
    .memory_bytes = 8ull << 30,
    .directory = "/mnt/data",
    .file_system = "ext4",
    .mount_options = "rw,relatime",
    .device = "/dev/vda",
    .write_cache = "write back",
    .scheduler = "none",
    .clock_ns = 25,
    .load = 0.75,
    .date = "2026-01-02T03:04:05Z",
};

struct fixture *fixture_make(enum bench_sync sync)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct bench_terms terms = {.sync = sync, .latency = true, .rounds = ROUNDS};
    if (!f)
        abort();
    f->settings = bench_settings_default();
    f->settings.sync = sync;
    f->settings.latency = f->settings.monitor = true;
    memcpy(f->rows.row, rows, sizeof rows);
    f->rows.count = ROWS;
    f->report = (struct bench_report){.settings = &f->settings,
                                      .environment = environment,
                                      .chapters = &f->chapter,
                                      .chapter_count = 1,
                                      .rows = &f->rows,
                                      .samples = samples,
                                      .sample_count = sizeof samples / sizeof samples[0]};
    struct bench_table *table = &f->chapter.table;
    if (bench_table_make(table, &f->rows, (struct bench_size){RECORD, RECORDS}, &terms) < 0)
        abort();
    fill_table(table, true);
    bench_ratios_of_table(&f->chapter.ratios, table, 8);
    bench_advice_make(&f->chapter.advice, table, 8);
    bench_warnings_make(&f->chapter.warnings, table, &f->report.environment);
    return f;
}

static void fill_staging(struct bench_staging *staging)
{
    static const double nanoseconds[BENCH_STAGES] = {5.25, 9.5, 48};
    *staging = (struct bench_staging){.record_bytes = 128, .rounds = ROUNDS};
    for (unsigned stage = 0; stage < BENCH_STAGES; stage++)
        for (unsigned r = 0; r < ROUNDS; r++)
            staging->nanoseconds[stage][r] = seconds_of(nanoseconds[stage], r);
}

/* A row with all rounds, one that never kept up, one that is not there, one that was not asked. */
static void fill_rates(struct bench_max_rates *rates)
{
    *rates = (struct bench_max_rates){.size = {RECORD, RECORDS},
                                      .slo = {.quantile = BENCH_P99, .below_ns = 2000000},
                                      .sync = BENCH_SYNC_END,
                                      .poisson = true,
                                      .rounds = 3,
                                      .count = 4};
    rates->row[0] = (struct bench_max_rate){
        .row = &rows[2], .rate = {250000, 262500, 240000}, .count = 3, .at = {.count = 1000, .of[BENCH_P99] = 1875000}};
    rates->row[1] = (struct bench_max_rate){.row = &rows[6], .count = 3};
    rates->row[2] = (struct bench_max_rate){.row = &rows[11]};
    snprintf(rates->row[2].unavailable, sizeof rates->row[2].unavailable, "no space to map here");
    rates->row[3] = (struct bench_max_rate){.row = &rows[7]};
}

void fixture_complete(struct fixture *f)
{
    f->two[0] = f->two[1] = f->chapter;
    f->two[1].table.size = (struct bench_size){RECORD / 8, RECORDS * 8};
    f->report.chapters = f->two;
    f->report.chapter_count = 2;
    fill_staging(&f->staging);
    f->report.staging = &f->staging;
    fill_rates(&f->rates);
    f->report.rates = &f->rates;
    f->report.staging_count = f->report.rates_count = 1;
}

void fixture_free(struct fixture *fixture)
{
    bench_table_free(&fixture->chapter.table);
    free(fixture);
}
