/* The ratios that say how fast quire is. See ratios.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/ratios.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A target, or none. */
struct aim {
    enum { NO_TARGET, AT_LEAST, AT_MOST } kind;
    double value;
};

static const struct aim no_target = {NO_TARGET, 0};

__attribute__((format(printf, 4, 5))) static void add(struct bench_ratios *ratios, struct bench_spread value,
                                                      struct aim aim, const char *format, ...)
{
    if (ratios->count == BENCH_RATIOS_MOST)
        return;
    struct bench_ratio *ratio = &ratios->ratio[ratios->count++];
    *ratio = (struct bench_ratio){
        .value = value,
        .has_target = aim.kind != NO_TARGET,
        .at_least = aim.kind == AT_LEAST,
        .target = aim.value,
    };
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ratio->label, sizeof ratio->label, format, arguments);
    va_end(arguments);
}

/* A candidate of a limit goes by the limit's name: the table says which candidate it was. */
static int label_length(const struct bench_row *row)
{
    const char *end = row->group == BENCH_ALONE ? NULL : strrchr(row->name, '(');
    return end ? (int)(end - 1 - row->name) : (int)strlen(row->name);
}

/* The ratio of two rows, if both have been measured. */
static void compare(struct bench_ratios *ratios, const struct bench_table *table, enum bench_figure figure,
                    const struct bench_result *above, const struct bench_result *below, struct aim aim)
{
    static const char *const figures[] = {
        [BENCH_SECONDS] = "time per append",
        [BENCH_CPU_SECONDS] = "CPU per GiB",
        [BENCH_MIB_PER_S] = "bytes/s",
    };
    if (!above || !below)
        return;
    add(ratios, bench_result_ratio(table, above, below, figure), aim, "%s: %.*s / %.*s", figures[figure],
        label_length(above->row), above->row->name, label_length(below->row), below->row->name);
}

static void compare_named(struct bench_ratios *ratios, const struct bench_table *table, enum bench_figure figure,
                          const char *above, const char *below, struct aim aim)
{
    compare(ratios, table, figure, bench_table_find(table, above), bench_table_find(table, below), aim);
}

/* Beside the machine: what is left of the limit when records, buffers and a file's true length have been paid for. */
static void add_limits(struct bench_ratios *ratios, const struct bench_table *table)
{
    const struct aim near = {AT_LEAST, 0.95};
    const struct bench_result *cache = bench_table_find(table, "limit: page cache");
    const struct bench_result *direct = bench_table_best(table, bench_row_is_direct);
    const struct bench_result *better = direct ? direct : cache;
    if (cache && direct &&
        bench_result_figure(table, cache, BENCH_MIB_PER_S).median >
            bench_result_figure(table, direct, BENCH_MIB_PER_S).median)
        better = cache;
    const struct bench_result *best = bench_table_best(table, bench_row_is_quire);
    const struct bench_result *uring = bench_table_best(table, bench_row_is_uring);
    const struct bench_result *usual = bench_table_find(table, "Direct I/O (default)");
    compare(ratios, table, BENCH_MIB_PER_S, best, better, near);
    if (uring != best || direct != better)
        compare(ratios, table, BENCH_MIB_PER_S, uring, direct, near);
    if (usual != uring)
        compare(ratios, table, BENCH_MIB_PER_S, usual, direct, no_target);
    const struct bench_result *written = bench_table_best(table, bench_row_is_written);
    const struct bench_result *prepared = bench_table_best(table, bench_row_is_prepared);
    usual = bench_table_find(table, "Direct I/O (prepared)");
    compare(ratios, table, BENCH_MIB_PER_S, prepared, written, near);
    if (usual != prepared)
        compare(ratios, table, BENCH_MIB_PER_S, usual, written, no_target);
}

