/* Claim and publish on the shared lane: places in the order, promised and filled in place.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "identity.h"

/* The methods with buffers of quire's own, where several claims can be open at once. */
static const struct method buffered[] = {
    {"paged", QUIRE_METHOD_PAGED}, {"mmap", QUIRE_METHOD_MMAP}, {"uring", QUIRE_METHOD_URING}};
/* Those that have one scratch buffer. */
static const struct method plain[] = {{"write", QUIRE_METHOD_WRITE}, {"stdio", QUIRE_METHOD_STDIO}};

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 3);
    o.claim_timeout_ms = 20;
    o.sync_policy = QUIRE_SYNC_NONE;
    return o;
}

static uint64_t claim_most(const struct quire_writer_options *o)
{
    return o->method == QUIRE_METHOD_PAGED || o->method == QUIRE_METHOD_URING ? o->buffer_bytes * (o->buffer_count - 1)
                                                                              : o->buffer_bytes;
}

static void publish_filled(quire_writer *w, const struct quire_claim *claim, uint64_t tag)
{
    fill(claim->memory, claim->length, tag);
    REQUIRE_OK(quire_writer_publish(w, claim));
}

TEST_EACH(claim_many_records_in_one, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct bytes model = {0};
    for (uint64_t batch = 0; batch < 20; batch++) {
        struct quire_claim claim;
        REQUIRE_OK(quire_writer_claim(w, 100 * 17, &claim));
        REQUIRE_UINT(claim.offset, model.length);
        for (uint64_t i = 0; i < 17; i++)
            memcpy((uint8_t *)claim.memory + 100 * i, bytes_add_filled(&model, 100, batch * 17 + i), 100);
        REQUIRE_OK(quire_writer_publish(w, &claim));
    }
    CHECK_UINT(stats_of(w).appends, 20);
    CHECK_UINT(stats_of(w).append_bytes, 20 * 17 * 100);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

/* Of every length up to the largest, so that every place in the ring is once the place where a claim goes round. */
TEST_EACH(claim_around_the_ring, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct bytes model = {0};
    uint64_t most = claim_most(&o);
    for (uint64_t i = 0, length = 1; length <= most; i++, length += i % 3 ? 97 : 1) {
        struct quire_claim claim;
        REQUIRE_OK(quire_writer_claim(w, length, &claim));
        REQUIRE_UINT(claim.offset, model.length);
        publish_filled(w, &claim, i);
        bytes_add_filled(&model, length, i);
    }
    for (uint64_t i = 0; i < 5; i++) {
        struct quire_claim claim;
        REQUIRE_OK(quire_writer_claim(w, most, &claim));
        publish_filled(w, &claim, i);
        bytes_add_filled(&model, most, i);
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, 1, i), 1, NULL));
    }
    struct quire_claim untouched = {.ticket = 77}, before = untouched;
    CHECK_CODE(quire_writer_claim(w, most + 1, &untouched), QUIRE_E_TOO_LARGE);
    CHECK(memcmp(&untouched, &before, sizeof before) == 0);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

TEST_EACH(claim_published_out_of_order, struct method, buffered)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct bytes model = {0};
    struct quire_claim claims[3];
    for (uint64_t round = 0; round < 30; round++) {
        for (int i = 0; i < 3; i++) {
            REQUIRE_OK(quire_writer_claim(w, 300 + round, &claims[i]));
            REQUIRE_UINT(claims[i].offset, model.length);
            bytes_add_filled(&model, 300 + round, round * 3 + (uint64_t)i);
        }
        uint64_t offset = 0;
        REQUIRE_OK(quire_writer_append(w, "behind", 6, &offset));
        REQUIRE_UINT(offset, model.length);
        bytes_add(&model, "behind", 6);
        for (int i = 2; i >= 0; i--)
            publish_filled(w, &claims[i], round * 3 + (uint64_t)i);
    }
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

