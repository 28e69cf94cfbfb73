/* The rows of the table. See rows.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/rows.h"

#include <stdarg.h>
#include <stdio.h>

#include <quire/quire.h>

#include "rows/peers/peers.h"

__attribute__((format(printf, 3, 4))) static void add(struct bench_rows *rows, struct bench_row row, const char *name,
                                                      ...)
{
    if (rows->count == BENCH_ROWS_MOST)
        return;
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(row.name, sizeof row.name, name, arguments);
    va_end(arguments);
    if (row.threads == 0)
        row.threads = 1;
    rows->row[rows->count++] = row;
}

/* One row per buffer size: the sizes asked for, or the usual ones; for a quick run, or where each record is synced and
 * so fills no buffer, the last of those. */
static void add_sizes(struct bench_rows *rows, const struct bench_settings *settings, struct bench_row row,
                      const char *name, const uint64_t *usual, size_t count)
{
    const uint64_t *sizes = usual;
    if (settings->buffer_count) {
        sizes = settings->buffers;
        count = settings->buffer_count;
    }
    char text[BENCH_NUMBER_TEXT];
    bool one = (settings->quick || settings->sync == BENCH_SYNC_EACH) && !settings->buffer_count;
    for (size_t i = one ? count - 1 : 0; i < count; i++) {
        row.buffer_bytes = sizes[i];
        add(rows, row, "%s (%s)", name, bench_size_name(sizes[i], text));
    }
}

static void add_methods(struct bench_rows *rows, const struct bench_settings *settings)
{
    static const uint64_t small[] = {4 << 10, 8 << 10, 16 << 10, 64 << 10};
    static const uint64_t large[] = {64 << 10, 256 << 10, 1 << 20};
    struct bench_row row = {.adapter = &bench_quire_writer};

    row.method = "write", row.quire_method = QUIRE_METHOD_WRITE, row.family = BENCH_WRITE;
    if (bench_settings_want(settings, BENCH_WRITE))
        add(rows, row, "Direct Write");
    row.method = "stdio", row.quire_method = QUIRE_METHOD_STDIO, row.family = BENCH_STDIO;
    if (bench_settings_want(settings, BENCH_STDIO))
        add_sizes(rows, settings, row, "Buffered", small, 4);
    row.method = "paged", row.quire_method = QUIRE_METHOD_PAGED, row.family = BENCH_PAGED;
    if (bench_settings_want(settings, BENCH_PAGED)) {
        add_sizes(rows, settings, row, "Page-Aligned", small, 4);
        add(rows, row, "Page-Aligned (default)");
    }
    row.method = "mmap", row.quire_method = QUIRE_METHOD_MMAP, row.family = BENCH_MMAP;
    if (bench_settings_want(settings, BENCH_MMAP))
        add(rows, row, "Memory Mapped");
    row.method = "uring", row.quire_method = QUIRE_METHOD_URING, row.family = BENCH_URING;
    if (bench_settings_want(settings, BENCH_URING)) {
        if (!settings->quick || settings->buffer_count)
            add_sizes(rows, settings, row, "Direct I/O", large, 3);
        add(rows, row, "Direct I/O (default)");
        row.prepared = true;
        if (!settings->quick)
            add(rows, row, "Direct I/O (prepared)");
    }
}

static void add_lanes(struct bench_rows *rows, const struct bench_settings *settings, uint64_t default_buffer)
{
    struct bench_row row = {.method = "paged", .quire_method = QUIRE_METHOD_PAGED};
    if (bench_settings_want(settings, BENCH_LANE)) {
        row.family = BENCH_LANE, row.adapter = &bench_quire_lane;
        if (settings->chosen || !settings->sync) {
            row.buffer_bytes = 64 << 10;
            add(rows, row, "Lane (64K)");
            row.buffer_bytes = 0;
        }
        add(rows, row, "Lane (default)");
        row.method = "uring", row.quire_method = QUIRE_METHOD_URING;
        add(rows, row, "Lane (Direct I/O)");
        row.prepared = true;
        if (settings->sync && !settings->quick)
            add(rows, row, "Lane (Direct I/O, prepared)");
    }
    row = (struct bench_row){.method = "paged", .quire_method = QUIRE_METHOD_PAGED};
    if (bench_settings_want(settings, BENCH_CONCURRENT)) {
        row.family = BENCH_CONCURRENT, row.threads = settings->threads, row.adapter = &bench_quire_writer;
        add(rows, row, "%u threads, shared lane", row.threads);
        row.adapter = &bench_quire_lane;
        add(rows, row, "%u threads, lanes", row.threads);
        row.adapter = &bench_peer_mutex, row.method = "mutex", row.quire_method = 0;
        row.buffer_bytes = default_buffer;
        add(rows, row, "%u threads, one mutex", row.threads);
    }
}

/* The log with its defaults, beside the writer of the same buffers; and as it is after days: each new segment is a file
 * that retention has freed. Where each record is durable a lane holds nothing back, and is no way of its own. */
static void add_log_durable(struct bench_rows *rows, const struct bench_settings *settings, struct bench_row row)
{
    add(rows, row, "log each");
    row.method = "uring", row.quire_method = QUIRE_METHOD_URING;
    add(rows, row, "log each (Direct I/O)");
    row.method = "paged", row.quire_method = QUIRE_METHOD_PAGED, row.threads = settings->threads;
    add(rows, row, "%u threads, log each", row.threads);
}

