/* Whole segments: missing, another's, never begun, or with sequences that a later one has too.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "reader_outcome.h"

static void build_segments(struct log_builder *b, uint64_t tag, const char *name)
{
    builder_open(b, harness_path(name), tag);
    for (uint64_t i = 1; i <= 4; i++) {
        builder_segment(b, i);
        builder_block(b, 10, 50);
        builder_block(b, 10, 50);
        builder_footer(b);
    }
}

static void check_segment_lost(const struct log_builder *b, int code, uint64_t segment)
{
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;

    for (int forwards = 0; forwards < 2; forwards++) {
        struct outcome out = read_all(b, 0, forwards);
        check_losses(b, &out, segment, NULL);
        CHECK_UINT(out.obstacles, 1);
        if (!forwards)
            continue;
        CHECK_CODE(out.first.code, code);
        CHECK_UINT(out.first.segment, segment);
        CHECK_UINT(out.first.block, UINT64_MAX);
        CHECK_UINT(out.first.first_sequence, 20 * (segment - 1) + 1);
        CHECK_UINT(out.first.last_sequence, 20 * segment);
    }
    struct outcome gaps = read_all(b, QUIRE_READ_GAPS, true);
    CHECK_UINT(gaps.lost, 20);
    CHECK_CODE(verify(b, &named, &result), QUIRE_E_DAMAGED);
    CHECK_UINT(named.count, 1);
    CHECK_CODE(named.last.code, code);
    CHECK_UINT(result.damaged_records, 20);
    CHECK_UINT(result.records, 60);
}

TEST(segment_missing)
{
    struct log_builder b;
    build_segments(&b, 5, "log");
    REQUIRE_INT(unlink(segment_path(&b, 3)), 0);
    check_segment_lost(&b, QUIRE_E_MISSING, 3);
    builder_close(&b);
}

TEST(segment_without_bytes)
{
    struct log_builder b;
    build_segments(&b, 5, "log");
    REQUIRE_INT(truncate(segment_path(&b, 2), 0), 0);
    check_segment_lost(&b, QUIRE_E_DAMAGED, 2);
    builder_close(&b);
}

TEST(segment_foreign)
{
    struct log_builder b, other;
    build_segments(&b, 5, "log");
    build_segments(&other, 6, "other");
    REQUIRE_INT(rename(segment_path(&other, 2), segment_path(&b, 2)), 0);
    check_segment_lost(&b, QUIRE_E_FOREIGN, 2);
    builder_close(&b);
    builder_close(&other);
}

TEST(segment_misnamed)
{
    struct log_builder b;
    build_segments(&b, 5, "log");
    struct bytes first = read_file(segment_path(&b, 1));
    write_file(segment_path(&b, 3), first.data, first.length);
    check_segment_lost(&b, QUIRE_E_FOREIGN, 3);
    bytes_free(&first);
    builder_close(&b);
}

TEST(segment_of_later_version)
{
    struct log_builder b;
    build_segments(&b, 5, "log");
    struct bytes file = read_file(segment_path(&b, 3));
    uint32_t version = QUIRE__FORMAT_VERSION + 1;
    memcpy(file.data + offsetof(struct quire__disk_segment, version), &version, sizeof version);
    uint32_t checksum = quire__crc32c(0, file.data + 12, PAGE - 12);
    memcpy(file.data + offsetof(struct quire__disk_segment, checksum), &checksum, sizeof checksum);
    write_file(segment_path(&b, 3), file.data, file.length);
    check_segment_lost(&b, QUIRE_E_VERSION, 3);
    bytes_free(&file);
    builder_close(&b);
}

/* All blocks of a segment zeroed: as if it had been made ready only. */
TEST(segment_zeroed)
{
    struct log_builder b;
    build_segments(&b, 5, "log");
    unsigned char zeros[3 * PAGE] = {0};
    hurt(&b, 2, PAGE, zeros, sizeof zeros);
    struct outcome out = read_all(&b, 0, true);
    check_losses(&b, &out, 2, NULL);
    CHECK_UINT(out.obstacles, 1);
    CHECK_UINT(out.lost, 20);
    /* And now its second block, so that the first is known to be damaged. */
    builder_close(&b);
    build_segments(&b, 5, "log");
    hurt(&b, 2, PAGE, zeros, PAGE);
    for (int forwards = 0; forwards < 2; forwards++) {
        out = read_all(&b, 0, forwards);
        CHECK_UINT(out.records, 70);
        CHECK_UINT(out.obstacles, 1);
        CHECK_UINT(out.lost, 10);
        CHECK_UINT(out.first.segment, forwards ? 2 : 1);
    }
    builder_close(&b);
}