TEST_EACH(claim_unpublished_holds_up_a_sync, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct quire_claim claim;
    REQUIRE_OK(quire_writer_append(w, "before", 6, NULL));
    REQUIRE_OK(quire_writer_claim(w, 4, &claim));
    CHECK_CODE(quire_writer_flush(w), QUIRE_E_CLAIM_OPEN);
    CHECK_CODE(quire_writer_sync(w), QUIRE_E_CLAIM_OPEN);
    CHECK_CODE(quire_writer_wait_durable(w, 10), QUIRE_E_CLAIM_OPEN);
    CHECK_OK(quire_writer_wait_durable(w, 6));
    struct quire_failure failure = {.code = 1};
    CHECK_OK(quire_writer_failure(w, &failure));
    CHECK_INT(failure.code, 0); /* late, but nothing has failed */
    memcpy(claim.memory, "late", 4);
    CHECK_OK(quire_writer_publish(w, &claim));
    CHECK_OK(quire_writer_append(w, "after", 5, NULL));
    CHECK_OK(quire_writer_sync(w));
    CHECK_UINT(watermarks_of(w).durable, 15);
    CHECK_OK(quire_writer_close(w));
    CHECK_FILE(path, &((struct bytes){.data = (uint8_t *)(uintptr_t) "beforelateafter", .length = 15}));
}

TEST_EACH(claim_unpublished_at_close, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct quire_claim claim;
    REQUIRE_OK(quire_writer_append(w, "before", 6, NULL));
    REQUIRE_OK(quire_writer_claim(w, 4, &claim));
    memcpy(claim.memory, "lost", 4);
    if (it->method != QUIRE_METHOD_WRITE && it->method != QUIRE_METHOD_STDIO)
        REQUIRE_OK(quire_writer_append(w, "after", 5, NULL));
    CHECK_CODE(quire_writer_close(w), QUIRE_E_CLAIM_OPEN);
    CHECK_FILE(path, &((struct bytes){.data = (uint8_t *)(uintptr_t) "before", .length = 6}));
}

TEST_EACH(claim_stale, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    quire_writer *w = open_writer(harness_path("file"), &o), *other = open_writer(harness_path("other"), &o);
    struct quire_claim claim, foreign;
    REQUIRE_OK(quire_writer_claim(w, 5, &claim));
    REQUIRE_OK(quire_writer_claim(other, 5, &foreign));
    CHECK_CODE(quire_writer_publish(w, &foreign), QUIRE_E_CLAIM_STALE);
    CHECK_CODE(quire_writer_publish(other, &claim), QUIRE_E_CLAIM_STALE);
    publish_filled(w, &claim, 1);
    publish_filled(other, &foreign, 1);
    CHECK_CODE(quire_writer_publish(w, &claim), QUIRE_E_CLAIM_STALE);
    for (uint64_t ticket = 0; ticket < 300; ticket++) {
        struct quire_claim forged = claim;
        forged.ticket = ticket < 150 ? ticket : claim.ticket + ticket - 150;
        CHECK_CODE(quire_writer_publish(w, &forged), QUIRE_E_CLAIM_STALE);
    }
    CHECK_UINT(stats_of(w).appends, 1);
    struct bytes model = {0};
    for (uint64_t i = 0; i < 200; i++) {
        REQUIRE_OK(quire_writer_claim(other, 5, &foreign));
        publish_filled(other, &foreign, i);
    }
    CHECK_CODE(quire_writer_publish(w, &claim), QUIRE_E_CLAIM_STALE);
    bytes_add_filled(&model, 5, 1);
    CHECK_OK(quire_writer_close(w));
    CHECK_OK(quire_writer_close(other));
    CHECK_FILE(harness_path("file"), &model);
    bytes_free(&model);
}

