/* Wrong arguments: a distinct code, nothing done, no crash. NULL handles, absurd sizes, options that make no sense.
 *
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "absurd.h"

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 2);
    o.claim_timeout_ms = 20;
    o.sync_policy = QUIRE_SYNC_NONE;
    return o;
}

TEST(arguments_null_handles)
{
    struct quire_claim claim = {0};
    struct quire_watermarks marks;
    struct quire_writer_stats stats = {.size = sizeof stats};
    struct quire_failure failure;
    struct iovec piece = {&claim, 1};
    quire_lane *lane;
    uint64_t offset;
    CHECK_CODE(quire_writer_append(NULL, "x", 1, &offset), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_append(NULL, NULL, 0, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_appendv(NULL, &piece, 1, &offset), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_claim(NULL, 1, &claim), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_publish(NULL, &claim), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_flush(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_sync(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_wait_durable(NULL, 0), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_watermarks(NULL, &marks), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_stats(NULL, &stats), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_failure(NULL, &failure), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_close(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_open(NULL, &lane), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_append(NULL, "x", 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_appendv(NULL, &piece, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_claim(NULL, 1, &claim), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_publish(NULL, &claim, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_flush(NULL, &offset), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_close(NULL), QUIRE_E_ARGUMENT);
}

TEST(arguments_null_open)
{
    struct quire_writer_options o = options_for(QUIRE_METHOD_PAGED);
    quire_writer *w = NULL;
    CHECK_CODE(quire_writer_open(NULL, &o, &w), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_open(harness_path("file"), &o, NULL), QUIRE_E_ARGUMENT);
    CHECK_INT(count_files(), 0);
}

static void check_null_results(quire_writer *w, quire_lane *lane)
{
    struct iovec piece = {NULL, 5};
    CHECK_CODE(quire_writer_append(w, NULL, 5, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_appendv(w, NULL, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_appendv(w, &piece, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_claim(w, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_publish(w, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_watermarks(w, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_stats(w, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_failure(w, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_open(w, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_append(lane, NULL, 5), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_appendv(lane, NULL, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_appendv(lane, &piece, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_claim(lane, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_publish(lane, NULL, 1), QUIRE_E_ARGUMENT);
}

/* No length that cannot be true is believed, and none of these breaks the writer. */
static void check_absurd_sizes(quire_writer *w, quire_lane *lane)
{
    char byte = 'x';
    struct quire_claim claim;
    for (size_t i = 0; i < ABSURD; i++) {
        struct iovec pieces[] = {{&byte, 1}, {&byte, absurd_sizes[i]}};
        CHECK(is_refusal_of_size(quire_writer_append(w, &byte, absurd_sizes[i], NULL)));
        CHECK(is_refusal_of_size(quire_writer_appendv(w, pieces, 2, NULL)));
        CHECK_CODE(quire_writer_claim(w, absurd_sizes[i], &claim), QUIRE_E_TOO_LARGE);
        CHECK(is_refusal_of_size(quire_lane_append(lane, &byte, absurd_sizes[i])));
        CHECK(is_refusal_of_size(quire_lane_appendv(lane, pieces, 2)));
        CHECK_CODE(quire_lane_claim(lane, absurd_sizes[i], &claim), QUIRE_E_TOO_LARGE);
    }
    CHECK_CODE(quire_writer_claim(w, 0, &claim), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_lane_claim(lane, 0, &claim), QUIRE_E_ARGUMENT);
    static struct iovec many[1025];
    for (size_t i = 0; i < ABSURD; i++) {
        CHECK_CODE(quire_writer_appendv(w, many, absurd_counts[i], NULL), QUIRE_E_ARGUMENT);
        CHECK_CODE(quire_lane_appendv(lane, many, absurd_counts[i]), QUIRE_E_ARGUMENT);
    }
    CHECK_CODE(quire_writer_wait_durable(w, UINT64_MAX), QUIRE_E_RANGE);
}

