/* An append allocates nothing: every malloc, calloc, realloc, ... and mmap of this process is counted.
 *
 * For stdio libc's own fwrite is covered too. mmap may map windows: those are counted apart, by what they map.
 *
 * SPDX-License-Identifier: MIT */
#include "heap_count.h"
#include "support.h"

#ifdef CANNOT_COUNT

TEST(heap)
{
    SKIP("the allocator is the sanitizer's (or not glibc's), and cannot be counted");
}

#else

enum { APPENDS = 100000, RECORD = 128, THREADS = 4 };

/* The counter counts, in this program and in the library: else nothing below would prove anything. */
TEST(heap_is_counted)
{
    struct counts before = counts_now();
    void *volatile memory = malloc(100);
    memory = realloc(memory, 200);
    free(memory);
    memory = calloc(3, 50);
    free(memory);
    memory = aligned_alloc(64, 128);
    free(memory);
    CHECK_UINT(counts_now().heap - before.heap, 4);
    before = counts_now();
    quire_writer *w = NULL;
    REQUIRE_OK(quire_writer_open(harness_path("file"), NULL, &w));
    CHECK(counts_now().heap > before.heap);
    CHECK(counts_now().others > before.others); /* the buffers */
    REQUIRE_OK(quire_writer_close(w));
}

static quire_writer *open_for(const char *path, uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    o.buffer_bytes = 16 * PAGE;
    o.sync_policy = QUIRE_SYNC_NONE;
    return open_writer(path, &o);
}

static void check_none(const struct counts *before, uint32_t method)
{
    struct counts now = counts_now();
    CHECK_UINT(now.heap - before->heap, 0);
    CHECK_UINT(now.others - before->others, 0);
    if (method == QUIRE_METHOD_MMAP)
        CHECK(now.files - before->files <= 2 + (uint64_t)APPENDS * RECORD / (16 * PAGE));
    else
        CHECK_UINT(now.files - before->files, 0);
}

TEST_EACH(heap_of_appends, struct method, methods)
{
    quire_writer *w = open_for(harness_path("file"), it->method);
    uint8_t record[RECORD];
    fill(record, sizeof record, 1);
    /* libc allocates what stdio needs at the first write, which is libc's business and happens once. */
    REQUIRE_OK(quire_writer_append(w, record, RECORD, NULL));
    struct counts before = counts_now();
    for (int i = 0; i < APPENDS; i++)
        REQUIRE_OK(quire_writer_append(w, record, RECORD, NULL));
    check_none(&before, it->method);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(harness_path("file")), (int64_t)(APPENDS + 1) * RECORD);
}

TEST_EACH(heap_of_everything_else, struct method, methods)
{
    quire_writer *w = open_for(harness_path("file"), it->method);
    uint8_t record[RECORD];
    struct iovec pieces[] = {{record, 50}, {record + 50, RECORD - 50}};
    fill(record, sizeof record, 1);
    REQUIRE_OK(quire_writer_append(w, record, RECORD, NULL));
    struct counts before = counts_now();
    for (int i = 0; i < APPENDS / 10; i++) {
        struct quire_claim claim;
        REQUIRE_OK(quire_writer_appendv(w, pieces, 2, NULL));
        REQUIRE_OK(quire_writer_claim(w, RECORD, &claim));
        fill(claim.memory, RECORD, 2);
        REQUIRE_OK(quire_writer_publish(w, &claim));
        if (i % 1000 == 0) {
            REQUIRE_OK(quire_writer_flush(w));
            REQUIRE_OK(quire_writer_sync(w));
            watermarks_of(w);
            stats_of(w);
        }
    }
    check_none(&before, it->method);
    REQUIRE_OK(quire_writer_close(w));
}

TEST_EACH(heap_of_a_lane, struct method, methods)
{
    quire_writer *w = open_for(harness_path("file"), it->method);
    quire_lane *lane = NULL;
    uint8_t record[RECORD];
    fill(record, sizeof record, 1);
    REQUIRE_OK(quire_writer_append(w, record, RECORD, NULL));
    REQUIRE_OK(quire_lane_open(w, &lane));
    struct counts before = counts_now();
    for (int i = 0; i < APPENDS; i++)
        REQUIRE_OK(quire_lane_append(lane, record, RECORD));
    REQUIRE_OK(quire_lane_flush(lane, NULL));
    check_none(&before, it->method);
    REQUIRE_OK(quire_lane_close(lane));
    REQUIRE_OK(quire_writer_close(w));
}

struct crowd {
    quire_writer *writer;
    quire_lane *lanes[THREADS];
    struct counts before;
    _Atomic uint32_t ready, done;
    _Atomic uint64_t counted;
};

/* Between the moment when all threads are ready and the moment when the last is done nobody allocates. */
static void append_counted(void *argument, uint32_t thread)
{
    struct crowd *c = argument;
    uint8_t record[RECORD];
    fill(record, sizeof record, thread);
    if (atomic_fetch_add(&c->ready, 1) + 1 == THREADS) {
        c->before = counts_now();
        atomic_fetch_add(&c->ready, 1);
    }
    while (atomic_load(&c->ready) <= THREADS)
        ;
    for (int i = 0; i < APPENDS / THREADS; i++) {
        int rc = thread % 2 ? quire_lane_append(c->lanes[thread], record, RECORD)
                            : quire_writer_append(c->writer, record, RECORD, NULL);
        if (rc < 0) {
            CHECK_OK(rc);
            break;
        }
    }
    if (atomic_fetch_add(&c->done, 1) + 1 == THREADS)
        atomic_store(&c->counted, counts_now().heap - c->before.heap);
    while (atomic_load(&c->done) < THREADS)
        ;
}

TEST_EACH(heap_of_many_threads, struct method, methods)
{
    struct crowd c = {.writer = open_for(harness_path("file"), it->method), .counted = UINT64_MAX};
    REQUIRE_OK(quire_writer_append(c.writer, "x", 1, NULL));
    for (int i = 0; i < THREADS; i++)
        REQUIRE_OK(quire_lane_open(c.writer, &c.lanes[i]));
    in_threads(THREADS, append_counted, &c);
    CHECK_UINT(atomic_load(&c.counted), 0);
    REQUIRE_OK(quire_writer_close(c.writer));
}

#endif