static void add_concurrent(struct bench_ratios *ratios, const struct bench_table *table, unsigned threads)
{
    char lanes[48], shared[48], mutex[48], limit[48];
    snprintf(lanes, sizeof lanes, "%u threads, lanes", threads);
    snprintf(shared, sizeof shared, "%u threads, shared lane", threads);
    snprintf(mutex, sizeof mutex, "%u threads, one mutex", threads);
    /* With a final sync it is the device that decides how far lanes and a mutex are apart. */
    struct aim three = {table->size.record_bytes == 128 && table->terms.sync == BENCH_SYNC_NONE ? AT_LEAST : NO_TARGET,
                        3};
    struct aim level = {AT_LEAST, 1};
    compare_named(ratios, table, BENCH_MIB_PER_S, lanes, "Lane (default)", level);
    compare_named(ratios, table, BENCH_MIB_PER_S, lanes, mutex, three);
    compare_named(ratios, table, BENCH_MIB_PER_S, shared, mutex, level);
    /* What so many threads can get out of the page cache at all. */
    snprintf(limit, sizeof limit, "limit: page cache, %u threads", threads);
    compare_named(ratios, table, BENCH_MIB_PER_S, lanes, limit, no_target);
    compare_named(ratios, table, BENCH_MIB_PER_S, limit, "limit: page cache", no_target);
}

static void add_libc(struct bench_ratios *ratios, const struct bench_table *table)
{
    bool small = table->size.record_bytes == 128 && table->terms.sync == BENCH_SYNC_NONE;
    struct aim lane = {small ? AT_MOST : NO_TARGET, 1.0};
    struct aim shared = {small ? AT_MOST : NO_TARGET, 0.9};
    struct aim usual = {small ? AT_MOST : NO_TARGET, 0.75};
    compare_named(ratios, table, BENCH_SECONDS, "Lane (64K)", "fwrite_unlocked", lane);
    compare_named(ratios, table, BENCH_SECONDS, "Page-Aligned (64K)", "fwrite", shared);
    compare_named(ratios, table, BENCH_SECONDS, "Lane (default)", "fwrite_unlocked", usual);
    compare_named(ratios, table, BENCH_SECONDS, "Page-Aligned (default)", "fwrite_unlocked", no_target);
}

static void add_cpu(struct bench_ratios *ratios, const struct bench_table *table)
{
    bool aimed = table->size.record_bytes == 1024 && table->terms.sync == BENCH_SYNC_END;
    struct aim half = {aimed ? AT_MOST : NO_TARGET, 0.5};
    struct aim quarter = {aimed ? AT_MOST : NO_TARGET, 0.25};
    compare_named(ratios, table, BENCH_CPU_SECONDS, "Direct I/O (default)", "Page-Aligned (default)", half);
    compare_named(ratios, table, BENCH_CPU_SECONDS, "Lane (Direct I/O)", "Lane (default)", half);
    compare_named(ratios, table, BENCH_CPU_SECONDS, "Page-Aligned (default)", "Direct Write", quarter);
}

/* The log beside the writer of the same buffers, and beside the page cache with a final sync. */
static void add_log(struct bench_ratios *ratios, const struct bench_table *table)
{
    uint64_t size = table->size.record_bytes;
    bool usual = size == 128 || size == 1024, one_kib = size == 1024 && table->terms.sync == BENCH_SYNC_END;
    struct aim near = {usual && table->terms.sync == BENCH_SYNC_NONE ? AT_LEAST : NO_TARGET, 0.85};
    struct aim beyond = {one_kib ? AT_LEAST : NO_TARGET, 1.1}, half = {one_kib ? AT_MOST : NO_TARGET, 0.5};
    compare_named(ratios, table, BENCH_MIB_PER_S, "log paged", "Page-Aligned (default)", near);
    compare_named(ratios, table, BENCH_MIB_PER_S, "log paged lane", "Lane (default)", near);
    compare_named(ratios, table, BENCH_MIB_PER_S, "log uring recycled", "limit: page cache", beyond);
    compare_named(ratios, table, BENCH_CPU_SECONDS, "log uring recycled", "limit: page cache", half);
}

/* The log beside a peer, and beside the same peer by as many threads. */
static void add_log_peer(struct bench_ratios *ratios, const struct bench_table *table, const struct bench_result *peer,
                         unsigned threads)
{
    const char *name = table->terms.sync == BENCH_SYNC_EACH ? "log each" : "log paged";
    bool aimed = table->terms.sync == BENCH_SYNC_NONE && table->size.record_bytes <= 1024;
    bool store = strcmp(peer->row->method, "rocksdb") == 0 || strcmp(peer->row->method, "leveldb") == 0;
    bool basic = strcmp(peer->row->name, "spdlog") == 0;
    struct aim aim = {aimed && (store || basic) ? AT_LEAST : NO_TARGET, store ? 5 : 3};
    char concurrent[48];
    if (peer->row->threads > 1) {
        snprintf(concurrent, sizeof concurrent, "%u threads, %s", threads,
                 table->terms.sync == BENCH_SYNC_EACH ? name : "log");
        name = concurrent;
        aim = no_target;
    }
    compare(ratios, table, BENCH_MIB_PER_S, bench_table_find(table, name), peer, aim);
}

