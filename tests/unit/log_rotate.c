/* Segments: rotation by size, age and request; retention and trim; what is made ready, and made again out of old ones.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log_support.h"

static uint64_t first_of(const char *directory)
{
    struct quire_record record;
    quire_reader *reader = NULL;

    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    REQUIRE_INT(quire_reader_next(reader, &record), 1);
    quire_reader_close(reader);
    return record.sequence;
}

TEST_EACH(log_rotates, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");
    quire_log *log = open_log(directory, &o);

    append_many(log, 1, it->method == QUIRE_METHOD_WRITE ? 500 : 5000);
    CHECK(log_stats(log).rotations >= 5);
    CHECK_OK(quire_log_close(log));
    CHECK(file_size(segment_name(directory, 1)) > 0);
    CHECK(file_size(segment_name(directory, 5)) > 0);
    CHECK_LOG(directory, 1, it->method == QUIRE_METHOD_WRITE ? 500 : 5000);
}

TEST(log_rotates_on_request)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    quire_log *log = open_log(directory, &o);

    CHECK_OK(quire_log_rotate(log));
    CHECK_UINT(log_stats(log).rotations, 0);
    append_many(log, 1, 10);
    CHECK_OK(quire_log_rotate(log));
    CHECK_OK(quire_log_rotate(log));
    CHECK_UINT(log_stats(log).rotations, 1);
    CHECK_UINT(log_stats(log).segment, 2);
    append_many(log, 11, 20);
    CHECK_OK(quire_log_rotate(log));
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 20);
    /* The one after a sealed one. */
    log = open_log(directory, &o);
    append_many(log, 21, 25);
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 25);
}

struct beside {
    quire_log *log;
    uint64_t length;
    uint64_t rotations; /* wanted; then everybody stops */
    _Atomic uint64_t appended;
    _Atomic bool stop;
};

static void rotate_often(struct beside *beside)
{
    uint64_t before = 0;

    for (uint64_t i = 0; i < beside->rotations; i++) {
        while (log_marks(beside->log).appended == before)
            usleep(10); /* a rotation with nothing new does nothing */
        before = log_marks(beside->log).appended;
        REQUIRE_OK(quire_log_rotate(beside->log));
        REQUIRE(log_marks(beside->log).durable >= before);
    }
    atomic_store(&beside->stop, true);
}

static void append_or_rotate(void *argument, uint32_t number)
{
    struct beside *beside = argument;

    if (number == 0) {
        rotate_often(beside);
        return;
    }
    unsigned char *bytes = calloc(1, beside->length);
    for (; !atomic_load(&beside->stop); atomic_fetch_add(&beside->appended, 1))
        REQUIRE_OK(quire_log_append(beside->log, bytes, beside->length, NULL));
    free(bytes);
}

static void rotate_beside(uint64_t length, uint64_t rotations)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    struct beside beside = {.length = length, .rotations = rotations};
    uint64_t records, lost, last;

    o.segment_bytes = 1024 * PAGE;
    beside.log = open_log(directory, &o);
    in_threads(3, append_or_rotate, &beside);
    CHECK_OK(quire_log_close(beside.log));
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, beside.appended);
}

/* Somebody always appends: the segment that a rotation found is sealed all the same. */
TEST(log_rotates_beside_appends)
{
    rotate_beside(50, 20);
}

/* A record that goes through several buffers is not torn apart. */
TEST(log_rotates_beside_large_records)
{
    rotate_beside(40 * 4 * PAGE, 20);
}

/* Buffers that are kept until they are durable are free when the end of their segments has made them so, with no sync
 * that anybody asked for. */
TEST(log_continue_rotates)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");

    o.flags |= QUIRE_LOG_CONTINUE;
    o.block_bytes = 4096;
    o.block_count = 3;
    o.segment_bytes = 65536;
    quire_log *log = open_log(directory, &o);
    for (uint64_t i = 1; i <= 20; i++) {
        REQUIRE_OK(append_next(log, i));
        REQUIRE_OK(quire_log_rotate(log));
        REQUIRE_UINT(log_marks(log).durable, i);
    }
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 20);
}

/* A sync that is asked for covers what an earlier session, which did not care, left without one. */
TEST(log_inherits)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");

    o.sync_policy = QUIRE_SYNC_NONE;
    quire_log *log = open_log(directory, &o);
    for (uint64_t i = 1; i <= 3; i++) {
        REQUIRE_OK(append_next(log, i));
        REQUIRE_OK(quire_log_rotate(log));
    }
    CHECK_OK(quire_log_close(log));
    log = open_log(directory, &o);
    CHECK_UINT(log_marks(log).durable, 0);
    uint64_t before = log_stats(log).syncs;
    CHECK_OK(quire_log_sync(log, 0));
    CHECK_UINT(log_marks(log).durable, 3);
    CHECK(log_stats(log).syncs >= before + 3);
    before = log_stats(log).syncs;
    REQUIRE_OK(append_next(log, 4));
    CHECK_OK(quire_log_sync(log, 0));
    CHECK_UINT(log_stats(log).syncs, before + 1);
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 4);
}