/* With no buffer left that is not promised to somebody, the next append is told, and does not hang. */
static void claim_in_the_way(const struct method *it, uint64_t before)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct quire_claim claims[4096];
    struct bytes model = {0};
    bytes_add_filled(&model, before, 77);
    write_file(path, model.data, before);
    quire_writer *w = open_writer(path, &o);
    int open = 0, rc = 0;
    while (open < 4096 && (rc = quire_writer_claim(w, 600, &claims[open])) == 0)
        open++;
    CHECK_CODE(rc, QUIRE_E_CLAIM_OPEN);
    CHECK(open > 2 && open < 4096);
    uint8_t record[600] = {0};
    CHECK_CODE(quire_writer_append(w, record, sizeof record, NULL), QUIRE_E_CLAIM_OPEN);
    for (int i = open - 1; i >= 0; i--)
        publish_filled(w, &claims[i], (uint64_t)i);
    for (int i = 0; i < open; i++)
        bytes_add_filled(&model, 600, (uint64_t)i);
    REQUIRE_OK(quire_writer_append(w, "on", 2, NULL));
    bytes_add(&model, "on", 2);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

TEST_EACH(claim_in_the_way, struct method, buffered)
{
    claim_in_the_way(it, 0);
}

/* Where the file begins in the middle of a buffer nothing has been written of that one, and nothing is under way. */
TEST_EACH(claim_in_the_way_behind_a_file, struct method, buffered)
{
    claim_in_the_way(it, PAGE + 1234);
}

/* Many small ones: the table of open claims is full before the buffers are. */
TEST_EACH(claim_table_full, struct method, buffered)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct quire_claim claims[4096];
    struct bytes model = {0};
    int open = 0, rc = 0;
    while (open < 4096 && (rc = quire_writer_claim(w, 1, &claims[open])) == 0)
        open++;
    CHECK(open >= 16);
    if (open < 4096)
        CHECK_CODE(rc, QUIRE_E_CLAIM_OPEN);
    for (int i = 0; i < open; i++)
        publish_filled(w, &claims[i], (uint64_t)i);
    for (int i = 0; i < open; i++)
        bytes_add_filled(&model, 1, (uint64_t)i);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

TEST_EACH(claim_one_at_a_time, struct method, plain)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct quire_claim first, second;
    REQUIRE_OK(quire_writer_claim(w, 3, &first));
    CHECK_CODE(quire_writer_claim(w, 3, &second), QUIRE_E_CLAIM_OPEN);
    CHECK_CODE(quire_writer_append(w, "x", 1, NULL), QUIRE_E_CLAIM_OPEN);
    publish_filled(w, &first, 0);
    REQUIRE_OK(quire_writer_claim(w, 3, &second));
    publish_filled(w, &second, 1);
    struct bytes model = {0};
    bytes_add_filled(&model, 3, 0);
    bytes_add_filled(&model, 3, 1);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

enum { THREADS = 4, PER_THREAD = 600 };

static void claim_often(void *argument, uint32_t thread)
{
    quire_writer *w = argument;
    uint8_t record[900];
    for (uint32_t i = 0; i < PER_THREAD; i++) {
        uint32_t length = IDENTITY_LEAST + (thread * 131 + i * 67) % (uint32_t)(sizeof record - IDENTITY_LEAST);
        if (i % 3 == 0) {
            identity_build(record, thread, i, length);
            REQUIRE_OK(quire_writer_append(w, record, length, NULL));
            continue;
        }
        struct quire_claim claim;
        REQUIRE_OK(quire_writer_claim(w, length, &claim));
        identity_build(claim.memory, thread, i, length);
        REQUIRE_OK(quire_writer_publish(w, &claim));
    }
}

TEST_EACH(claim_from_many_threads, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    o.claim_timeout_ms = 0; /* the default: a thread may well be descheduled with its claim open */
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    in_threads(THREADS, claim_often, w);
    REQUIRE_OK(quire_writer_close(w));
    struct bytes is = read_file(path);
    CHECK(identity_check(&is, 0, (uint32_t[]){PER_THREAD, PER_THREAD, PER_THREAD, PER_THREAD}, THREADS));
    bytes_free(&is);
}

