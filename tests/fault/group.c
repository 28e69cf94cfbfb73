/* How many device flushes a policy costs, who is served by which, and what a flush may be taken to cover.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "fault.h"

enum { RECORD = 100, THREADS = 8 };

static struct fault *new_fault(void)
{
    return fault_new((struct fault_setup){.align = 512, .watch_durable = 1 << 20});
}

static struct quire_writer_options small(uint32_t method, uint32_t policy)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 2);
    o.sync_policy = policy;
    return o;
}

static void append_some(quire_writer *w, uint64_t records)
{
    uint8_t record[RECORD];
    fill(record, sizeof record, records);
    for (uint64_t i = 0; i < records; i++)
        REQUIRE_OK(quire_writer_append(w, record, sizeof record, NULL));
}

struct cost {
    uint32_t policy;
    uint64_t after_appends, after_sync, after_close;
};

/* 20 appends, a sync, another with nothing new, close; then again with an append between sync and close. */
static const struct cost costs[] = {
    {QUIRE_SYNC_REQUEST, 0, 1, 1}, {QUIRE_SYNC_NONE, 0, 1, 1}, {QUIRE_SYNC_EACH, 20, 20, 20}};

TEST_EACH(group_cost_of_a_policy, struct method, methods)
{
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++)
        for (int more = 0; more < 2; more++) {
            struct fault *fault = new_fault();
            struct quire_writer_options o = small(it->method, costs[i].policy);
            quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
            append_some(w, 20);
            CHECK_UINT(fault_calls(fault, FAULT_SYNC), costs[i].after_appends);
            REQUIRE_OK(quire_writer_sync(w));
            REQUIRE_OK(quire_writer_sync(w));
            REQUIRE_OK(quire_writer_wait_durable(w, 20 * RECORD));
            CHECK_UINT(fault_calls(fault, FAULT_SYNC), costs[i].after_sync);
            append_some(w, (uint64_t)more);
            REQUIRE_OK(quire_writer_close(w));
            /* One more for what came after, or where space beyond the end had to be cut off; none with NONE. */
            uint64_t syncs = fault_calls(fault, FAULT_SYNC), least = costs[i].after_close;
            if (costs[i].policy == QUIRE_SYNC_NONE)
                CHECK_UINT(syncs, least);
            else if (more)
                CHECK(syncs == least + 1 || (costs[i].policy == QUIRE_SYNC_EACH && syncs == least + 2));
            else
                CHECK(syncs == least || (syncs == least + 1 && fault_calls(fault, FAULT_TRUNCATE) == 1));
            fault_free(fault);
        }
}

TEST_EACH(group_none_at_close, struct method, methods)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_NONE);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    append_some(w, 200);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_UINT(fault_calls(fault, FAULT_SYNC), 0);
    CHECK_UINT(fault_calls(fault, FAULT_SYNC_DIRECTORY), 0);
    CHECK_UINT(fault_calls(fault, FAULT_WRITEBACK), 0);
    fault_free(fault);
}

TEST_EACH(group_request_at_close, struct method, methods)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_REQUEST);
    struct bytes model = {0};
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    for (uint64_t i = 0; i < 200; i++)
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, RECORD, i), RECORD, NULL));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_UINT(fault_calls(fault, FAULT_SYNC), 1);
    CHECK_UINT(fault_calls(fault, FAULT_SYNC_DIRECTORY), 1);
    struct bytes left = fault_durable(fault);
    CHECK_UINT(left.length, model.length); /* the length too: it was cut before the sync */
    if (left.length == model.length)
        CHECK_BYTES(left.data, model.data, model.length);
    bytes_free(&left);
    bytes_free(&model);
    fault_free(fault);
}

struct crowd {
    struct fault *fault;
    quire_writer *writer;
    struct sleepers sleepers;
    bool each; /* the append itself is durable; else it is followed by a sync */
};

static void append_durably(void *argument, uint32_t number)
{
    struct crowd *c = argument;
    uint8_t record[RECORD];
    uint64_t offset = 0;
    if (number == THREADS) {
        fault_await(c->fault, FAULT_SYNC, 1);
        await_asleep(&c->sleepers, THREADS);
        CHECK_UINT(fault_calls(c->fault, FAULT_SYNC), 1);
        CHECK_UINT(watermarks_of(c->writer).durable, 0);
        fault_release(c->fault, FAULT_SYNC);
        return;
    }
    fill(record, sizeof record, number);
    if (number > 0)
        fault_await(c->fault, FAULT_SYNC, 1); /* the first one leads, and is held in its flush */
    note_sleeper(&c->sleepers, number);
    REQUIRE_OK(quire_writer_append(c->writer, record, sizeof record, &offset));
    if (!c->each)
        REQUIRE_OK(number % 2 ? quire_writer_sync(c->writer) : quire_writer_wait_durable(c->writer, offset + RECORD));
    CHECK(watermarks_of(c->writer).durable >= offset + RECORD);
    struct bytes left = fault_durable(c->fault);
    CHECK(left.length >= offset + RECORD && memcmp(left.data + offset, record, sizeof record) == 0);
    bytes_free(&left);
}

