/* A log by every method and option: what was appended is what is read, in order, also by the method that comes after.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log_support.h"

struct variant {
    const char *name;
    uint32_t flags, codec, sync_policy, prepare;
    uint64_t block_bytes;
};

static const struct variant variants[] = {
    {.name = "plain"},
    {.name = "times", .flags = QUIRE_LOG_RECORD_TIMES},
    {.name = "zstd", .codec = QUIRE_CODEC_ZSTD},
    {.name = "lz4", .codec = QUIRE_CODEC_LZ4, .flags = QUIRE_LOG_RECORD_TIMES},
    {.name = "chain", .flags = QUIRE_LOG_CHAIN},
    {.name = "none", .sync_policy = QUIRE_SYNC_NONE},
    {.name = "interval", .sync_policy = QUIRE_SYNC_INTERVAL},
    {.name = "written", .prepare = QUIRE_LOG_PREPARE_WRITTEN},
    {.name = "continue", .flags = QUIRE_LOG_CONTINUE},
    {.name = "no_live", .flags = QUIRE_LOG_NO_LIVE},
    {.name = "one_page", .block_bytes = PAGE},
    {.name = "grows", .prepare = QUIRE_LOG_PREPARE_NONE},
    {.name = "grows_zstd", .prepare = QUIRE_LOG_PREPARE_NONE, .codec = QUIRE_CODEC_ZSTD},
    {.name = "background", .flags = QUIRE_LOG_BACKGROUND},
    {.name = "background_zstd", .flags = QUIRE_LOG_BACKGROUND, .codec = QUIRE_CODEC_ZSTD, .block_bytes = PAGE},
};

static struct quire_log_options options_of(const struct variant *variant, uint32_t method)
{
    struct quire_log_options o = small_log(method);

    o.flags = variant->flags;
    o.codec = variant->codec;
    o.sync_policy = variant->sync_policy;
    o.prepare = variant->prepare;
    if (variant->block_bytes)
        o.block_bytes = variant->block_bytes;
    if (variant->sync_policy == QUIRE_SYNC_INTERVAL)
        o.sync_interval_ms = 5;
    return o;
}

/* Every method goes on where the one before it left off, twice around. */
TEST_EACH(log_matrix, struct variant, variants)
{
    uint64_t sequence = 1;
    const char *directory = harness_path("log");

    for (int round = 0; round < 2 * LOG_METHODS; round++) {
        struct quire_log_options o = options_of(it, log_methods[round % LOG_METHODS].method);
        quire_log *log = NULL;
        int rc = quire_log_open(directory, &o, &log);
        if (rc == QUIRE_E_NO_CODEC || rc == QUIRE_E_NO_CHAIN)
            SKIP("%s", quire_strerror(rc));
        if (rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING)
            continue;
        if (o.prepare == QUIRE_LOG_PREPARE_NONE && (o.method == QUIRE_METHOD_MMAP || o.method == QUIRE_METHOD_URING)) {
            CHECK_CODE(rc, QUIRE_E_OPTIONS);
            continue;
        }
        REQUIRE_OK(rc);
        CHECK_UINT(log_marks(log).appended, sequence - 1);
        uint64_t count = 1 + harness_below(1500);
        for (uint64_t i = 0; i < count; i++)
            REQUIRE_OK(append_next(log, sequence++));
        REQUIRE_OK(quire_log_close(log));
        CHECK_LOG(directory, 1, sequence - 1);
    }
}

TEST_EACH(log_each, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");

    o.sync_policy = QUIRE_SYNC_EACH;
    quire_log *log = open_log(directory, &o);
    for (uint64_t i = 1; i <= 300; i++) {
        REQUIRE_OK(append_next(log, i));
        REQUIRE_UINT(log_marks(log).durable, i);
    }
    CHECK_LOG(directory, 1, 300);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 300);
}

