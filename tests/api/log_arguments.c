/* Wrong arguments to a log, to a reader, and to what works on a log as a whole: a distinct code, nothing done, no crash.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "absurd.h"
#include "log_support.h"

static quire_log *const no_log = (quire_log *)(uintptr_t)0x1234;

/* ---- opening ---- */

struct wrong {
    const char *name;
    struct quire_log_options options;
    int code;
};

#define SIZED .size = sizeof(struct quire_log_options)
#define MIB (UINT64_C(1) << 20)

static const struct wrong wrongs[] = {
    {"size_zero", {.size = 0}, QUIRE_E_OPTIONS},
    {"size_tiny", {.size = 8}, QUIRE_E_OPTIONS},
    {"size_huge", {.size = UINT64_MAX}, QUIRE_E_OPTIONS},
    {"reserved", {SIZED, .reserved = 1}, QUIRE_E_OPTIONS},
    {"method_6", {SIZED, .method = 6}, QUIRE_E_METHOD},
    {"flags", {SIZED, .flags = 512}, QUIRE_E_OPTIONS},
    {"continue_and_background", {SIZED, .flags = QUIRE_LOG_CONTINUE | QUIRE_LOG_BACKGROUND}, QUIRE_E_OPTIONS},
    {"existing_and_exclusive", {SIZED, .flags = QUIRE_LOG_EXISTING | QUIRE_LOG_EXCLUSIVE}, QUIRE_E_OPTIONS},
    {"continue_and_chain", {SIZED, .flags = QUIRE_LOG_CONTINUE | QUIRE_LOG_CHAIN}, QUIRE_E_OPTIONS},
    {"on_full", {SIZED, .on_full = 3}, QUIRE_E_OPTIONS},
    {"sync_policy", {SIZED, .sync_policy = 4}, QUIRE_E_OPTIONS},
    {"prepare", {SIZED, .prepare = QUIRE_LOG_PREPARE_NONE + 1}, QUIRE_E_OPTIONS},
    {"map_what_grows", {SIZED, .method = QUIRE_METHOD_MMAP, .prepare = QUIRE_LOG_PREPARE_NONE}, QUIRE_E_OPTIONS},
    {"interval_without_policy", {SIZED, .sync_interval_ms = 5}, QUIRE_E_OPTIONS},
    {"interval_too_long", {SIZED, .sync_policy = QUIRE_SYNC_INTERVAL, .sync_interval_ms = 3600001}, QUIRE_E_OPTIONS},
    {"codec", {SIZED, .codec = QUIRE_CODEC_LZ4 + 1}, QUIRE_E_OPTIONS},
    {"level_without_codec", {SIZED, .codec_level = 1}, QUIRE_E_OPTIONS},
    {"level_negative", {SIZED, .codec = QUIRE_CODEC_ZSTD, .codec_level = -1}, QUIRE_E_OPTIONS},
    {"level_of_zstd", {SIZED, .codec = QUIRE_CODEC_ZSTD, .codec_level = 20}, QUIRE_E_OPTIONS},
    {"rotate_absurd", {SIZED, .rotate_ms = UINT64_MAX}, QUIRE_E_OPTIONS},
    {"keep_absurd", {SIZED, .keep_ms = UINT64_MAX / 1000000u}, QUIRE_E_OPTIONS},
    {"mode", {SIZED, .file_mode = 01000}, QUIRE_E_OPTIONS},
    {"block_1", {SIZED, .block_bytes = 1}, QUIRE_E_BUFFER_SIZE},
    {"block_unaligned", {SIZED, .block_bytes = 6000}, QUIRE_E_BUFFER_SIZE},
    {"block_too_large", {SIZED, .block_bytes = 64 * MIB + PAGE}, QUIRE_E_BUFFER_SIZE},
    {"block_absurd", {SIZED, .block_bytes = UINT64_MAX - PAGE + 1}, QUIRE_E_BUFFER_SIZE},
    {"count_2", {SIZED, .block_count = 2}, QUIRE_E_BUFFER_COUNT},
    {"count_1025", {SIZED, .block_bytes = PAGE, .block_count = 1025}, QUIRE_E_BUFFER_COUNT},
    {"more_than_1_gib", {SIZED, .block_bytes = 64 * MIB, .block_count = 17}, QUIRE_E_BUFFER_COUNT},
    {"lane_unaligned", {SIZED, .lane_bytes = 5000}, QUIRE_E_BUFFER_SIZE},
    {"lane_too_large", {SIZED, .block_bytes = PAGE, .lane_bytes = 2 * PAGE}, QUIRE_E_BUFFER_SIZE},
    {"segment_unaligned", {SIZED, .segment_bytes = MIB + 1}, QUIRE_E_OPTIONS},
    {"segment_too_small", {SIZED, .block_bytes = 4 * PAGE, .segment_bytes = 7 * PAGE}, QUIRE_E_OPTIONS},
    {"segment_too_large", {SIZED, .segment_bytes = MIB * MIB + PAGE}, QUIRE_E_OPTIONS},
    {"segment_for_what_is_kept",
     {SIZED, .flags = QUIRE_LOG_CONTINUE, .block_bytes = 4 * PAGE, .block_count = 4, .segment_bytes = 19 * PAGE},
     QUIRE_E_OPTIONS},
    {"record_too_large", {SIZED, .record_most = 1024 * MIB + 1}, QUIRE_E_OPTIONS},
};