TEST_EACH(arguments_of_an_open_writer, struct method, methods)
{
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    quire_lane *lane = NULL;
    REQUIRE_OK(quire_lane_open(w, &lane));
    check_null_results(w, lane);
    check_absurd_sizes(w, lane);
    struct quire_failure failure = {.code = 1};
    CHECK_OK(quire_writer_failure(w, &failure));
    CHECK_INT(failure.code, 0);
    CHECK_OK(quire_writer_append(w, "still ", 6, NULL));
    CHECK_OK(quire_lane_append(lane, "good", 4));
    CHECK_OK(quire_lane_close(lane));
    CHECK_OK(quire_writer_close(w));
    CHECK_FILE(path, &((struct bytes){.data = (uint8_t *)(uintptr_t) "still good", .length = 10}));
}

struct wrong {
    const char *name;
    struct quire_writer_options options;
    int code;
};

#define SIZED .size = sizeof(struct quire_writer_options)

static const struct wrong wrongs[] = {
    {"size_zero", {.size = 0}, QUIRE_E_OPTIONS},
    {"size_tiny", {.size = 8}, QUIRE_E_OPTIONS},
    {"size_huge", {.size = UINT64_MAX}, QUIRE_E_OPTIONS},
    {"reserved", {SIZED, .reserved = 1}, QUIRE_E_OPTIONS},
    {"method_6", {SIZED, .method = 6}, QUIRE_E_METHOD},
    {"method_max", {SIZED, .method = UINT32_MAX}, QUIRE_E_METHOD},
    {"flags", {SIZED, .flags = 8}, QUIRE_E_OPTIONS},
    {"flags_all", {SIZED, .flags = UINT32_MAX}, QUIRE_E_OPTIONS},
    {"on_full", {SIZED, .on_full = 3}, QUIRE_E_OPTIONS},
    {"sync_policy", {SIZED, .sync_policy = 4}, QUIRE_E_OPTIONS},
    {"prepare", {SIZED, .prepare = 3, .prepare_bytes = 1}, QUIRE_E_OPTIONS},
    {"prepare_without_bytes", {SIZED, .prepare = QUIRE_PREPARE_ALLOCATED}, QUIRE_E_OPTIONS},
    {"bytes_without_prepare", {SIZED, .prepare_bytes = 1}, QUIRE_E_OPTIONS},
    {"prepare_absurd", {SIZED, .prepare = QUIRE_PREPARE_ALLOCATED, .prepare_bytes = UINT64_MAX}, QUIRE_E_OPTIONS},
    {"interval_without_policy", {SIZED, .sync_interval_ms = 5}, QUIRE_E_OPTIONS},
    {"interval_too_long", {SIZED, .sync_policy = QUIRE_SYNC_INTERVAL, .sync_interval_ms = 3600001}, QUIRE_E_OPTIONS},
    {"mode", {SIZED, .file_mode = 01000}, QUIRE_E_OPTIONS},
    {"mode_setuid", {SIZED, .file_mode = 04755}, QUIRE_E_OPTIONS},
    {"buffer_1", {SIZED, .buffer_bytes = 1}, QUIRE_E_BUFFER_SIZE},
    {"buffer_unaligned", {SIZED, .buffer_bytes = 6000}, QUIRE_E_BUFFER_SIZE},
    {"buffer_too_large", {SIZED, .buffer_bytes = (64 << 20) + PAGE}, QUIRE_E_BUFFER_SIZE},
    {"buffer_absurd", {SIZED, .buffer_bytes = UINT64_MAX - PAGE + 1}, QUIRE_E_BUFFER_SIZE},
    {"count_1", {SIZED, .buffer_count = 1}, QUIRE_E_BUFFER_COUNT},
    {"count_1025", {SIZED, .buffer_count = 1025}, QUIRE_E_BUFFER_COUNT},
    {"count_max", {SIZED, .buffer_count = UINT32_MAX}, QUIRE_E_BUFFER_COUNT},
    {"more_than_1_gib", {SIZED, .buffer_bytes = 64 << 20, .buffer_count = 17}, QUIRE_E_BUFFER_COUNT},
    {"lane_unaligned", {SIZED, .lane_bytes = 5000}, QUIRE_E_BUFFER_SIZE},
    {"lane_too_large", {SIZED, .buffer_bytes = PAGE, .buffer_count = 2, .lane_bytes = 2 * PAGE}, QUIRE_E_BUFFER_SIZE},
    {"lane_absurd", {SIZED, .lane_bytes = UINT64_MAX - PAGE + 1}, QUIRE_E_BUFFER_SIZE},
};