TEST_EACH(log_watermarks, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    quire_log *log = open_log(harness_path("log"), &o);

    append_many(log, 1, 5);
    struct quire_watermarks marks = log_marks(log);
    CHECK_UINT(marks.appended, 5);
    CHECK_UINT(marks.written, it->method == QUIRE_METHOD_WRITE ? 5 : 0);
    CHECK_UINT(marks.durable, 0);
    CHECK_OK(quire_log_flush(log));
    marks = log_marks(log);
    CHECK_UINT(marks.written, 5);
    CHECK_UINT(marks.durable, 0);
    CHECK_CODE(quire_log_sync(log, 6), QUIRE_E_RANGE);
    CHECK_CODE(quire_log_wait_durable(log, 6), QUIRE_E_RANGE);
    CHECK_OK(quire_log_sync(log, 3));
    CHECK_UINT(log_marks(log).durable, 5);
    CHECK_OK(quire_log_sync(log, 0));
    uint64_t syncs = log_stats(log).syncs;
    CHECK_OK(quire_log_sync(log, 5));
    CHECK_UINT(log_stats(log).syncs, syncs);
    CHECK_OK(quire_log_close(log));
}

static void *filled(uint64_t length, uint64_t tag)
{
    unsigned char *memory = malloc(length + 1);
    REQUIRE(memory != NULL);
    fill(memory, length, tag);
    return memory;
}

/* Records around the size of a block, and far above it, between small ones. */
TEST_EACH(log_big_records, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");
    const uint64_t block = o.block_bytes;
    const uint64_t lengths[] = {
        0,         1, block - 101,     block - 100,    block - 99,        block, 3 * block, 7 * block + 12345,
        40 * PAGE, 5, 4 * block - 100, 4 * block - 99, 8 * block - 96 - 4};
    enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

    for (int round = 0; round < 2; round++) {
        quire_log *log = open_log(directory, &o);
        for (int i = 0; i < LENGTHS; i++) {
            void *data = filled(lengths[i], (uint64_t)i);
            uint64_t sequence = 0;
            REQUIRE_OK(quire_log_append(log, data, lengths[i], &sequence));
            CHECK_UINT(sequence, (uint64_t)(round * LENGTHS + i + 1));
            free(data);
        }
        void *data = filled(o.segment_bytes, 1);
        CHECK_CODE(quire_log_append(log, data, o.segment_bytes, NULL), QUIRE_E_TOO_LARGE);
        free(data);
        REQUIRE_OK(quire_log_close(log));
    }
    quire_reader *reader = NULL;
    struct quire_record record;
    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    for (uint64_t i = 0; i < 2 * LENGTHS; i++) {
        REQUIRE_INT(quire_reader_next(reader, &record), 1);
        REQUIRE_UINT(record.length, lengths[i % LENGTHS]);
        void *data = filled(record.length, i % LENGTHS);
        CHECK_BYTES(record.data, data, record.length);
        free(data);
    }
    CHECK_INT(quire_reader_next(reader, &record), 0);
    quire_reader_close(reader);
}

/* A batch lies in one block, also one that no buffer holds. */
TEST_EACH(log_batch, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");
    static unsigned char memory[200][700];
    struct iovec records[200];
    uint64_t first = 0;
    uint64_t next = 1;

    quire_log *log = open_log(directory, &o);
    CHECK_CODE(quire_log_append_batch(log, records, 0, &first), QUIRE_E_ARGUMENT);
    const int counts[] = {1, 2, 7, 40, 199, 3, 150};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        for (int i = 0; i < counts[c]; i++) {
            record_fill(memory[i], next + (uint64_t)i);
            records[i] = (struct iovec){memory[i], record_length(next + (uint64_t)i)};
        }
        REQUIRE_OK(quire_log_append_batch(log, records, counts[c], &first));
        CHECK_UINT(first, next);
        next += (uint64_t)counts[c];
    }
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, next - 1);

    /* All of one batch says the same offset. */
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t sequence = 1;
    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        uint64_t offset = 0;
        for (int i = 0; i < counts[c]; i++, sequence++) {
            REQUIRE_INT(quire_reader_next(reader, &record), 1);
            if (i == 0)
                offset = record.offset;
            CHECK_UINT(record.offset, offset);
        }
    }
    quire_reader_close(reader);
}

