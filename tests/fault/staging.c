/* The shared lane by itself, in one thread, over a sink that fails when it is told to.
 *
 * SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "heap_hooks.h"
#include "staging/drainer.h"
#include "staging/memory.h"
#include "staging/order.h"
#include "staging/shared.h"
#include "support.h"

static bool refuses_next;

#ifndef NO_HEAP_HOOKS
static bool heap_refuses(void)
{
    bool refuses = refuses_next;

    refuses_next = false;
    return refuses;
}

static void heap_gave(const void *old, const void *now)
{
    (void)old, (void)now;
}

static bool has_no_thread;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    void *found = dlsym(RTLD_NEXT, "pthread_create");

    memcpy(&real, &found, sizeof real);
    return has_no_thread ? EAGAIN : real(thread, attributes, run, argument);
}
#endif

enum { BUFFER = 16 * PAGE, CAPACITY = 3 * BUFFER, CLAIM_MOST = 2 * BUFFER, FILE_BYTES = 8 * BUFFER };

/* Keeps what it is handed, in the order of the file; each buffer is free at once. */
struct bench {
    struct quire__sink sink;
    struct quire__shared shared;
    struct quire__progress progress;
    struct quire__observer observer;
    unsigned char *ring;
    unsigned char file[FILE_BYTES];
    uint64_t begin, end; /* of the file, without its begin */
    int write_code;      /* what the next write comes to */
    uint64_t batches;    /* handed over from where they were */
};

static struct bench *bench_of(struct quire__sink *sink)
{
    return (struct bench *)sink;
}

static int take(struct bench *bench, const void *from, uint64_t length)
{
    if (bench->write_code < 0)
        return quire__progress_fail(&bench->progress, bench->write_code, QUIRE_CALL_WRITE, bench->end);
    REQUIRE(bench->end - bench->begin + length <= FILE_BYTES);
    memcpy(bench->file + (bench->end - bench->begin), from, length);
    bench->end += length;
    quire__progress_set_written(&bench->progress, bench->end);
    return 0;
}

static int bench_write(struct quire__sink *sink, uint64_t from, uint64_t to)
{
    struct bench *bench = bench_of(sink);

    CHECK_UINT(from, bench->end);
    while (bench->end < to) {
        uint64_t at = bench->end % CAPACITY;
        int rc = take(bench, bench->ring + at, quire__min(to - bench->end, CAPACITY - at));
        if (rc < 0)
            return rc;
    }
    quire__shared_free(&bench->shared, quire__round_down(to, BUFFER));
    return 0;
}

static int bench_write_from(struct quire__sink *sink, const void *memory, uint64_t from, uint64_t to)
{
    struct bench *bench = bench_of(sink);

    CHECK_UINT(from, bench->end);
    int rc = take(bench, memory, to - from);
    bench->batches += rc == 0;
    if (rc == 0)
        quire__shared_free(&bench->shared, quire__round_down(to, BUFFER));
    return rc;
}

static int bench_room(struct quire__sink *sink, uint64_t end)
{
    return quire__shared_room_in_ring(&bench_of(sink)->shared, end);
}

static const struct quire__sink_ops bench_ops = {
    .write = bench_write, .write_from = bench_write_from, .room = bench_room};

static struct bench *bench_open(uint64_t begin, uint64_t ceiling)
{
    struct bench *bench = calloc(1, sizeof *bench);

    REQUIRE(bench);
    bench->ring = aligned_alloc(PAGE, CAPACITY + CLAIM_MOST);
    REQUIRE(bench->ring);
    bench->sink.ops = &bench_ops;
    bench->begin = bench->end = begin;
    REQUIRE_OK(quire__progress_init(&bench->progress, begin));
    const struct quire__shared_setup setup = {
        .begin = begin,
        .buffer_bytes = BUFFER,
        .stretch = BUFFER,
        .capacity = CAPACITY,
        .claim_most = CLAIM_MOST,
        .ceiling = ceiling,
        .claim_timeout_ms = 20,
        .ring = bench->ring,
        .progress = &bench->progress,
        .sink = &bench->sink,
        .observer = &bench->observer,
    };
    REQUIRE_OK(quire__shared_init(&bench->shared, &setup));
    return bench;
}

static void bench_close(struct bench *bench)
{
    quire__shared_destroy(&bench->shared);
    quire__progress_destroy(&bench->progress);
    free(bench->ring);
    free(bench);
}

static void poison(struct bench *bench)
{
    CHECK_CODE(quire__progress_fail(&bench->progress, -ENOSPC, QUIRE_CALL_WRITE, 0), -ENOSPC);
}

static unsigned char source[FILE_BYTES];

