/* The log as a row of `quire bench`: it runs, gives back what it was given, and would be found out.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <quire/check.h>
#include <quire/log.h>
#include <quire/reader.h>

#include "harness.h"
#include "measure/runner.h"
#include "report/ratios.h"
#include "rows/log.h"
#include "rows/rows.h"

enum { RECORDS = 3000, RECORD = 1000, THREADS = 3 };

static struct bench_workload work;
static char path[600];

static struct bench_job job_of(const struct bench_row *row, enum bench_sync sync)
{
    static unsigned runs;
    char name[32];
    snprintf(name, sizeof name, "log%u", ++runs);
    snprintf(path, sizeof path, "%s", harness_path(name));
    return (struct bench_job){.row = row, .work = &work, .path = path, .counters = "", .sync = sync, .run = runs};
}

static void run_row(const struct bench_row *row, enum bench_sync sync)
{
    static struct bench_run run;
    struct bench_job job = job_of(row, sync);
    bench_run_row(&job, &run);
    if (run.outcome == BENCH_UNAVAILABLE && row->quire_method == QUIRE_METHOD_URING)
        return;
    if (run.outcome != BENCH_RAN)
        FAIL("%s, sync %d: %s", row->name, (int)sync, run.text);
    CHECK(run.sample.seconds > 0);
    CHECK(run.sample.use.memory_bytes > 0);
    CHECK(run.buffer_bytes > 0);
}

/* The rows that --methods log chooses. */
static unsigned run_rows(enum bench_sync sync)
{
    struct bench_settings settings = bench_settings_default();
    const char *culprit;
    static struct bench_rows rows;
    settings.sync = sync;
    settings.threads = THREADS;
    REQUIRE(bench_settings_methods(&settings, "log", &culprit));
    bench_rows_make(&rows, &settings, 0);
    for (unsigned i = 0; i < rows.count; i++)
        run_row(&rows.row[i], sync);
    return rows.count;
}

TEST(bench_log_rows)
{
    REQUIRE_INT(bench_workload_make(&work, (struct bench_size){RECORD, RECORDS}, THREADS), 0);
    CHECK_INT(run_rows(BENCH_SYNC_NONE), 5);
    CHECK_INT(run_rows(BENCH_SYNC_END), 6);
    bench_workload_free(&work);
}

TEST(bench_log_rows_each_durable)
{
    REQUIRE_INT(bench_workload_make(&work, (struct bench_size){128, 60}, THREADS), 0);
    CHECK_INT(run_rows(BENCH_SYNC_EACH), 3);
    bench_workload_free(&work);
}

static const struct bench_row paged = {
    .name = "log paged", .adapter = &bench_quire_log, .quire_method = QUIRE_METHOD_PAGED, .threads = 1};

/* Appends all records but `less`, or ones without their identity, then `more` of somebody else's; what was noticed? */
static const char *cheat(unsigned less, unsigned more, bool damage)
{
    struct bench_job job = job_of(&paged, BENCH_SYNC_END);
    void *state;
    char foreign[RECORD] = "";
    struct quire_log *log;
    REQUIRE_INT(bench_quire_log.open(&job, &state), 0);
    struct bench_cursor cursor = bench_cursor_start(&work, job.run, 0, 1);
    cursor.left -= less;
    cursor.identified = !damage;
    CHECK_INT(bench_quire_log.append(state, &cursor), 0);
    CHECK_INT(bench_quire_log.finish(state), 0);
    CHECK_INT(bench_quire_log.close(state), 0);
    if (more) {
        REQUIRE_INT(quire_log_open(job.path, NULL, &log), 0);
        CHECK_INT(quire_log_append(log, foreign, sizeof foreign, NULL), 0);
        CHECK_INT(quire_log_close(log), 0);
    }
    /* What it notices is a constant, or memory of its own. */
    /* cppcheck-suppress returnDanglingLifetime */
    return bench_quire_log.verify(&job);
}

TEST(bench_log_is_found_out)
{
    REQUIRE_INT(bench_workload_make(&work, (struct bench_size){RECORD, RECORDS}, 1), 0);
    CHECK(cheat(0, 0, false) == NULL);
    CHECK(cheat(1, 0, false) != NULL);
    CHECK(cheat(0, 1, false) != NULL);
    CHECK(cheat(0, 0, true) != NULL);
    bench_workload_free(&work);
}

