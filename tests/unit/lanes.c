/* Lanes: a thread's own way into a writer, and what the writer's calls promise about them.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"

/* With these a lane holds records back. */
static const struct method buffered[] = {
    {"paged", QUIRE_METHOD_PAGED}, {"mmap", QUIRE_METHOD_MMAP}, {"uring", QUIRE_METHOD_URING}};

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 3);
    o.lane_bytes = PAGE;
    o.sync_policy = QUIRE_SYNC_NONE;
    return o;
}

TEST_EACH(lane_is_counted_when_handed_over, struct method, buffered)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    quire_lane *lane = NULL;
    uint64_t end = 0;
    REQUIRE_OK(quire_lane_open(w, &lane));
    REQUIRE_OK(quire_lane_append(lane, "lane", 4));
    CHECK_UINT(watermarks_of(w).appended, 0);
    REQUIRE_OK(quire_writer_append(w, "first", 5, NULL));
    REQUIRE_OK(quire_lane_flush(lane, &end));
    CHECK_UINT(end, 9);
    CHECK_UINT(watermarks_of(w).appended, 9);
    REQUIRE_OK(quire_writer_append(w, "last", 4, NULL));
    REQUIRE_OK(quire_lane_flush(lane, &end)); /* nothing in it: its end is where it was */
    CHECK_UINT(end, 9);
    REQUIRE_OK(quire_writer_wait_durable(w, end));
    CHECK(watermarks_of(w).durable >= 9);
    REQUIRE_OK(quire_lane_append(lane, "!", 1));
    REQUIRE_OK(quire_writer_flush(w));
    CHECK_UINT(watermarks_of(w).written, 14);
    REQUIRE_OK(quire_lane_append(lane, "?", 1));
    REQUIRE_OK(quire_writer_sync(w));
    CHECK_UINT(watermarks_of(w).durable, 15);
    REQUIRE_OK(quire_lane_close(lane));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &((struct bytes){.data = (uint8_t *)(uintptr_t) "firstlanelast!?", .length = 15}));
}