struct handed_on {
    quire_writer *writer;
    struct quire_claim claim;
};

static void publish_it(void *argument, uint32_t thread)
{
    (void)thread;
    struct handed_on *it = argument;
    publish_filled(it->writer, &it->claim, 5);
}

TEST_EACH(claim_published_by_another_thread, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct handed_on h = {.writer = open_writer(path, &o)};
    struct bytes model = {0};
    REQUIRE_OK(quire_writer_claim(h.writer, 4000, &h.claim));
    in_threads(1, publish_it, &h);
    bytes_add_filled(&model, 4000, 5);
    REQUIRE_OK(quire_writer_close(h.writer));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

/* A record that goes in pieces behind an open claim: refused whole, not half. */
TEST_EACH(claim_before_a_large_record, struct method, buffered)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    struct bytes model = {0};
    struct quire_claim claim;
    static uint8_t large[10 * PAGE];
    uint64_t offset = 77;
    REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, 100, 1), 100, NULL));
    REQUIRE_OK(quire_writer_claim(w, 50, &claim));
    CHECK_CODE(quire_writer_append(w, large, sizeof large, &offset), QUIRE_E_CLAIM_OPEN);
    CHECK_UINT(offset, 77);
    CHECK_UINT(watermarks_of(w).appended, 150);
    publish_filled(w, &claim, 2);
    bytes_add_filled(&model, 50, 2);
    CHECK_OK(quire_writer_append(w, bytes_add_filled(&model, sizeof large, 3), sizeof large, NULL));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

/* What a lane holds finds no room because of a claim that nobody publishes: what came before the claim is not lost. */
TEST_EACH(claim_in_the_way_of_a_lane, struct method, buffered)
{
    for (int sync = 0; sync < 2; sync++) {
        struct quire_writer_options o = small(it->method);
        set_buffers(&o, PAGE, 2);
        o.lane_bytes = it->method == QUIRE_METHOD_MMAP ? 0 : PAGE;
        const char *path = harness_path(sync ? "synced" : "closed");
        quire_writer *w = open_writer(path, &o);
        struct bytes model = {0}, late = {0};
        quire_lane *lane = NULL;
        struct quire_claim claim;
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, 100, 1), 100, NULL));
        REQUIRE_OK(quire_writer_claim(w, PAGE - 20, &claim));
        REQUIRE_OK(quire_lane_open(w, &lane));
        REQUIRE_OK(quire_lane_append(lane, bytes_add_filled(&late, PAGE, 2), PAGE));
        if (sync) {
            CHECK_CODE(quire_writer_sync(w), QUIRE_E_CLAIM_OPEN);
            CHECK_OK(quire_writer_wait_durable(w, 100));
            CHECK_UINT(watermarks_of(w).durable, 100);
        }
        CHECK_CODE(quire_writer_close(w), QUIRE_E_CLAIM_OPEN);
        CHECK_FILE(path, &model);
        bytes_free(&model);
        bytes_free(&late);
    }
}

/* A thread of the writer's syncs, and a claim stands in its way: who waits for what lies before it is served all the
 * same; who waits for the claim is told. */
TEST_EACH(claim_in_the_way_of_the_ticker, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    o.sync_policy = QUIRE_SYNC_INTERVAL;
    o.sync_interval_ms = 1;
    quire_writer *w = open_writer(harness_path("file"), &o);
    struct quire_claim claim;
    REQUIRE_OK(quire_writer_append(w, "before", 6, NULL));
    REQUIRE_OK(quire_writer_claim(w, 4, &claim));
    CHECK_OK(quire_writer_wait_durable(w, 6));
    CHECK_CODE(quire_writer_wait_durable(w, 10), QUIRE_E_CLAIM_OPEN);
    publish_filled(w, &claim, 1);
    CHECK_OK(quire_writer_wait_durable(w, 10));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(harness_path("file")), 10);
}