static struct quire_watermarks watermarks_of(const char *directory)
{
    struct quire_watermarks marks = {0};
    quire_reader *reader;
    REQUIRE_INT(quire_reader_open(directory, NULL, &reader), 0);
    CHECK_INT(quire_reader_watermarks(reader, &marks), 0);
    CHECK_INT(quire_reader_close(reader), 0);
    return marks;
}

/* What the column "Survives" says holds when the clock stops, before anything is closed. */
static void check_promise(enum bench_sync sync)
{
    struct bench_job job = job_of(&paged, sync);
    void *state;
    REQUIRE_INT(bench_quire_log.open(&job, &state), 0);
    struct bench_cursor cursor = bench_cursor_start(&work, job.run, 0, 1);
    CHECK_INT(bench_quire_log.append(state, &cursor), 0);
    if (sync == BENCH_SYNC_EACH)
        CHECK_UINT(watermarks_of(job.path).durable, work.size.records);
    CHECK_INT(bench_quire_log.finish(state), 0);
    struct quire_watermarks marks = watermarks_of(job.path);
    CHECK_UINT(marks.written, work.size.records);
    if (sync != BENCH_SYNC_NONE)
        CHECK_UINT(marks.durable, work.size.records);
    CHECK_INT(bench_quire_log.close(state), 0);
}

TEST(bench_log_keeps_its_promise)
{
    REQUIRE_INT(bench_workload_make(&work, (struct bench_size){100, 50}, 1), 0);
    check_promise(BENCH_SYNC_NONE);
    check_promise(BENCH_SYNC_END);
    check_promise(BENCH_SYNC_EACH);
    bench_workload_free(&work);
}

static int count_reused(void *context, const struct quire_segment_info *segment)
{
    *(uint64_t *)context += segment->last_sequence > 0;
    return 0;
}

/* As many segments as the records need are kept, each was another before, and the first is gone. */
TEST(bench_log_recycles)
{
    static const struct bench_size size = {RECORD, RECORDS * 7};
    struct bench_log_recycling r = bench_log_recycling_for(size);
    CHECK(r.segment_bytes * (r.keep_segments - 3) >= size.record_bytes * size.records);
    CHECK(r.warm_up_records * size.record_bytes > r.segment_bytes * r.keep_segments);
    REQUIRE_INT(bench_workload_make(&work, size, 1), 0);
    struct bench_row row = paged;
    row.recycled = true;
    struct bench_job job = job_of(&row, BENCH_SYNC_END);
    void *state;
    REQUIRE_INT(bench_quire_log.open(&job, &state), 0);
    struct bench_cursor cursor = bench_cursor_start(&work, job.run, 0, 1);
    CHECK_INT(bench_quire_log.append(state, &cursor), 0);
    CHECK_INT(bench_quire_log.finish(state), 0);
    CHECK_INT(bench_quire_log.close(state), 0);
    uint64_t filled = 0;
    struct quire_log_info info = {.size = sizeof info};
    CHECK_INT(quire_inspect(job.path, count_reused, &filled, &info), 0);
    CHECK(filled >= 3 && filled <= r.keep_segments);
    CHECK(info.first_sequence > 1);
    CHECK_UINT(info.last_sequence, r.warm_up_records + size.records);
    CHECK(bench_quire_log.verify(&job) == NULL);
    bench_workload_free(&work);
}

/* A table of these rows and no others, each so many seconds in every round. */
struct made_up {
    const char *name, *method;
    enum bench_family family;
    unsigned threads;
    double seconds;
};

static void make_table(struct bench_table *table, struct bench_rows *rows, const struct made_up *made, unsigned count,
                       uint64_t record_bytes, enum bench_sync sync)
{
    static const struct bench_adapter stand_in = {.how = {"somehow", "somehow", "somehow"}};
    struct bench_terms terms = {.sync = sync, .rounds = 3};
    rows->count = count;
    for (unsigned i = 0; i < count; i++) {
        rows->row[i] = (struct bench_row){.method = made[i].method,
                                          .family = made[i].family,
                                          .threads = made[i].threads,
                                          .quire_method = made[i].family == BENCH_LOG ? QUIRE_METHOD_PAGED : 0,
                                          .adapter = &stand_in};
        snprintf(rows->row[i].name, sizeof rows->row[i].name, "%s", made[i].name);
    }
    REQUIRE_INT(bench_table_make(table, rows, (struct bench_size){record_bytes, 1000}, &terms), 0);
    table->rounds = 3;
    for (unsigned i = 0; i < count; i++)
        for (unsigned r = 0; r < 3; r++)
            table->result[i].samples[table->result[i].count++] = (struct bench_sample){
                .seconds = made[i].seconds, .user_seconds = made[i].seconds, .use = {.bytes = record_bytes * 1000}};
}