/* An unborn segment at the end, by its name alone, is nobody's damage. */
TEST(segment_unborn)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;
    static const unsigned char zeros[PAGE];

    build_segments(&b, 5, "log");
    for (uint64_t length = 0; length <= PAGE; length += PAGE / 2) {
        write_file(segment_path(&b, 5), zeros, length);
        struct outcome out = read_all(&b, 0, true);
        CHECK_UINT(out.records, 80);
        CHECK_UINT(out.obstacles, 0);
        CHECK_OK(verify(&b, &named, &result));
    }
    write_file(segment_path(&b, 5), "half a header", 13);
    struct outcome out = read_all(&b, 0, true);
    CHECK_UINT(out.obstacles, 1);
    CHECK_CODE(verify(&b, &named, &result), QUIRE_E_DAMAGED);
    CHECK_UINT(named.last.segment, 5);
    builder_close(&b);
}

/* After a failure the log went on in a fresh segment, with sequences that the one before has too. */
/* over: a whole segment besides, before the writer went on. */
static void later_segment(bool over)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;

    builder_open(&b, harness_path("log"), 5);
    builder_segment(&b, 1);
    builder_block(&b, 10, 50);
    builder_block(&b, 10, 50);
    builder_block(&b, 10, 50);
    hurt(&b, 1, b.offset, "the beginning of a block that failed", 36);
    if (over) {
        b.next_sequence = 38;
        builder_segment(&b, 2);
        builder_block(&b, 10, 50);
        builder_block(&b, 10, 50);
    }
    b.next_sequence = 15;
    b.record_count = 14;
    builder_segment(&b, over ? 3 : 2);
    builder_block(&b, 10, 70);
    builder_footer(&b);
    for (int forwards = 0; forwards < 2; forwards++) {
        struct outcome out = read_all(&b, 0, forwards);
        CHECK_UINT(out.records, 24);
        CHECK_UINT(out.obstacles, 0);
    }
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    for (uint64_t i = 0; i < 24; i++) {
        struct quire_record record;
        REQUIRE_OK(quire_reader_seek_sequence(reader, i + 1));
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(&b, i, &record);
    }
    REQUIRE_OK(quire_reader_close(reader));
    CHECK_OK(verify(&b, &named, &result));
    CHECK_UINT(result.records, 24);
    builder_close(&b);
}

TEST(later_segment_counts)
{
    later_segment(false);
}

TEST(later_segment_counts_over_one)
{
    later_segment(true);
}

/* It was the oldest left, and of the one behind it only a part had got there, of which no record is known. */
TEST(later_segment_counts_over_torn)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;

    builder_open(&b, harness_path("log"), 5);
    b.next_sequence = 21;
    builder_segment(&b, 4);
    builder_block(&b, 6, 50);
    builder_segment(&b, 5);
    hurt(&b, 5, b.offset, "the beginning of a block that failed", 36);
    b.next_sequence = 31;
    builder_segment(&b, 6);
    builder_block(&b, 1, 50);
    b.next_sequence = 21;
    b.record_count = 0;
    builder_segment(&b, 7);
    builder_block(&b, 16, 70);
    for (int forwards = 0; forwards < 2; forwards++) {
        struct outcome out = read_all(&b, 0, forwards);
        CHECK_UINT(out.records, 16);
        CHECK_UINT(out.obstacles, 0);
    }
    CHECK_OK(verify(&b, &named, &result));
    CHECK_UINT(result.records, 16);
    builder_close(&b);
}
