/* Watermarks, and when bytes become durable: by request, by a thread at intervals, before each append returns, never.
 * How many device flushes that took is counted in tests/fault/group.c.
 *
 * SPDX-License-Identifier: MIT */
#include <stdatomic.h>

#include "support.h"

static struct quire_writer_options small(uint32_t method, uint32_t policy)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 4 * PAGE, 2);
    o.sync_policy = policy;
    return o;
}

TEST_EACH(durable_on_request, struct method, methods)
{
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_REQUEST);
    quire_writer *w = open_writer(harness_path("file"), &o);
    uint64_t offset = 0;
    REQUIRE_OK(quire_writer_append(w, "0123456789", 10, NULL));
    REQUIRE_OK(quire_writer_append(w, "abc", 3, &offset));
    CHECK_UINT(offset, 10);
    CHECK_UINT(watermarks_of(w).appended, 13);
    CHECK_UINT(watermarks_of(w).durable, 0);
    CHECK_CODE(quire_writer_wait_durable(w, 14), QUIRE_E_RANGE);
    CHECK_CODE(quire_writer_wait_durable(w, UINT64_MAX), QUIRE_E_RANGE);
    CHECK_OK(quire_writer_wait_durable(w, 0));
    CHECK_UINT(stats_of(w).syncs, 0);
    CHECK_OK(quire_writer_wait_durable(w, 10));
    CHECK(watermarks_of(w).durable >= 10);
    CHECK_OK(quire_writer_sync(w));
    CHECK_UINT(watermarks_of(w).durable, 13);
    CHECK_UINT(watermarks_of(w).written, 13);
    CHECK_OK(quire_writer_close(w));
}

TEST_EACH(durable_flush_is_not, struct method, methods)
{
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_NONE);
    quire_writer *w = open_writer(harness_path("file"), &o);
    REQUIRE_OK(quire_writer_append(w, "0123456789", 10, NULL));
    CHECK_OK(quire_writer_flush(w));
    CHECK_UINT(watermarks_of(w).written, 10);
    CHECK_UINT(watermarks_of(w).durable, 0);
    CHECK_UINT(stats_of(w).syncs, 0);
    CHECK_OK(quire_writer_close(w));
}

/* Nobody asks: wait_durable with this policy waits for the thread's next flush and makes none itself. */
TEST_EACH(durable_at_intervals, struct method, methods)
{
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_INTERVAL);
    o.sync_interval_ms = 2;
    quire_writer *w = open_writer(harness_path("file"), &o);
    quire_lane *lane = NULL;
    uint64_t end = 0;
    REQUIRE_OK(quire_writer_append(w, "0123456789", 10, NULL));
    CHECK_OK(quire_writer_wait_durable(w, 10));
    CHECK_UINT(watermarks_of(w).durable, 10);
    REQUIRE_OK(quire_lane_open(w, &lane));
    REQUIRE_OK(quire_lane_append(lane, "lane", 4));
    REQUIRE_OK(quire_lane_flush(lane, &end));
    CHECK_UINT(end, 14);
    CHECK_OK(quire_writer_wait_durable(w, end));
    CHECK_UINT(watermarks_of(w).durable, 14);
    REQUIRE_OK(quire_lane_append(lane, "more", 4)); /* gathered by the thread, without a flush of ours */
    while (watermarks_of(w).durable < 18)
        ;
    REQUIRE_OK(quire_lane_close(lane));
    CHECK_OK(quire_writer_append(w, "end", 3, NULL));
    CHECK_OK(quire_writer_close(w));
    CHECK_INT(file_size(harness_path("file")), 21);
}