TEST_EACH(log_wrong_options, struct wrong, wrongs)
{
    struct quire_log_options o = it->options;
    struct quire_failure failure = {.code = 1};
    quire_log *log = no_log;

    if (o.size == sizeof o)
        o.failure = &failure;
    CHECK_CODE(quire_log_open(harness_path("log"), &o, &log), it->code);
    CHECK(log == no_log);
    CHECK_INT(failure.code, o.size == sizeof o ? it->code : 1);
    CHECK_INT(count_files(), 0);
}

/* The least and the most of each, which are not wrong. */
static const struct wrong limits[] = {
    {"least", {SIZED, .block_bytes = PAGE, .block_count = 3, .segment_bytes = 5 * PAGE}, 0},
    {"least_kept",
     {SIZED, .flags = QUIRE_LOG_CONTINUE, .block_bytes = PAGE, .block_count = 3, .segment_bytes = 7 * PAGE},
     0},
    {"most_blocks", {SIZED, .block_bytes = PAGE, .block_count = 1024, .lane_bytes = PAGE}, 0},
    {"most_times", {SIZED, .rotate_ms = UINT64_MAX / 1000000u, .keep_ms = UINT64_MAX / 1000000u / 2}, 0},
    {"longest_interval", {SIZED, .sync_policy = QUIRE_SYNC_INTERVAL, .sync_interval_ms = 3600000}, 0},
};

TEST_EACH(log_limits, struct wrong, limits)
{
    quire_log *log = open_log(harness_path("log"), &it->options);

    CHECK_OK(append_next(log, 1));
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(harness_path("log"), 1, 1);
}

/* A level that the codec has, or QUIRE_E_NO_CODEC from a build without it. */
TEST(log_levels)
{
    static const struct quire_log_options levels[] = {{SIZED, .codec = QUIRE_CODEC_ZSTD, .codec_level = 19},
                                                      {SIZED, .codec = QUIRE_CODEC_LZ4, .codec_level = 1000}};

    for (uint64_t i = 0; i < 2; i++) {
        quire_log *log = no_log;
        int rc = quire_log_open(harness_path("log"), &levels[i], &log);
        if (rc == QUIRE_E_NO_CODEC)
            SKIP("%s", quire_strerror(rc));
        REQUIRE_OK(rc);
        CHECK_OK(append_next(log, i + 1));
        CHECK_OK(quire_log_close(log));
    }
    CHECK_LOG(harness_path("log"), 1, 2);
}