/* Each record durable: what is left of the device's own pace, and what it is worth that one flush serves many. */
static void add_durable(struct bench_ratios *ratios, const struct bench_table *table, unsigned threads)
{
    char shared[48], mutex[48];
    snprintf(shared, sizeof shared, "%u threads, shared lane", threads);
    snprintf(mutex, sizeof mutex, "%u threads, one mutex", threads);
    compare_named(ratios, table, BENCH_MIB_PER_S, "Page-Aligned (default)", "limit: durable overwrite", no_target);
    compare_named(ratios, table, BENCH_MIB_PER_S, "Direct I/O (prepared)", "limit: durable overwrite", no_target);
    compare_named(ratios, table, BENCH_MIB_PER_S, shared, "Page-Aligned (default)", no_target);
    compare_named(ratios, table, BENCH_MIB_PER_S, shared, mutex, no_target);
    struct aim near = {AT_LEAST, 0.9}, group = {threads >= 64 ? AT_LEAST : NO_TARGET, 12};
    char log[48];
    snprintf(log, sizeof log, "%u threads, log each", threads);
    compare_named(ratios, table, BENCH_MIB_PER_S, "log each", "limit: durable overwrite", near);
    compare_named(ratios, table, BENCH_MIB_PER_S, "log each (Direct I/O)", "limit: durable overwrite", near);
    compare_named(ratios, table, BENCH_MIB_PER_S, log, "log each", group);
}

/* Beside what users would take instead: all rows of one table are of one kind of sync. */
static void add_peers(struct bench_ratios *ratios, const struct bench_table *table, unsigned threads)
{
    const struct bench_result *best = bench_table_best(table, bench_row_is_quire);
    const struct bench_result *log =
        bench_table_find(table, table->terms.sync == BENCH_SYNC_EACH ? "log each" : "log paged");
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *peer = &table->result[i];
        if (!peer->count || peer->row->family != BENCH_PEERS || peer->row->adapter->no_sync)
            continue;
        enum bench_durability durability = bench_result_durability(table, peer);
        if (best && peer->row->threads == 1 && durability == bench_result_durability(table, best))
            compare(ratios, table, BENCH_MIB_PER_S, best, peer, no_target);
        if (log && durability == bench_result_durability(table, log))
            add_log_peer(ratios, table, peer, threads);
    }
}

void bench_ratios_of_table(struct bench_ratios *ratios, const struct bench_table *table, unsigned threads)
{
    /* Where a rate was set all rows run at that rate. */
    if (table->terms.rate > 0)
        return;
    add_peers(ratios, table, threads);
    if (table->terms.sync == BENCH_SYNC_EACH) {
        add_durable(ratios, table, threads);
        return;
    }
    if (table->terms.sync != BENCH_SYNC_NONE)
        add_limits(ratios, table);
    add_log(ratios, table);
    add_concurrent(ratios, table, threads);
    add_libc(ratios, table);
    add_cpu(ratios, table);
}

void bench_ratios_of_staging(struct bench_ratios *ratios, const struct bench_staging *staging)
{
    add(ratios, bench_staging_ratio(staging, BENCH_STAGE_LANE, BENCH_STAGE_MEMCPY), (struct aim){AT_MOST, 2},
        "append with a buffer free: lane / memcpy");
    add(ratios, bench_staging_ratio(staging, BENCH_STAGE_SHARED, BENCH_STAGE_MEMCPY), (struct aim){AT_MOST, 8},
        "append with a buffer free: shared lane / memcpy");
}

const char *bench_ratio_verdict(const struct bench_ratio *ratio)
{
    if (!ratio->has_target)
        return "";
    switch (bench_judge(ratio->value, ratio->at_least, ratio->target)) {
    case BENCH_HOLDS:
        return "holds";
    case BENCH_MISSES:
        return "misses";
    case BENCH_UNDECIDED:
        return "open";
    }
    return "";
}