TEST_EACH(lane_claim, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    quire_lane *lane = NULL;
    struct quire_claim claim, abandoned;
    REQUIRE_OK(quire_lane_open(w, &lane));
    REQUIRE_OK(quire_lane_claim(lane, 100, &claim));
    memset(claim.memory, 'x', 100);
    memcpy(claim.memory, "used", 4);
    CHECK_OK(quire_lane_publish(lane, &claim, 4));
    CHECK_CODE(quire_lane_publish(lane, &claim, 4), QUIRE_E_CLAIM_STALE);
    REQUIRE_OK(quire_lane_claim(lane, 100, &claim));
    memset(claim.memory, 'x', 100);
    CHECK_CODE(quire_lane_publish(lane, &claim, 101), QUIRE_E_ARGUMENT);
    CHECK_OK(quire_lane_publish(lane, &claim, 0));
    REQUIRE_OK(quire_lane_claim(lane, 100, &abandoned));
    memset(abandoned.memory, 'x', 100);
    CHECK_OK(quire_lane_append(lane, "+more", 5));
    CHECK_CODE(quire_lane_publish(lane, &abandoned, 100), QUIRE_E_CLAIM_STALE);
    REQUIRE_OK(quire_lane_claim(lane, 100, &abandoned));
    memset(abandoned.memory, 'x', 100);
    CHECK_OK(quire_writer_sync(w)); /* a lane's claim holds nobody up */
    CHECK_UINT(watermarks_of(w).durable, 9);
    REQUIRE_OK(quire_lane_claim(lane, PAGE, &claim));
    fill(claim.memory, PAGE, 3);
    CHECK_OK(quire_lane_publish(lane, &claim, PAGE));
    CHECK_CODE(quire_lane_claim(lane, PAGE + 1, &claim), QUIRE_E_TOO_LARGE);
    REQUIRE_OK(quire_lane_close(lane));
    REQUIRE_OK(quire_writer_close(w));
    struct bytes model = {0};
    bytes_add(&model, "used+more", 9);
    bytes_add_filled(&model, PAGE, 3);
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

static const struct method unbuffered[] = {{"write", QUIRE_METHOD_WRITE}, {"stdio", QUIRE_METHOD_STDIO}};

/* Under a policy that refuses, somebody else's open claim delays what a lane has claimed, but does not lose it. */
TEST_EACH(lane_claim_is_not_refused, struct method, unbuffered)
{
    struct quire_writer_options o = small(it->method);
    o.on_full = QUIRE_FULL_DROP;
    o.claim_timeout_ms = 1;
    quire_writer *w = open_writer(harness_path("file"), &o);
    quire_lane *lane = NULL;
    struct quire_claim first, second;
    REQUIRE_OK(quire_lane_open(w, &lane));
    REQUIRE_OK(quire_writer_claim(w, 5, &first));
    memcpy(first.memory, "first", 5);
    CHECK_CODE(quire_lane_append(lane, "dropped", 7), QUIRE_E_DROPPED);
    REQUIRE_OK(quire_lane_claim(lane, 6, &second));
    memcpy(second.memory, "second", 6);
    CHECK_CODE(quire_lane_publish(lane, &second, 6), QUIRE_E_CLAIM_OPEN);
    CHECK_OK(quire_writer_publish(w, &first));
    CHECK_OK(quire_lane_publish(lane, &second, 6));
    CHECK_CODE(quire_lane_publish(lane, &second, 6), QUIRE_E_CLAIM_STALE);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(harness_path("file"), &((struct bytes){.data = (uint8_t *)(uintptr_t) "firstsecond", .length = 11}));
}

TEST_EACH(lane_claim_of_another_lane, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    quire_writer *w = open_writer(harness_path("file"), &o);
    quire_lane *one = NULL, *two = NULL;
    struct quire_claim claim;
    REQUIRE_OK(quire_lane_open(w, &one));
    REQUIRE_OK(quire_lane_open(w, &two));
    REQUIRE_OK(quire_lane_claim(one, 10, &claim));
    CHECK_CODE(quire_lane_publish(two, &claim, 10), QUIRE_E_CLAIM_STALE);
    CHECK_CODE(quire_writer_publish(w, &claim), QUIRE_E_CLAIM_STALE);
    fill(claim.memory, 10, 1);
    CHECK_OK(quire_lane_publish(one, &claim, 10));
    REQUIRE_OK(quire_writer_claim(w, 10, &claim));
    CHECK_CODE(quire_lane_publish(one, &claim, 10), QUIRE_E_CLAIM_STALE);
    fill(claim.memory, 10, 2);
    CHECK_OK(quire_writer_publish(w, &claim));
    REQUIRE_OK(quire_lane_close(one));
    REQUIRE_OK(quire_lane_close(two));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(harness_path("file")), 20);
}

TEST_EACH(lane_record_larger_than_it, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    quire_lane *lane = NULL;
    struct bytes model = {0};
    REQUIRE_OK(quire_lane_open(w, &lane));
    static const uint64_t lengths[] = {5, PAGE, PAGE + 1, 1, 4 * PAGE, 10 * PAGE + 3, 9, PAGE - 1, 1, 1};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        REQUIRE_OK(quire_lane_append(lane, bytes_add_filled(&model, lengths[i], i), lengths[i]));
    uint64_t end = 0;
    REQUIRE_OK(quire_lane_flush(lane, &end));
    CHECK_UINT(end, model.length);
    REQUIRE_OK(quire_lane_close(lane));
    CHECK_UINT(stats_of(w).appends, sizeof lengths / sizeof lengths[0]);
    CHECK_UINT(stats_of(w).append_bytes, model.length);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

/* A full lane is not more than the buffers ever take, wherever in a page the file ends. */
TEST_EACH(lane_as_large_as_the_buffers, struct method, buffered)
{
    struct quire_writer_options o = small(it->method);
    set_buffers(&o, 2 * PAGE, 2);
    o.lane_bytes = 2 * PAGE;
    o.on_full = QUIRE_FULL_AGAIN;
    quire_writer *w = open_writer(harness_path("file"), &o);
    quire_lane *lane = NULL;
    unsigned char record[1000] = {1};
    REQUIRE_OK(quire_lane_open(w, &lane));
    for (int i = 0; i < 100;) {
        int rc = quire_lane_append(lane, record, sizeof record);
        if (rc == 0)
            i++;
        else
            REQUIRE_CODE(rc, -EAGAIN);
    }
    REQUIRE_OK(quire_lane_close(lane));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(harness_path("file")), 100 * sizeof record);
}