TEST_EACH(durable_each, struct method, methods)
{
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_EACH);
    quire_writer *w = open_writer(harness_path("file"), &o);
    quire_lane *lane = NULL;
    struct quire_claim claim;
    struct iovec pieces[] = {{(void *)(uintptr_t) "vec", 3}, {(void *)(uintptr_t) "tor", 3}};
    REQUIRE_OK(quire_writer_append(w, "0123456789", 10, NULL));
    CHECK_UINT(watermarks_of(w).durable, 10);
    REQUIRE_OK(quire_writer_appendv(w, pieces, 2, NULL));
    CHECK_UINT(watermarks_of(w).durable, 16);
    REQUIRE_OK(quire_writer_claim(w, 4, &claim));
    fill(claim.memory, 4, 0);
    REQUIRE_OK(quire_writer_publish(w, &claim));
    CHECK_UINT(watermarks_of(w).durable, 20);
    REQUIRE_OK(quire_lane_open(w, &lane));
    REQUIRE_OK(quire_lane_append(lane, "lane", 4));
    CHECK_UINT(watermarks_of(w).durable, 24);
    REQUIRE_OK(quire_lane_appendv(lane, pieces, 2));
    CHECK_UINT(watermarks_of(w).durable, 30);
    REQUIRE_OK(quire_lane_claim(lane, 4, &claim));
    fill(claim.memory, 4, 0);
    REQUIRE_OK(quire_lane_publish(lane, &claim, 2));
    CHECK_UINT(watermarks_of(w).durable, 32);
    REQUIRE_OK(quire_lane_close(lane));
    CHECK_UINT(stats_of(w).syncs, 6);
    CHECK_OK(quire_writer_close(w));
    CHECK_INT(file_size(harness_path("file")), 32);
}

enum { APPENDERS = 3, PER_THREAD = 1200 };

struct shared {
    quire_writer *writer;
    _Atomic uint32_t running;
};

static void append_or_watch(void *argument, uint32_t number)
{
    struct shared *s = argument;
    if (number == APPENDERS) {
        struct quire_watermarks last = {0};
        do {
            struct quire_watermarks now = watermarks_of(s->writer);
            REQUIRE(now.appended >= now.written && now.written >= now.durable);
            REQUIRE(now.appended >= last.appended && now.written >= last.written && now.durable >= last.durable);
            last = now;
        } while (atomic_load(&s->running) > 0);
        return;
    }
    uint8_t data[400];
    fill(data, sizeof data, number);
    for (uint64_t i = 0; i < PER_THREAD; i++) {
        uint64_t offset = 0, length = 1 + i % sizeof data;
        REQUIRE_OK(quire_writer_append(s->writer, data, length, &offset));
        if (i % 400 == 17) {
            REQUIRE_OK(quire_writer_wait_durable(s->writer, offset + length));
            REQUIRE(watermarks_of(s->writer).durable >= offset + length);
        } else if (i % 200 == 99) {
            REQUIRE_OK(quire_writer_flush(s->writer));
            REQUIRE(watermarks_of(s->writer).written >= offset + length);
        }
    }
    atomic_fetch_sub(&s->running, 1);
}

TEST_EACH(durable_marks_never_go_back, struct method, methods)
{
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_REQUEST);
    struct shared s = {.writer = open_writer(harness_path("file"), &o), .running = APPENDERS};
    in_threads(APPENDERS + 1, append_or_watch, &s);
    uint64_t appended = watermarks_of(s.writer).appended;
    CHECK_OK(quire_writer_close(s.writer));
    CHECK_INT(file_size(harness_path("file")), appended);
}

/* What another process left unsynced is not durable because it is there: the first sync has to reach the device. */
TEST_EACH(durable_of_an_existing_file, struct method, methods)
{
    struct quire_writer_options o = small(it->method, QUIRE_SYNC_REQUEST);
    const char *path = harness_path("file");
    write_file(path, "left behind", 11);
    quire_writer *w = open_writer(path, &o);
    CHECK_UINT(watermarks_of(w).appended, 11);
    CHECK_OK(quire_writer_sync(w));
    CHECK_UINT(watermarks_of(w).durable, 11);
    CHECK_UINT(stats_of(w).syncs, 1);
    CHECK_OK(quire_writer_close(w));
}