static int append(struct bench *bench, uint64_t length, uint64_t *offset)
{
    return quire__shared_append(&bench->shared, source, length, true, offset);
}

static void check_file_is_source(struct bench *bench, uint64_t length)
{
    CHECK_OK(quire__shared_flush(&bench->shared));
    CHECK_UINT(bench->end, length);
    CHECK_BYTES(bench->file, source, length);
}

/* ---- appends */

/* Where a record went is told to who asks. */
TEST(offset_is_not_asked_for)
{
    struct bench *bench = bench_open(0, UINT64_MAX);
    const struct iovec pieces[] = {{source + 100, 50}, {source + 150, 50}};

    fill(source, sizeof source, 1);
    CHECK_OK(append(bench, 100, NULL));
    CHECK_OK(quire__shared_appendv(&bench->shared, pieces, 2, 100, true, NULL));
    CHECK_OK(quire__shared_append(&bench->shared, source + 200, CLAIM_MOST + 1, true, NULL));
    check_file_is_source(bench, 200 + CLAIM_MOST + 1);
    CHECK_UINT(quire__shared_appends(&bench->shared), 3);
    bench_close(bench);
}

/* The record is copied when the hand-over that is due fails: it is the hand-over's error that comes out. */
TEST(hand_over_fails)
{
    struct bench *bench = bench_open(0, UINT64_MAX);
    const struct iovec piece = {source, BUFFER};
    uint64_t offset = 77;

    bench->write_code = -EIO;
    CHECK_CODE(quire__shared_appendv(&bench->shared, &piece, 1, BUFFER, true, &offset), -EIO);
    CHECK_UINT(offset, 77);
    CHECK_UINT(bench->end, 0);
    bench_close(bench);
}

TEST(after_a_failure)
{
    struct bench *bench = bench_open(0, UINT64_MAX);
    const struct iovec piece = {source, CLAIM_MOST};
    struct quire_claim claim;
    uint64_t offset = 77;

    CHECK_OK(quire__shared_claim(&bench->shared, CLAIM_MOST, true, &claim));
    poison(bench);
    /* For which there is no room any more; in pieces; and for what was claimed before. */
    CHECK_CODE(append(bench, CLAIM_MOST, &offset), -ENOSPC);
    CHECK_CODE(quire__shared_appendv(&bench->shared, &piece, 1, CLAIM_MOST, true, &offset), -ENOSPC);
    CHECK_CODE(append(bench, CLAIM_MOST + 1, &offset), -ENOSPC);
    CHECK_CODE(quire__shared_await_published(&bench->shared, CLAIM_MOST), -ENOSPC);
    CHECK_UINT(offset, 77);
    CHECK_UINT(quire__shared_appended(&bench->shared), CLAIM_MOST);
    bench_close(bench);
}

/* The ring is full, and making room fails. */
TEST(room_fails)
{
    struct bench *bench = bench_open(0, UINT64_MAX);
    struct quire_claim claims[2];
    uint64_t offset = 77;

    CHECK_OK(quire__shared_claim(&bench->shared, BUFFER + 10, true, &claims[0]));
    CHECK_OK(quire__shared_claim(&bench->shared, BUFFER, true, &claims[1]));
    /* Published, but not handed over: as by one who is about to. */
    quire__order_publish(&bench->shared, claims[0].ticket);
    bench->write_code = -EIO;
    CHECK_CODE(append(bench, BUFFER + 10, &offset), -EIO);
    CHECK_UINT(offset, 77);
    bench_close(bench);
}

/* What lies before an open claim is handed over, and that is not enough. */
TEST(claim_in_the_way)
{
    struct bench *bench = bench_open(0, UINT64_MAX);
    struct quire_claim open, other;
    uint64_t offset = 77;

    CHECK_OK(quire__shared_claim(&bench->shared, BUFFER, true, &other));
    quire__order_publish(&bench->shared, other.ticket);
    CHECK_OK(quire__shared_claim(&bench->shared, 100, true, &open));
    CHECK_OK(quire__shared_claim(&bench->shared, CLAIM_MOST - 200, true, &other));
    quire__order_publish(&bench->shared, other.ticket);
    CHECK_CODE(append(bench, CLAIM_MOST, &offset), QUIRE_E_CLAIM_OPEN);
    CHECK_UINT(bench->end, BUFFER);
    CHECK_OK(quire__shared_publish(&bench->shared, &open));
    CHECK_OK(append(bench, CLAIM_MOST, &offset));
    CHECK_UINT(offset, BUFFER + CLAIM_MOST - 100);
    bench_close(bench);
}