TEST(log_arguments)
{
    struct quire_log_options o = small_log(0);
    struct quire_log_claim claim = {0};
    const char *directory = harness_path("log");
    quire_log *log = NULL;

    CHECK_CODE(quire_log_open(NULL, NULL, &log), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_open(directory, NULL, NULL), QUIRE_E_ARGUMENT);
    o.size = 3;
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_OPTIONS);
    o = small_log(QUIRE_METHOD_STDIO);
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_METHOD);
    o = small_log(0);
    o.block_bytes = 5000;
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_BUFFER_SIZE);
    o = small_log(0);
    o.block_count = 2;
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_BUFFER_COUNT);
    o = small_log(0);
    o.flags = QUIRE_LOG_EXISTING;
    CHECK_CODE(quire_log_open(directory, &o, &log), -ENOENT);
    o.flags = 0;
    log = open_log(directory, &o);
    CHECK_CODE(quire_log_append(log, NULL, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_append(NULL, "", 0, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_append(log, "", UINT64_MAX, NULL), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_log_claim(log, o.block_bytes, &claim), QUIRE_E_TOO_LARGE);
    quire_log *second = NULL;
    CHECK_CODE(quire_log_open(directory, &o, &second), QUIRE_E_LOCKED);
    CHECK_OK(quire_log_close(log));
    CHECK_CODE(quire_log_close(NULL), QUIRE_E_ARGUMENT);
    o.flags = QUIRE_LOG_EXCLUSIVE;
    CHECK_CODE(quire_log_open(directory, &o, &second), -EEXIST);
    CHECK(second == NULL);
}

/* The smallest segment holds one block: what fits in that is a record, and no more. */
TEST(log_smallest_segment)
{
    static unsigned char record[PAGE];
    struct quire_log_options o = {.size = sizeof o, .block_bytes = PAGE, .segment_bytes = 5 * PAGE};
    struct quire_log_claim claim;
    quire_log *log = open_log(harness_path("log"), &o);
    uint64_t most = PAGE - 96 - 4;

    CHECK_OK(quire_log_append(log, record, most, NULL));
    CHECK_CODE(quire_log_append(log, record, most + 1, NULL), QUIRE_E_TOO_LARGE);
    CHECK_OK(quire_log_appendv(log, &(struct iovec){record, most}, 1, NULL));
    CHECK_OK(quire_log_append_batch(log, &(struct iovec){record, most}, 1, NULL));
    REQUIRE_OK(quire_log_claim(log, most, &claim));
    memset(claim.memory, 1, claim.length);
    CHECK_OK(quire_log_publish(log, &claim));
    CHECK_OK(quire_log_close(log));
}

/* record_most bounds every way in. */
TEST(log_record_most)
{
    struct quire_log_options o = small_log(0);
    struct quire_log_claim claim;
    quire_log_lane *lane;
    unsigned char record[101] = {0};

    o.record_most = 100;
    quire_log *log = open_log(harness_path("log"), &o);
    CHECK_OK(quire_log_append(log, record, 100, NULL));
    CHECK_CODE(quire_log_append(log, record, 101, NULL), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_log_appendv(log, &(struct iovec){record, 101}, 1, NULL), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_log_claim(log, 101, &claim), QUIRE_E_TOO_LARGE);
    REQUIRE_OK(quire_log_lane_open(log, &lane));
    CHECK_OK(quire_log_lane_append(lane, record, 100));
    CHECK_CODE(quire_log_lane_append(lane, record, 101), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_log_lane_appendv(lane, &(struct iovec){record, 101}, 1), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_log_lane_claim(lane, 101, &claim), QUIRE_E_TOO_LARGE);
    CHECK_OK(quire_log_lane_close(lane));
    CHECK_UINT(log_marks(log).appended, 2);
    CHECK_OK(quire_log_close(log));
}