static void add_log(struct bench_rows *rows, const struct bench_settings *settings)
{
    struct bench_row row = {
        .method = "paged", .quire_method = QUIRE_METHOD_PAGED, .family = BENCH_LOG, .adapter = &bench_quire_log};
    if (settings->sync == BENCH_SYNC_EACH) {
        add_log_durable(rows, settings, row);
        return;
    }
    struct bench_row lane = row;
    lane.adapter = &bench_quire_log_lane;
    add(rows, row, "log paged");
    add(rows, lane, "log paged lane");
    if (settings->chosen) {
        row.threads = lane.threads = settings->threads;
        add(rows, row, "%u threads, log", row.threads);
        add(rows, lane, "%u threads, log lanes", row.threads);
        row.threads = 1;
    }
    row.method = "uring", row.quire_method = QUIRE_METHOD_URING;
    if (settings->chosen)
        add(rows, row, "log uring");
    row.recycled = true;
    if (settings->sync == BENCH_SYNC_END)
        add(rows, row, "log uring recycled");
}

static void add_libc(struct bench_rows *rows, const struct bench_settings *settings)
{
    struct bench_row row = {.buffer_bytes = 64 << 10};
    if (bench_settings_want(settings, BENCH_FWRITE)) {
        row.family = BENCH_FWRITE, row.adapter = &bench_peer_fwrite, row.method = "fwrite";
        add(rows, row, "fwrite");
    }
    /* With a sync after each record a lock is neither here nor there. */
    if (bench_settings_want(settings, BENCH_FWRITE_UNLOCKED) && settings->sync != BENCH_SYNC_EACH) {
        row.family = BENCH_FWRITE_UNLOCKED, row.adapter = &bench_peer_fwrite_unlocked, row.method = "fwrite_unlocked";
        add(rows, row, "fwrite_unlocked");
    }
}

static void add_peers(struct bench_rows *rows, const struct bench_settings *settings)
{
    const struct bench_peer *peer;
    for (unsigned i = 0; (peer = bench_peer_at(i)); i++) {
        struct bench_row row = {.family = BENCH_PEERS,
                                .method = peer->name,
                                .adapter = peer->adapter,
                                .batch = peer->batch,
                                .buffer_bytes = 64 << 10};
        /* Where each record is durable every one is a transaction of its own. */
        if (settings->peers[i] && !(settings->sync == BENCH_SYNC_EACH && peer->batch > 1))
            add(rows, row, "%s", peer->title);
        /* What becomes of many threads that sync is seen beside the log's rows of as many. */
        row.threads = settings->threads;
        if (settings->peers[i] && peer->concurrent && settings->sync == BENCH_SYNC_EACH &&
            bench_settings_want(settings, BENCH_LOG))
            add(rows, row, "%u threads, %s", row.threads, peer->title);
    }
}

/* The candidates of one limit: requests of two sizes, few or many in flight. */
static void add_direct(struct bench_rows *rows, const struct bench_settings *settings, struct bench_row row,
                       const char *name)
{
    static const unsigned in_flight[] = {1, 8, 16};
    static const uint64_t sizes[] = {256 << 10, 1 << 20};
    char text[BENCH_NUMBER_TEXT];
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t f = 0; f < sizeof in_flight / sizeof in_flight[0]; f++) {
            if (settings->quick && in_flight[f] != 8)
                continue;
            row.buffer_bytes = sizes[s];
            row.in_flight = in_flight[f];
            add(rows, row, "%s (%s x %u)", name, bench_size_name(sizes[s], text), in_flight[f]);
        }
}

/* The least that memory and the page cache take: one sync in the end, however many records. */
static void add_page_cache(struct bench_rows *rows, const struct bench_settings *settings, struct bench_row row)
{
    row.adapter = &bench_limit_memcpy, row.buffer_bytes = 64 << 10;
    add(rows, row, "limit: memcpy");
    row.adapter = &bench_limit_page_cache, row.buffer_bytes = 1 << 20;
    add(rows, row, "limit: page cache");
    row.threads = settings->threads;
    add(rows, row, "limit: page cache, %u threads", row.threads);
}

static void add_limits(struct bench_rows *rows, const struct bench_settings *settings)
{
    struct bench_row row = {.method = "limit", .family = BENCH_LIMITS};
    if (settings->sync != BENCH_SYNC_EACH)
        add_page_cache(rows, settings, row);
    /* Without a sync, direct I/O has been to the device and the page cache has not: nothing to compare. */
    if (!settings->sync)
        return;
    row.adapter = &bench_limit_durable, row.buffer_bytes = 4 << 10;
    add(rows, row, "limit: durable overwrite");
    if (settings->sync == BENCH_SYNC_EACH)
        return;
    row.adapter = &bench_limit_direct, row.group = BENCH_GROUP_DIRECT;
    add_direct(rows, settings, row, "limit: direct");
    if (settings->quick)
        return;
    row.adapter = &bench_limit_written, row.group = BENCH_GROUP_WRITTEN;
    add_direct(rows, settings, row, "limit: direct, written before");
}

void bench_rows_make(struct bench_rows *rows, const struct bench_settings *settings, uint64_t default_buffer)
{
    rows->count = 0;
    add_methods(rows, settings);
    add_lanes(rows, settings, default_buffer);
    if (bench_settings_want(settings, BENCH_LOG))
        add_log(rows, settings);
    add_libc(rows, settings);
    if (bench_settings_want(settings, BENCH_PEERS))
        add_peers(rows, settings);
    if (bench_settings_want(settings, BENCH_LIMITS))
        add_limits(rows, settings);
}