static const struct bench_ratio *find(const struct bench_ratios *ratios, const char *label)
{
    for (unsigned i = 0; i < ratios->count; i++)
        if (strcmp(ratios->ratio[i].label, label) == 0)
            return &ratios->ratio[i];
    FAIL("no ratio \"%s\"", label);
    return &ratios->ratio[0];
}

static struct bench_rows made_rows;

TEST(bench_log_ratios)
{
    static const struct made_up made[] = {
        {"Page-Aligned (default)", "paged", BENCH_PAGED, 1, 0.8},
        {"log paged", "paged", BENCH_LOG, 1, 1},
        {"RocksDB", "rocksdb", BENCH_PEERS, 1, 4},
        {"spdlog", "spdlog", BENCH_PEERS, 1, 3.5},
        {"spdlog, asynchronous", "spdlog", BENCH_PEERS, 1, 10},
    };
    struct bench_table table;
    struct bench_ratios ratios = {0};
    make_table(&table, &made_rows, made, 5, 128, BENCH_SYNC_NONE);
    bench_ratios_of_table(&ratios, &table, THREADS);
    CHECK_STR(bench_ratio_verdict(find(&ratios, "bytes/s: log paged / Page-Aligned (default)")), "misses");
    CHECK_STR(bench_ratio_verdict(find(&ratios, "bytes/s: log paged / RocksDB")), "misses");
    CHECK_STR(bench_ratio_verdict(find(&ratios, "bytes/s: log paged / spdlog")), "holds");
    CHECK_STR(bench_ratio_verdict(find(&ratios, "bytes/s: log paged / spdlog, asynchronous")), "");
    bench_table_free(&table);
}

TEST(bench_log_ratios_each_durable)
{
    static const struct made_up made[] = {
        {"log each", "paged", BENCH_LOG, 1, 1.2},
        {"64 threads, log each", "paged", BENCH_LOG, 64, 0.09},
        {"RocksDB", "rocksdb", BENCH_PEERS, 1, 2},
        {"64 threads, RocksDB", "rocksdb", BENCH_PEERS, 64, 0.18},
        {"limit: durable overwrite", "limit", BENCH_LIMITS, 1, 1},
    };
    struct bench_table table;
    struct bench_ratios ratios = {0};
    make_table(&table, &made_rows, made, 5, 128, BENCH_SYNC_EACH);
    bench_ratios_of_table(&ratios, &table, 64);
    CHECK_STR(bench_ratio_verdict(find(&ratios, "bytes/s: log each / limit: durable overwrite")), "misses");
    CHECK_STR(bench_ratio_verdict(find(&ratios, "bytes/s: 64 threads, log each / log each")), "holds");
    CHECK(find(&ratios, "bytes/s: 64 threads, log each / 64 threads, RocksDB")->value.median > 1.99);
    CHECK(find(&ratios, "bytes/s: log each / RocksDB")->value.median < 1.7);
    bench_table_free(&table);
}

TEST(bench_log_ratios_recycled)
{
    static const struct made_up made[] = {{"log uring recycled", "uring", BENCH_LOG, 1, 0.9},
                                          {"limit: page cache", "limit", BENCH_LIMITS, 1, 1}};
    struct bench_table table;
    struct bench_ratios ratios = {0};
    make_table(&table, &made_rows, made, 2, 1024, BENCH_SYNC_END);
    bench_ratios_of_table(&ratios, &table, THREADS);
    CHECK_STR(bench_ratio_verdict(find(&ratios, "bytes/s: log uring recycled / limit: page cache")), "holds");
    CHECK_STR(bench_ratio_verdict(find(&ratios, "CPU per GiB: log uring recycled / limit: page cache")), "misses");
    bench_table_free(&table);
}