TEST(log_open_nothing)
{
    static char long_name[PATH_MAX];
    quire_log *log = no_log;

    memset(long_name, '/', sizeof long_name - 1);
    CHECK_CODE(quire_log_open(NULL, NULL, &log), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_open(harness_path("log"), NULL, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_open(long_name, NULL, &log), -ENAMETOOLONG);
    CHECK(log == no_log);
    CHECK_INT(count_files(), 0);
}

/* What it found is said to who has room for it, and a size that cannot be one is passed over. */
TEST(log_open_reports)
{
    struct quire_recovery recovery = {.size = sizeof recovery, .segment = UINT64_MAX};
    struct quire_recovery no_size = {.size = 1, .segment = 77};
    struct quire_log_options o = small_log(0);

    o.recovery = &recovery;
    REQUIRE_OK(quire_log_close(open_log(harness_path("log"), &o)));
    CHECK(recovery.segment != UINT64_MAX);
    o.recovery = &no_size;
    REQUIRE_OK(quire_log_close(open_log(harness_path("log"), &o)));
    CHECK_UINT(no_size.segment, 77);
}

/* ---- an open log ---- */

TEST(log_null_handles)
{
    struct quire_log_claim claim = {0};
    struct quire_watermarks marks;
    struct quire_log_stats stats = {.size = sizeof stats};
    struct quire_failure failure;
    struct iovec piece = {&claim, 1};
    quire_log_lane *lane;
    uint64_t number;

    CHECK_CODE(quire_log_append(NULL, "x", 1, &number), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_appendv(NULL, &piece, 1, &number), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_append_batch(NULL, &piece, 1, &number), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_claim(NULL, 1, &claim), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_publish(NULL, &claim), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_flush(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_sync(NULL, 0), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_wait_durable(NULL, 0), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_rotate(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_trim(NULL, 1, &number), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_watermarks(NULL, &marks), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_stats(NULL, &stats), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_failure(NULL, &failure), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_close(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_open(NULL, &lane), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_append(NULL, "x", 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_appendv(NULL, &piece, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_claim(NULL, 1, &claim), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_publish(NULL, &claim, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_flush(NULL, &number), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_close(NULL), QUIRE_E_ARGUMENT);
}

static void check_null_results(quire_log *log, quire_log_lane *lane)
{
    struct iovec piece = {NULL, 5};
    struct quire_log_stats no_size = {.size = 8};

    CHECK_CODE(quire_log_append(log, NULL, 5, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_appendv(log, NULL, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_appendv(log, &piece, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_append_batch(log, NULL, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_append_batch(log, &piece, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_append_batch(log, &piece, 0, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_claim(log, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_publish(log, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_watermarks(log, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_stats(log, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_stats(log, &no_size), QUIRE_E_OPTIONS);
    CHECK_CODE(quire_log_failure(log, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_open(log, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_append(lane, NULL, 5), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_appendv(lane, NULL, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_appendv(lane, &piece, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_claim(lane, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_log_lane_publish(lane, NULL, 1), QUIRE_E_ARGUMENT);
}

/* No length that cannot be true is believed, and none of these breaks the log. */
static void check_absurd_sizes(quire_log *log, quire_log_lane *lane)
{
    static struct iovec many[1025];
    struct quire_log_claim claim;
    char byte = 'x';

    for (size_t i = 0; i < ABSURD; i++) {
        struct iovec pieces[] = {{&byte, 1}, {&byte, absurd_sizes[i]}};
        CHECK(is_refusal_of_size(quire_log_append(log, &byte, absurd_sizes[i], NULL)));
        CHECK(is_refusal_of_size(quire_log_appendv(log, pieces, 2, NULL)));
        CHECK(is_refusal_of_size(quire_log_append_batch(log, pieces, 2, NULL)));
        CHECK_CODE(quire_log_claim(log, absurd_sizes[i], &claim), QUIRE_E_TOO_LARGE);
        CHECK(is_refusal_of_size(quire_log_lane_append(lane, &byte, absurd_sizes[i])));
        CHECK(is_refusal_of_size(quire_log_lane_appendv(lane, pieces, 2)));
        CHECK_CODE(quire_log_lane_claim(lane, absurd_sizes[i], &claim), QUIRE_E_TOO_LARGE);
    }
    for (size_t i = 0; i < ABSURD; i++) {
        CHECK_CODE(quire_log_appendv(log, many, absurd_counts[i], NULL), QUIRE_E_ARGUMENT);
        CHECK_CODE(quire_log_append_batch(log, many, absurd_counts[i], NULL), QUIRE_E_ARGUMENT);
        CHECK_CODE(quire_log_lane_appendv(lane, many, absurd_counts[i]), QUIRE_E_ARGUMENT);
    }
    CHECK(is_refusal_of_size(quire_log_append(log, &byte, 1024 * MIB + 1, NULL)));
    CHECK_CODE(quire_log_claim(log, 1024 * MIB + 1, &claim), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_log_sync(log, 5), QUIRE_E_RANGE);
    CHECK_CODE(quire_log_wait_durable(log, UINT64_MAX), QUIRE_E_RANGE);
}

/* A ticket is good once, where it was given, for as long as nothing came in between. */
static void check_stale_claims(quire_log *log, quire_log_lane *lane, uint64_t next)
{
    struct quire_log_claim first;
    struct quire_log_claim claim;

    REQUIRE_OK(quire_log_claim(log, record_length(next), &claim));
    REQUIRE_UINT(claim.sequence, next);
    record_fill(claim.memory, next);
    struct quire_log_claim none = claim;
    none.ticket = 0;
    CHECK_CODE(quire_log_publish(log, &none), QUIRE_E_CLAIM_STALE);
    CHECK_OK(quire_log_publish(log, &claim));
    CHECK_CODE(quire_log_publish(log, &claim), QUIRE_E_CLAIM_STALE);

    REQUIRE_OK(quire_log_lane_claim(lane, record_length(next + 1), &first));
    REQUIRE_OK(quire_log_lane_claim(lane, record_length(next + 1), &claim));
    CHECK_CODE(quire_log_lane_publish(lane, &first, 1), QUIRE_E_CLAIM_STALE);
    struct quire_log_claim elsewhere = claim;
    elsewhere.memory = (char *)claim.memory + 1;
    CHECK_CODE(quire_log_lane_publish(lane, &elsewhere, 1), QUIRE_E_CLAIM_STALE);
    CHECK_CODE(quire_log_lane_publish(lane, &claim, record_length(next + 1) + 1), QUIRE_E_ARGUMENT);
    record_fill(claim.memory, next + 1);
    CHECK_OK(quire_log_lane_publish(lane, &claim, record_length(next + 1)));
    CHECK_CODE(quire_log_lane_publish(lane, &claim, 1), QUIRE_E_CLAIM_STALE);
}

/* Each refusal leaves the log as it was: what is appended then has the next sequences, and is all that is there. */
TEST_EACH(log_arguments_of_an_open_log, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    struct quire_failure failure = {.code = 1};
    quire_log_lane *lane = NULL;
    quire_log *log = open_log(harness_path("log"), &o);

    REQUIRE_OK(quire_log_lane_open(log, &lane));
    check_null_results(log, lane);
    check_absurd_sizes(log, lane);
    check_stale_claims(log, lane, 1);
    CHECK_OK(quire_log_lane_close(lane));
    CHECK_OK(append_next(log, 3));
    CHECK_OK(quire_log_failure(log, &failure));
    CHECK_INT(failure.code, 0);
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(harness_path("log"), 1, 3);
}

/* As many claims can be open as there are entries for them; one more is refused, and is to be had when one is published. */
TEST(log_claims_all_taken)
{
    enum { CLAIMS = 64 };
    struct quire_log_options o = small_log(0);
    struct quire_log_claim claims[CLAIMS];
    struct quire_log_claim one_more;
    quire_log *log = open_log(harness_path("log"), &o);

    for (uint64_t i = 0; i < CLAIMS; i++) {
        REQUIRE_OK(quire_log_claim(log, record_length(i + 1), &claims[i]));
        record_fill(claims[i].memory, i + 1);
    }
    CHECK_CODE(quire_log_claim(log, 1, &one_more), QUIRE_E_CLAIM_OPEN);
    CHECK_OK(quire_log_publish(log, &claims[7]));
    REQUIRE_OK(quire_log_claim(log, record_length(CLAIMS + 1), &claims[7]));
    CHECK_UINT(claims[7].sequence, CLAIMS + 1);
    record_fill(claims[7].memory, CLAIMS + 1);
    for (int i = CLAIMS; i-- > 0;)
        CHECK_OK(quire_log_publish(log, &claims[i]));
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(harness_path("log"), 1, CLAIMS + 1);
}

/* ---- reading, and the log as a whole ---- */

TEST(log_reader_null_handles)
{
    struct quire_reader_options o = {.size = sizeof o};
    struct quire_record record;
    struct quire_cursor cursor = {{0}};
    struct quire_watermarks marks;
    quire_reader *reader = NULL;

    CHECK_CODE(quire_reader_open(NULL, &o, &reader), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_open(harness_path("log"), &o, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_close(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_next(NULL, &record), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_previous(NULL, &record), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_skip(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_seek_sequence(NULL, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_seek_time(NULL, 1), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_seek_begin(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_seek_end(NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_wait(NULL, 0), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_watermarks(NULL, &marks), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_tell(NULL, &cursor), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_resume(NULL, &cursor), QUIRE_E_ARGUMENT);
    CHECK(reader == NULL);
}

static void make_small_log(void)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = open_log(harness_path("log"), &o);

    append_many(log, 1, 20);
    REQUIRE_OK(quire_log_close(log));
}

static const struct quire_reader_options wrong_reading[] = {
    {.size = 0},
    {.size = sizeof wrong_reading[0], .flags = 4},
    {.size = sizeof wrong_reading[0], .reserved = 1},
    {.size = sizeof wrong_reading[0], .block_most = (UINT64_C(2) << 30) + 1}};

TEST(log_reader_arguments)
{
    struct quire_record record;
    quire_reader *reader = NULL;

    make_small_log();
    for (size_t i = 0; i < sizeof wrong_reading / sizeof wrong_reading[0]; i++)
        CHECK_CODE(quire_reader_open(harness_path("log"), &wrong_reading[i], &reader), QUIRE_E_OPTIONS);
    CHECK(reader == NULL);
    REQUIRE_OK(quire_reader_open(harness_path("log"), NULL, &reader));
    CHECK_CODE(quire_reader_next(reader, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_previous(reader, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_watermarks(reader, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_tell(reader, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_resume(reader, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_reader_seek_sequence(reader, 0), QUIRE_E_RANGE);
    CHECK_OK(quire_reader_skip(reader)); /* nothing is in the way */
    CHECK_INT(quire_reader_next(reader, &record), 1);
    CHECK_UINT(record.sequence, 1);
    CHECK_OK(quire_reader_close(reader));
}

static int see_none(void *context, uint32_t thread, const struct quire_record *record)
{
    (void)context, (void)thread, (void)record;
    return 0;
}

TEST(log_whole_arguments)
{
    struct quire_log_info info = {.size = sizeof info};
    struct quire_log_info small_info = {.size = 8};
    struct quire_verify_options unknown = {.size = sizeof unknown, .flags = 2};
    struct quire_verify_options no_size = {.size = 8};
    struct quire_verify_result result = {.size = sizeof result};
    struct quire_verify_result small_result = {.size = 8};
    const char *log = harness_path("log");

    make_small_log();
    CHECK_CODE(quire_inspect(NULL, NULL, NULL, &info), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_inspect(log, NULL, NULL, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_inspect(log, NULL, NULL, &small_info), QUIRE_E_OPTIONS);
    CHECK_CODE(quire_verify(NULL, NULL, &result), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_verify(log, NULL, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_verify(log, &unknown, &result), QUIRE_E_OPTIONS);
    CHECK_CODE(quire_verify(log, &no_size, &result), QUIRE_E_OPTIONS);
    CHECK_CODE(quire_verify(log, NULL, &small_result), QUIRE_E_OPTIONS);
    CHECK_CODE(quire_scan(NULL, NULL, 1, see_none, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_scan(log, NULL, 1, NULL, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_scan(log, &wrong_reading[0], 1, see_none, NULL), QUIRE_E_OPTIONS);
    CHECK_CODE(quire_scan(log, NULL, UINT32_MAX, see_none, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_repair(NULL, 1, NULL, NULL, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_trim(NULL, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_truncate(NULL, 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_LOG(log, 1, 20);
}