static void run_crowd(uint32_t method, bool each)
{
    struct crowd c = {.fault = new_fault(), .each = each};
    struct quire_writer_options o = small(method, each ? QUIRE_SYNC_EACH : QUIRE_SYNC_REQUEST);
    c.writer = fault_open_writer(c.fault, harness_path("file"), &o);
    fault_hold(c.fault, FAULT_SYNC);
    in_threads(THREADS + 1, append_durably, &c);
    /* One flush for the first, which nobody else could use, and one for all who came meanwhile. */
    CHECK_UINT(fault_calls(c.fault, FAULT_SYNC), 2);
    CHECK_UINT(stats_of(c.writer).syncs, 2);
    CHECK_UINT(stats_of(c.writer).sync_joins, THREADS - 2);
    CHECK_UINT(watermarks_of(c.writer).durable, THREADS * RECORD);
    REQUIRE_OK(quire_writer_close(c.writer));
    fault_free(c.fault);
}

TEST_EACH(group_commit_each, struct method, methods)
{
    run_crowd(it->method, true);
}

TEST_EACH(group_commit_by_request, struct method, methods)
{
    run_crowd(it->method, false);
}

struct during {
    struct fault *fault;
    quire_writer *writer;
    uint64_t covered;
};

static void sync_or_append(void *argument, uint32_t number)
{
    struct during *d = argument;
    if (number == 0) {
        REQUIRE_OK(quire_writer_sync(d->writer));
        CHECK_UINT(watermarks_of(d->writer).durable, d->covered);
        return;
    }
    fault_await(d->fault, FAULT_SYNC, 1);
    append_some(d->writer, 100);
    REQUIRE_OK(quire_writer_flush(d->writer));
    CHECK_UINT(watermarks_of(d->writer).written, d->covered + 100 * RECORD);
    CHECK_UINT(watermarks_of(d->writer).durable, 0);
    fault_release(d->fault, FAULT_SYNC);
}

/* Bytes that come while the device is flushing are not covered by that flush. */
TEST_EACH(group_flush_covers_what_was_before, struct method, methods)
{
    struct during d = {.fault = new_fault(), .covered = 30 * RECORD};
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_REQUEST);
    d.writer = fault_open_writer(d.fault, harness_path("file"), &o);
    append_some(d.writer, 30);
    fault_hold(d.fault, FAULT_SYNC);
    in_threads(2, sync_or_append, &d);
    REQUIRE_OK(quire_writer_sync(d.writer));
    CHECK_UINT(watermarks_of(d.writer).durable, d.covered + 100 * RECORD);
    CHECK_UINT(fault_calls(d.fault, FAULT_SYNC), 2);
    REQUIRE_OK(quire_writer_close(d.writer));
    fault_free(d.fault);
}

/* A durable byte is never given to the kernel again, whatever the lengths between two syncs. (A page that is written
 * again may be torn by a power cut, and with it bytes that were durable.) */
TEST_EACH(group_durable_is_not_rewritten, struct method, methods)
{
    static const uint64_t lengths[] = {1, 4095, 100, PAGE, 3, 5000, 2 * PAGE - 1, 1, 1, 3 * PAGE + 7, 512, 30000};
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_EACH);
    struct bytes model = {0};
    const char *path = harness_path("file");
    bytes_add_filled(&model, 777, 0);
    write_file(path, model.data, model.length);
    quire_writer *w = fault_open_writer(fault, path, &o);
    uint64_t durable = 777, seen = 0;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, lengths[i], i), lengths[i], NULL));
        uint64_t count = 0;
        const struct fault_write *writes = fault_writes(fault, &count);
        for (; seen < count; seen++)
            CHECK(writes[seen].offset >= durable);
        durable = watermarks_of(w).durable;
        CHECK_UINT(durable, model.length);
    }
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* With the thread that syncs, nobody else does: and one who waits is served by it. */
TEST_EACH(group_interval, struct method, methods)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_INTERVAL);
    o.sync_interval_ms = 1;
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    for (uint64_t i = 1; i <= 5; i++) {
        append_some(w, 10);
        REQUIRE_OK(quire_writer_wait_durable(w, i * 10 * RECORD));
        struct bytes left = fault_durable(fault);
        CHECK(left.length >= i * 10 * RECORD);
        bytes_free(&left);
    }
    struct quire_writer_stats s = stats_of(w);
    CHECK_UINT(s.syncs, fault_calls(fault, FAULT_SYNC));
    CHECK(s.syncs >= 5);
    REQUIRE_OK(quire_writer_close(w));
    fault_free(fault);
}
