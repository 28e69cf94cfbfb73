/* The statistics: exact counts, for each method.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "support.h"

enum { RECORD = 100, RECORDS = 1000, TOTAL = RECORD * RECORDS };

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 4 * PAGE, 2);
    return o;
}

static void append_all(quire_writer *w)
{
    uint8_t record[RECORD];
    fill(record, sizeof record, 1);
    for (int i = 0; i < RECORDS; i++)
        REQUIRE_OK(quire_writer_append(w, record, RECORD, NULL));
    REQUIRE_OK(quire_writer_append(w, NULL, 0, NULL));
}

TEST_EACH(stats_of_method, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    quire_writer *w = open_writer(harness_path("file"), &o);
    append_all(w);
    REQUIRE_OK(quire_writer_flush(w));
    struct quire_writer_stats s = stats_of(w);
    CHECK_UINT(s.method, it->method);
    CHECK_UINT(s.method_asked, it->method);
    CHECK_INT(s.fallback_reason, 0);
    CHECK_UINT(s.direct, it->method == QUIRE_METHOD_URING);
    CHECK_UINT(s.lanes, 0);
    CHECK_UINT(s.buffer_bytes, 4 * PAGE);
    CHECK_UINT(s.buffer_count, 2);
    CHECK(s.memory_bytes >= 4 * PAGE && s.memory_bytes <= 16 * PAGE);
    CHECK_UINT(s.append_bytes, TOTAL);
    CHECK_UINT(s.drops, 0);
    CHECK_UINT(s.drop_bytes, 0);
    CHECK_UINT(s.agains, 0);
    CHECK_UINT(s.hand_overs, 0);
    CHECK_UINT(s.syncs, 0);
    CHECK_UINT(s.sync_joins, 0);
    CHECK_UINT(s.write_bytes, it->method == QUIRE_METHOD_MMAP ? 0 : TOTAL);
    REQUIRE_OK(quire_writer_sync(w));
    REQUIRE_OK(quire_writer_sync(w)); /* nothing new to make durable */
    CHECK_UINT(stats_of(w).syncs, 1);
    CHECK_UINT(stats_of(w).sync_joins, 0); /* and nobody else whose flush it could have joined */
    REQUIRE_OK(quire_writer_close(w));
}

/* 100000 bytes through buffers of 16384: six whole ones, and one that a flush cuts short. */
TEST(stats_writes)
{
    static const struct {
        uint32_t method;
        uint64_t writes, tails;
    } rows[] = {{QUIRE_METHOD_WRITE, RECORDS, RECORDS}, /* no multiple of 100 up to 100000 is one of 4096 */
                {QUIRE_METHOD_PAGED, 7, 1},
                {QUIRE_METHOD_MMAP, 0, 0},
                {QUIRE_METHOD_URING, 7, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct quire_writer_options o = small(rows[i].method);
        quire_writer *w = open_writer(harness_path(quire_method_name(rows[i].method)), &o);
        append_all(w);
        REQUIRE_OK(quire_writer_flush(w));
        struct quire_writer_stats s = stats_of(w);
        CHECK_UINT(s.appends, RECORDS); /* a length of 0 appended nothing */
        CHECK_UINT(s.writes, rows[i].writes);
        CHECK_UINT(s.tail_writes, rows[i].tails);
        REQUIRE_OK(quire_writer_close(w));
    }
}

TEST_EACH(stats_of_lanes, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    o.lane_bytes = PAGE;
    quire_writer *w = open_writer(harness_path("file"), &o);
    quire_lane *lane = NULL;
    uint8_t record[RECORD];
    fill(record, sizeof record, 1);
    REQUIRE_OK(quire_lane_open(w, &lane));
    CHECK_UINT(stats_of(w).lanes, 1);
    for (int i = 0; i < RECORDS; i++)
        REQUIRE_OK(quire_lane_append(lane, record, RECORD));
    REQUIRE_OK(quire_writer_append(w, record, RECORD, NULL));
    struct quire_writer_stats open = stats_of(w);
    CHECK_UINT(open.appends, RECORDS + 1);
    REQUIRE_OK(quire_lane_close(lane));
    struct quire_writer_stats s = stats_of(w);
    CHECK_UINT(s.lanes, 0);
    CHECK_UINT(s.appends, RECORDS + 1);
    CHECK_UINT(s.append_bytes, TOTAL + RECORD);
    bool held_back = it->method != QUIRE_METHOD_WRITE && it->method != QUIRE_METHOD_STDIO;
    CHECK_UINT(s.hand_overs, held_back ? RECORDS / (PAGE / RECORD) : 0);
    CHECK(s.memory_bytes <= open.memory_bytes);
    REQUIRE_OK(quire_writer_close(w));
}

TEST(stats_sizes)
{
    quire_writer *w = NULL;
    REQUIRE_OK(quire_writer_open(harness_path("file"), NULL, &w));
    struct {
        struct quire_writer_stats stats;
        uint64_t beyond[4];
    } s;
    memset(&s, 0xee, sizeof s);
    s.stats.size = 24;
    CHECK_OK(quire_writer_stats(w, &s.stats));
    CHECK_UINT(s.stats.method, QUIRE_METHOD_PAGED);
    CHECK_UINT(s.stats.lanes, 0xeeeeeeee); /* a caller that knows 24 bytes gets 24 bytes */
    memset(&s, 0xee, sizeof s);
    s.stats.size = sizeof s;
    CHECK_OK(quire_writer_stats(w, &s.stats));
    CHECK_UINT(s.stats.appends, 0);
    CHECK_UINT(s.beyond[0], UINT64_C(0xeeeeeeeeeeeeeeee)); /* and one that knows more than the library, what it has */
    for (uint64_t size = 0; size < 16; size++) {
        s.stats.size = size;
        CHECK_CODE(quire_writer_stats(w, &s.stats), QUIRE_E_OPTIONS);
    }
    REQUIRE_OK(quire_writer_close(w));
}