/* No file reaches further. */
TEST(end_of_all_files)
{
    const uint64_t begin = QUIRE__FILE_MAX - 10;
    struct bench *bench = bench_open(begin, begin);
    uint64_t offset = 77;

    CHECK_CODE(append(bench, 11, &offset), -EFBIG);
    CHECK_UINT(offset, 77);
    CHECK_UINT(quire__shared_appended(&bench->shared), begin);
    bench_close(bench);
}

/* ---- batches */

enum { BATCH = 40000 };

/* Memory at which a batch has the alignment of the file's end, with a page in front of it. */
static unsigned char *batch_at(uint64_t end)
{
    static _Alignas(PAGE) unsigned char memory[3 * PAGE + BATCH];

    unsigned char *batch = memory + PAGE + end % PAGE;
    memcpy(batch, source + end, BATCH);
    return batch;
}

TEST(batch_from_where_it_is)
{
    struct bench *bench = bench_open(0, UINT64_MAX);

    fill(source, sizeof source, 1);
    CHECK_OK(append(bench, 5000, NULL));
    CHECK_OK(quire__shared_append_batch(&bench->shared, batch_at(5000), BATCH, true, NULL));
    CHECK_UINT(bench->batches, 1);
    check_file_is_source(bench, 5000 + BATCH);
    bench_close(bench);
}

struct batch_failure {
    const char *name;
    uint64_t before;    /* bytes in front of the batch, not handed over */
    uint64_t is_handed; /* of them, when the write fails */
};

static const struct batch_failure batch_failures[] = {{"before_it", 5000, 0}, {"its_own", 500, 0}};

TEST_EACH(batch_fails, struct batch_failure, batch_failures)
{
    struct bench *bench = bench_open(0, UINT64_MAX);
    uint64_t offset = 77;

    CHECK_OK(append(bench, it->before, NULL));
    bench->write_code = -EIO;
    CHECK_CODE(quire__shared_append_batch(&bench->shared, batch_at(it->before), BATCH, true, &offset), -EIO);
    CHECK_UINT(offset, 77);
    CHECK_UINT(bench->end, it->is_handed);
    /* Its place is taken, and nobody waits for it. */
    CHECK_OK(quire__shared_await_published(&bench->shared, it->before + BATCH));
    CHECK_CODE(quire__shared_flush(&bench->shared), -EIO);
    bench_close(bench);
}

/* ---- without waiting */

/* A full ring: nothing is taken, and the drainer is asked to make room. */
TEST(refused_until_there_is_room)
{
    struct bench *bench = bench_open(0, UINT64_MAX);
    struct quire_claim claim;
    uint64_t offset = 77;
    int rc;

    REQUIRE_OK(quire__drainer_start(&bench->shared));
    CHECK_OK(quire__shared_claim(&bench->shared, CLAIM_MOST, false, &claim));
    CHECK_CODE(quire__shared_append(&bench->shared, source, CLAIM_MOST, false, &offset), -EAGAIN);
    CHECK_UINT(offset, 77);
    CHECK_OK(quire__shared_publish(&bench->shared, &claim));
    while ((rc = quire__shared_append(&bench->shared, source, CLAIM_MOST, false, &offset)) == -EAGAIN ||
           rc == QUIRE_E_CLAIM_OPEN) /* as the drainer found it before */
        sched_yield();
    CHECK_OK(rc);
    CHECK_UINT(offset, CLAIM_MOST);
    quire__drainer_stop(&bench->shared);
    bench_close(bench);
}

/* ---- what a lane is made of */

TEST(no_memory_for_buffers)
{
    void *memory = source;

    /* More than there are addresses; in small pages and in large ones. */
    CHECK_CODE(quire__memory_open(UINT64_C(1) << 50, PAGE, &memory), -ENOMEM);
    CHECK_CODE(quire__memory_open(UINT64_C(1) << 50, UINT64_C(1) << 50, &memory), -ENOMEM);
    CHECK(memory == source);
}

#ifndef NO_HEAP_HOOKS

TEST(no_memory_for_a_drainer)
{
    struct bench *bench = bench_open(0, UINT64_MAX);

    refuses_next = true;
    CHECK_CODE(quire__drainer_start(&bench->shared), -ENOMEM);
    CHECK(bench->shared.drainer == NULL);
    bench_close(bench);
}

TEST(no_thread_for_a_drainer)
{
    struct bench *bench = bench_open(0, UINT64_MAX);

    has_no_thread = true;
    CHECK_CODE(quire__drainer_start(&bench->shared), -EAGAIN);
    CHECK(bench->shared.drainer == NULL);
    /* And then there is one. */
    has_no_thread = false;
    CHECK_OK(quire__drainer_start(&bench->shared));
    quire__drainer_stop(&bench->shared);
    bench_close(bench);
}

#endif
