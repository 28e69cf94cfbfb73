/* What an observer sees of a writer: every byte that goes to the kernel once, every sync, every hand-over, every wait.
 *
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "support.h"

enum { EVENTS_MOST = 20000, RECORD = 1000, RECORDS = 3000 };

/* What has been seen, by any thread. */
static struct {
    _Atomic uint32_t count;
    struct quire_event event[EVENTS_MOST];
} seen;

static void note(void *context, const struct quire_event *event)
{
    CHECK(context == &seen);
    uint32_t number = atomic_fetch_add(&seen.count, 1);
    if (number < EVENTS_MOST)
        seen.event[number] = *event;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t count_of(uint32_t kind)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < seen.count; i++)
        count += seen.event[i].kind == kind;
    return count;
}

static void append_records(void *argument, uint32_t number)
{
    quire_lane *lane;
    uint8_t record[RECORD];
    fill(record, sizeof record, number);
    REQUIRE_OK(quire_lane_open(argument, &lane));
    for (int i = 0; i < RECORDS / 10; i++)
        REQUIRE_OK(quire_lane_append(lane, record, sizeof record));
    REQUIRE_OK(quire_lane_close(lane));
}

/* Writes cover [0, end) without a hole and without telling a byte twice; whole buffers past the page cache may come in
 * any order. */
static void check_cover(uint64_t end)
{
    static uint8_t covered[4 << 20];
    REQUIRE(end <= sizeof covered);
    memset(covered, 0, end);
    for (uint32_t i = 0; i < seen.count; i++) {
        const struct quire_event *e = &seen.event[i];
        if (e->kind != QUIRE_EVENT_WRITE)
            continue;
        REQUIRE(e->offset + e->length <= end);
        for (uint64_t at = e->offset; at < e->offset + e->length; at++)
            if (covered[at]++)
                FAIL("offset %" PRIu64 " was told twice", at);
    }
    for (uint64_t at = 0; at < end; at++)
        if (!covered[at]) {
            FAIL("nobody told of offset %" PRIu64, at);
            return;
        }
}

static void check_times(uint64_t from, uint64_t to)
{
    for (uint32_t i = 0; i < seen.count; i++) {
        const struct quire_event *e = &seen.event[i];
        CHECK(from <= e->begin_ns && e->begin_ns <= e->end_ns && e->end_ns <= to);
        CHECK_INT(e->result, 0);
    }
}

TEST_EACH(observe, struct method, methods)
{
    skip_without_uring(it->method);
    struct quire_writer_options options = options_for(it->method);
    set_buffers(&options, 16384, 4);
    options.observe = note;
    options.observe_context = &seen;
    uint64_t from = now_ns();
    quire_writer *writer = open_writer(harness_path("data"), &options);
    uint8_t record[RECORD];
    fill(record, sizeof record, 1);
    for (int i = 0; i < RECORDS / 10; i++)
        REQUIRE_OK(quire_writer_append(writer, record, sizeof record, NULL));
    REQUIRE_OK(quire_writer_sync(writer));
    in_threads(3, append_records, writer);
    REQUIRE_OK(quire_writer_sync(writer));
    struct quire_writer_stats stats = stats_of(writer);
    uint64_t end = watermarks_of(writer).durable;
    CHECK_UINT(count_of(QUIRE_EVENT_SYNC), stats.syncs);
    CHECK_UINT(count_of(QUIRE_EVENT_WAIT), stats.waits);
    CHECK_UINT(count_of(QUIRE_EVENT_ALLOCATE), stats.allocations);
    if (it->method != QUIRE_METHOD_WRITE && it->method != QUIRE_METHOD_STDIO)
        CHECK_UINT(count_of(QUIRE_EVENT_HAND_OVER), stats.hand_overs);
    REQUIRE_OK(quire_writer_close(writer));
    REQUIRE(seen.count <= EVENTS_MOST);
    CHECK_UINT(end, RECORD * RECORDS / 10 * 4);
    if (it->method == QUIRE_METHOD_MMAP)
        CHECK_UINT(count_of(QUIRE_EVENT_WRITE), 0);
    else
        check_cover(end);
    if (it->method == QUIRE_METHOD_URING)
        CHECK(count_of(QUIRE_EVENT_SUBMIT) > 0 && count_of(QUIRE_EVENT_REAP) > 0);
    check_times(from, now_ns());
}

/* The last sync says what became durable by it. */
TEST(observe_sync)
{
    struct quire_writer_options options = options_for(QUIRE_METHOD_PAGED);
    options.observe = note;
    options.observe_context = &seen;
    quire_writer *writer = open_writer(harness_path("data"), &options);
    REQUIRE_OK(quire_writer_append(writer, "12345", 5, NULL));
    REQUIRE_OK(quire_writer_sync(writer));
    REQUIRE_OK(quire_writer_append(writer, "678", 3, NULL));
    REQUIRE_OK(quire_writer_sync(writer));
    REQUIRE_OK(quire_writer_close(writer));
    struct quire_event last = {.kind = UINT32_MAX};
    for (uint32_t i = 0; i < seen.count; i++)
        if (seen.event[i].kind == QUIRE_EVENT_SYNC)
            last = seen.event[i];
    CHECK_UINT(last.kind, QUIRE_EVENT_SYNC);
    CHECK_UINT(last.offset, 5);
    CHECK_UINT(last.length, 3);
}

/* Programs built before there were observers give a smaller structure, with whatever behind it. */
TEST(observe_not_asked_for)
{
    struct quire_writer_options options = options_for(QUIRE_METHOD_PAGED);
    options.size = offsetof(struct quire_writer_options, observe);
    options.observe = note;
    options.observe_context = NULL;
    quire_writer *writer = open_writer(harness_path("data"), &options);
    REQUIRE_OK(quire_writer_append(writer, "12345", 5, NULL));
    REQUIRE_OK(quire_writer_close(writer));
    CHECK_UINT(seen.count, 0);
}

TEST(observe_names)
{
    CHECK_STR(quire_event_name(QUIRE_EVENT_HAND_OVER), "hand_over");
    CHECK_STR(quire_event_name(QUIRE_EVENT_WAIT), "wait");
    CHECK_STR(quire_event_name(QUIRE_EVENT_WAIT + 1), "unknown");
    CHECK_STR(quire_event_name(UINT32_MAX), "unknown");
}