TEST(log_rotates_by_age)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");

    o.rotate_ms = 20;
    quire_log *log = open_log(directory, &o);
    append_many(log, 1, 3);
    CHECK_OK(quire_log_flush(log));
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    append_many(log, 4, 6);
    CHECK_OK(quire_log_close(log));
    CHECK(file_size(segment_name(directory, 2)) > 0);
    CHECK_LOG(directory, 1, 6);
}

struct keep {
    const char *name;
    uint64_t segments, bytes, ms;
    uint32_t method;
};

static const struct keep keeps[] = {{.name = "segments", .segments = 3},
                                    {.name = "bytes", .bytes = 200 * PAGE},
                                    {.name = "age", .ms = 1},
                                    {.name = "uring", .segments = 3, .method = QUIRE_METHOD_URING}};

/* The oldest go, and what is left is whole. Also after the log was opened again. */
TEST_EACH(log_retention, struct keep, keeps)
{
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");
    uint64_t next = 1;

    o.keep_segments = it->segments;
    o.keep_bytes = it->bytes;
    o.keep_ms = it->ms;
    for (int round = 0; round < 2; round++) {
        quire_log *log = open_log(directory, &o);
        for (int i = 0; i < 6; i++) {
            append_many(log, next, next + 499);
            next += 500;
            CHECK_OK(quire_log_rotate(log));
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        }
        append_many(log, next, next + 4);
        next += 5;
        CHECK_OK(quire_log_sync(log, 0));
        CHECK_OK(quire_log_rotate(log)); /* also waits for the keeper */
        struct quire_log_stats stats = log_stats(log);
        CHECK(stats.trimmed >= 3);
        if (it->method == QUIRE_METHOD_URING)
            CHECK(stats.recycled >= 2);
        CHECK_OK(quire_log_close(log));
        uint64_t first = first_of(directory);
        CHECK(first > 500 && first < next);
        CHECK_LOG(directory, first, next - 1);
    }
}

/* After a crash there may be numbers without a segment: segments are counted, not numbers. */
TEST(log_retention_past_missing_numbers)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");

    quire_log *log = open_log(directory, &o);
    append_many(log, 1, 5);
    CHECK_OK(quire_log_close(log));
    /* Recovery takes it away, and its number is not used again. */
    write_file(segment_name(directory, 9), "", 0);
    o.keep_segments = 3;
    log = open_log(directory, &o);
    for (uint64_t i = 1; i <= 2; i++) {
        append_many(log, 5 * i + 1, 5 * i + 5);
        CHECK_OK(quire_log_sync(log, 0));
        CHECK_OK(quire_log_rotate(log));
    }
    CHECK_OK(quire_log_rotate(log)); /* also waits for the keeper */
    CHECK_UINT(log_stats(log).trimmed, 0);
    CHECK_UINT(first_of(directory), 1);
    for (uint64_t i = 3; i <= 6; i++) {
        append_many(log, 5 * i + 1, 5 * i + 5);
        CHECK_OK(quire_log_sync(log, 0));
        CHECK_OK(quire_log_rotate(log));
    }
    CHECK_OK(quire_log_rotate(log));
    CHECK(first_of(directory) > 5);
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(directory, first_of(directory), 35);
}

TEST(log_trim)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    quire_log *log = open_log(directory, &o);
    uint64_t gone = 99;

    for (uint64_t i = 0; i < 5; i++) {
        append_many(log, 10 * i + 1, 10 * i + 10);
        CHECK_OK(quire_log_rotate(log));
    }
    CHECK_OK(quire_log_trim(log, 11, &gone));
    CHECK_UINT(gone, 1);
    CHECK_OK(quire_log_trim(log, 30, &gone));
    CHECK_UINT(gone, 1);
    CHECK_UINT(first_of(directory), 21);
    /* Never the last one with a record. */
    CHECK_OK(quire_log_trim(log, UINT64_MAX, &gone));
    CHECK_UINT(gone, 2);
    CHECK_UINT(first_of(directory), 41);
    CHECK_OK(quire_log_close(log));
    log = open_log(directory, &o);
    append_many(log, 51, 60);
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(directory, 41, 60);
}