enum { LANES = 40 };

TEST_EACH(lane_many_at_once, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    quire_lane *lanes[LANES];
    uint8_t record[64];
    uint32_t numbers[LANES] = {0};
    for (int i = 0; i < LANES; i++)
        REQUIRE_OK(quire_lane_open(w, &lanes[i]));
    CHECK_UINT(stats_of(w).lanes, LANES);
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t lane = (uint32_t)harness_below(LANES);
        identity_build(record, lane, numbers[lane]++, sizeof record);
        REQUIRE_OK(quire_lane_append(lanes[lane], record, sizeof record));
    }
    for (int i = 0; i < LANES; i += 2)
        REQUIRE_OK(quire_lane_close(lanes[i]));
    CHECK_UINT(stats_of(w).lanes, LANES / 2);
    REQUIRE_OK(quire_writer_close(w)); /* the other half goes with the writer */
    struct bytes is = read_file(path);
    CHECK(identity_check(&is, 0, numbers, LANES));
    bytes_free(&is);
}

enum { THREADS = 3, PER_THREAD = 1500, SYNCS = 40 };

struct gathering {
    quire_writer *writer;
    const char *path;
    _Atomic uint32_t appended[THREADS]; /* records whose append has returned */
    _Atomic uint32_t running;
};

/* What a thread appended to its lane before a flush begins is in the file when the flush returns. */
static void flush_and_look(struct gathering *g)
{
    uint32_t before[THREADS], seen[THREADS] = {0};
    for (int t = 0; t < THREADS; t++)
        before[t] = atomic_load(&g->appended[t]);
    REQUIRE_OK(quire_writer_flush(g->writer));
    uint64_t written = watermarks_of(g->writer).written, at = 0;
    struct bytes is = read_beginning(g->path, written);
    struct identity it;
    while (at < written && identity_read(is.data + at, is.length - at, &it)) {
        REQUIRE(it.thread < THREADS && it.number == seen[it.thread]);
        seen[it.thread]++;
        at += it.length;
    }
    for (int t = 0; t < THREADS; t++)
        if (seen[t] < before[t])
            FAIL("thread %d had appended %u records before the flush, the file has %u", t, before[t], seen[t]);
    bytes_free(&is);
}

static void append_or_flush(void *argument, uint32_t thread)
{
    struct gathering *g = argument;
    if (thread == THREADS) {
        for (int i = 0; i < SYNCS && atomic_load(&g->running) > 0; i++)
            flush_and_look(g);
        return;
    }
    quire_lane *lane = NULL;
    uint8_t record[200];
    REQUIRE_OK(quire_lane_open(g->writer, &lane));
    for (uint32_t i = 0; i < PER_THREAD; i++) {
        uint32_t length = IDENTITY_LEAST + (i * 31 + thread) % 180;
        identity_build(record, thread, i, length);
        REQUIRE_OK(quire_lane_append(lane, record, length));
        atomic_store(&g->appended[thread], i + 1);
        if (i % 500 == 499) {
            REQUIRE_OK(quire_lane_close(lane));
            REQUIRE_OK(quire_lane_open(g->writer, &lane));
        }
    }
    REQUIRE_OK(quire_lane_close(lane));
    atomic_fetch_sub(&g->running, 1);
}

TEST_EACH(lane_flush_gathers_all, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    struct gathering g = {.path = harness_path("file"), .running = THREADS};
    g.writer = open_writer(g.path, &o);
    in_threads(THREADS + 1, append_or_flush, &g);
    flush_and_look(&g);
    REQUIRE_OK(quire_writer_close(g.writer));
    struct bytes is = read_file(g.path);
    CHECK(identity_check(&is, 0, (uint32_t[]){PER_THREAD, PER_THREAD, PER_THREAD}, THREADS));
    bytes_free(&is);
}