TEST_EACH(arguments_wrong_options, struct wrong, wrongs)
{
    quire_writer *marker = (quire_writer *)(uintptr_t)0x1234, *w = marker;
    struct quire_failure failure = {.code = 1};
    struct quire_writer_options o = it->options;
    if (o.size == sizeof o)
        o.failure = &failure;
    CHECK_CODE(quire_writer_open(harness_path("file"), &o, &w), it->code);
    CHECK(w == marker);
    CHECK_INT(count_files(), 0);
    for (uint32_t m = 0; m < METHODS; m++) { /* whatever the method */
        if (o.method > METHODS)
            break;
        o.method = methods[m].method;
        int rc = quire_writer_open(harness_path("file"), &o, &w);
        CHECK(rc == it->code || (rc == QUIRE_E_BUFFER_COUNT && o.method == QUIRE_METHOD_MMAP));
        CHECK_INT(count_files(), 0);
    }
}

/* A caller built against a newer header: a longer structure is fine as long as it asks for nothing unknown. */
TEST(arguments_options_of_the_future)
{
    struct {
        struct quire_writer_options options;
        unsigned char beyond[64];
    } future = {.options = {.size = sizeof future, .method = QUIRE_METHOD_PAGED}};
    quire_writer *w = NULL;
    CHECK_OK(quire_writer_open(harness_path("file"), &future.options, &w));
    CHECK_OK(quire_writer_close(w));
    for (size_t i = 0; i < sizeof future.beyond; i++) {
        future.beyond[i] = 1;
        CHECK_CODE(quire_writer_open(harness_path("other"), &future.options, &w), QUIRE_E_OPTIONS);
        future.beyond[i] = 0;
    }
    CHECK_INT(count_files(), 1);
}

/* And one built against an older header, which knew less. */
TEST(arguments_options_of_the_past)
{
    struct quire_writer_options o;
    memset(&o, 0xff, sizeof o);
    o.size = offsetof(struct quire_writer_options, buffer_bytes);
    o.method = QUIRE_METHOD_WRITE;
    o.flags = QUIRE_OPEN_EXCLUSIVE;
    quire_writer *w = NULL;
    REQUIRE_OK(quire_writer_open(harness_path("file"), &o, &w));
    CHECK_UINT(stats_of(w).method, QUIRE_METHOD_WRITE);
    CHECK_OK(quire_writer_close(w));
}

static const struct method buffered[] = {{"paged", QUIRE_METHOD_PAGED}, {"uring", QUIRE_METHOD_URING}};

/* The least and the most that is allowed. */
TEST_EACH(arguments_limits, struct method, buffered)
{
    static const struct {
        uint64_t bytes;
        uint32_t count;
    } rows[] = {{PAGE, 2}, {PAGE, 1024}, {64 << 20, 2}, {16 << 20, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct quire_writer_options o = options_for(it->method);
        set_buffers(&o, rows[i].bytes, rows[i].count);
        o.sync_policy = QUIRE_SYNC_NONE;
        quire_writer *w = open_writer(harness_path("file"), &o);
        CHECK_UINT(stats_of(w).buffer_bytes, rows[i].bytes);
        CHECK_UINT(stats_of(w).buffer_count, rows[i].count);
        CHECK_OK(quire_writer_append(w, "x", 1, NULL));
        CHECK_OK(quire_writer_close(w));
    }
    CHECK_INT(file_size(harness_path("file")), sizeof rows / sizeof rows[0]);
}
