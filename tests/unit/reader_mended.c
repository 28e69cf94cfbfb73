/* Damage that seeking, verify and repair judge alike: what one of them reads, the others do not call lost.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <quire/check.h>

#include "log_builder.h"

struct seen {
    struct quire_damage damage;
    uint64_t places;
};

static void see_damage(void *context, const struct quire_damage *damage)
{
    struct seen *seen = context;

    seen->damage = *damage;
    seen->places++;
}

static int verify(const char *directory, struct seen *seen)
{
    struct quire_verify_options options = {
        .size = sizeof options, .threads = 1, .damaged = see_damage, .context = seen};
    struct quire_verify_result result = {.size = sizeof result};

    *seen = (struct seen){0};
    int rc = quire_verify(directory, &options, &result);
    CHECK_UINT(result.damaged, seen->places);
    return rc;
}

/* Every record, and behind them this code. */
static void check_all(const struct log_builder *b, int end)
{
    struct quire_record record;
    quire_reader *reader = open_reader(b->directory, 0, NULL);

    for (uint64_t i = 0; i < b->record_count; i++) {
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(b, i, &record);
    }
    CHECK_CODE(quire_reader_next(reader, &record), end);
    REQUIRE_OK(quire_reader_close(reader));
}

/* The first block of the only segment is broken: the end is still behind the last one. */
TEST(end_behind_a_broken_beginning)
{
    struct log_builder b;
    struct quire_record record;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    for (int i = 0; i < 3; i++)
        builder_block(&b, 4, 20);
    flip(&b, 1, b.blocks[0].offset + 8, 1);
    for (uint32_t flags = 0; flags <= QUIRE_READ_GAPS; flags += QUIRE_READ_GAPS) {
        quire_reader *reader = open_reader(b.directory, flags, NULL);
        REQUIRE_OK(quire_reader_seek_end(reader));
        REQUIRE_CODE(quire_reader_next(reader, &record), 0);
        REQUIRE_CODE(quire_reader_previous(reader, &record), 1);
        CHECK_RECORD(&b, 11, &record);
        REQUIRE_OK(quire_reader_close(reader));
    }
    builder_close(&b);
}

/* A segment of another log was put behind: repair sets that one aside, not the log. */
TEST(repair_keeps_what_is_read)
{
    struct log_builder b;
    struct log_builder other;
    struct seen seen;
    uint64_t steps = 0;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 5, 20);
    builder_open(&other, b.directory, 4);
    builder_segment(&other, 2);
    check_all(&b, QUIRE_E_FOREIGN);
    REQUIRE_OK(quire_repair(b.directory, 1, NULL, NULL, &steps));
    CHECK(steps > 0);
    check_all(&b, 0);
    CHECK_OK(verify(b.directory, &seen));
    builder_close(&b);
    builder_close(&other);
}

/* No segment can be read: the place is named all the same. */
TEST(verify_names_the_only_header)
{
    struct log_builder b;
    struct seen seen;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 7);
    builder_block(&b, 5, 20);
    flip(&b, 7, 40, 1);
    CHECK_CODE(verify(b.directory, &seen), QUIRE_E_DAMAGED);
    CHECK_UINT(seen.places, 1);
    CHECK_CODE(seen.damage.code, QUIRE_E_DAMAGED);
    CHECK_UINT(seen.damage.segment, 7);
    CHECK_UINT(seen.damage.block, UINT64_MAX);
    builder_close(&b);
}

/* A segment of nothing but its footer says nothing about the one in front of it. */
TEST(footer_of_the_segment_behind)
{
    struct log_builder b;
    struct seen seen;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 5, 20);
    builder_segment(&b, 2);
    builder_footer(&b);
    check_all(&b, 0);
    CHECK_OK(verify(b.directory, &seen));
    builder_close(&b);
}

/* Pages between two blocks that no record is missing for: nothing to repair, and a footer that was right stays so. */
static void check_between(struct log_builder *b, uint64_t steps_expected)
{
    struct seen seen;
    uint64_t steps = UINT64_MAX;

    REQUIRE_OK(quire_repair(b->directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, steps_expected);
    CHECK_OK(verify(b->directory, &seen));
}

TEST(pages_that_cost_no_record)
{
    struct log_builder b;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 5, 20);
    b.offset += 2 * PAGE;
    builder_block(&b, 5, 20);
    builder_block(&b, 5, 20);
    builder_block(&b, 5, 20);
    builder_footer(&b);
    check_all(&b, 0);
    check_between(&b, 0);
    check_all(&b, 0);
    /* With a block that is lost besides, whose gap the footer counts. */
    flip(&b, 1, b.blocks[2].offset + 200, 1);
    check_between(&b, 1);
    builder_close(&b);
}

static int open_existing(const char *directory, quire_log **log)
{
    struct quire_log_options options = {.size = sizeof options, .flags = QUIRE_LOG_EXISTING};

    return quire_log_open(directory, &options, log);
}

/* A block says of sequences behind it that they were durable: that is not believed. */
TEST(mark_that_cannot_be_true)
{
    static const uint64_t marks[] = {6, 1000, UINT64_MAX};
    struct log_builder b;
    struct seen seen;
    quire_log *log = NULL;
    uint64_t sequence = 0;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    for (int i = 0; i < 3; i++) {
        b.durable = marks[i];
        builder_block(&b, 2, 20);
    }
    CHECK_OK(verify(b.directory, &seen));
    REQUIRE_OK(open_existing(b.directory, &log));
    REQUIRE_OK(quire_log_append(log, "next", 4, &sequence));
    CHECK_UINT(sequence, 7);
    REQUIRE_OK(quire_log_close(log));
    builder_close(&b);
}

/* There are no sequences left to give: refused, and nothing is changed. */
TEST(sequences_used_up)
{
    struct log_builder b;
    quire_log *log = NULL;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    b.next_sequence = UINT64_MAX - 10;
    builder_block(&b, 5, 20);
    struct bytes before = read_file(segment_path(&b, 1));
    CHECK_CODE(open_existing(b.directory, &log), -EOVERFLOW);
    CHECK_FILE(segment_path(&b, 1), &before);
    bytes_free(&before);
    builder_close(&b);
}

/* Segments are counted from 1: a file with the number 0 is not the log's. */
TEST(segment_zero)
{
    struct log_builder b;
    struct quire_log_info info = {.size = sizeof info};

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 0);
    builder_block(&b, 5, 20);
    CHECK_CODE(quire_inspect(b.directory, NULL, NULL, &info), QUIRE_E_NOT_A_LOG);
    builder_segment(&b, 1);
    REQUIRE_OK(quire_inspect(b.directory, NULL, NULL, &info));
    CHECK_UINT(info.segments, 1);
    builder_close(&b);
}

/* A file far away in the numbers: repair does not fill the way there, step by step. */
TEST(segment_far_away)
{
    struct log_builder b;
    uint64_t steps = 0;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 5, 20);
    builder_segment(&b, UINT64_C(9999999999999999));
    builder_block(&b, 5, 20);
    CHECK_CODE(quire_repair(b.directory, 0, NULL, NULL, &steps), QUIRE_E_MISSING);
    builder_close(&b);
}

/* A segment of another log was put behind: what is appended there would be read by nobody. */
TEST(open_behind_another_log)
{
    struct log_builder b;
    struct log_builder other;
    quire_log *log = NULL;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 5, 20);
    builder_open(&other, b.directory, 4);
    builder_segment(&other, 2);
    other.next_sequence = 6;
    other.durable = 5;
    builder_block(&other, 5, 20);
    CHECK_CODE(open_existing(b.directory, &log), QUIRE_E_FOREIGN);
    builder_close(&b);
    builder_close(&other);
}

/* The beginning of a segment is broken, and the one in front of it was never written to: the loss is declared where it is. */
TEST(repair_behind_an_empty_segment)
{
    struct log_builder b;
    struct seen seen;
    uint64_t steps = 0;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 5, 20);
    builder_footer(&b);
    builder_segment(&b, 2);
    builder_segment(&b, 3);
    builder_block(&b, 5, 20);
    builder_block(&b, 5, 20);
    flip(&b, 3, PAGE + 100, 1);
    CHECK_CODE(verify(b.directory, &seen), QUIRE_E_DAMAGED);
    REQUIRE_OK(quire_repair(b.directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, 1);
    CHECK_OK(verify(b.directory, &seen));
    builder_close(&b);
}

static void seek_each_time(const struct log_builder *b, quire_reader *reader, uint64_t from)
{
    struct quire_record record;

    for (uint64_t i = from; i < b->record_count; i++) {
        REQUIRE_OK(quire_reader_seek_time(reader, b->records[i].record.time));
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(b, i, &record);
    }
}

/* What cannot be read is in the way only of what may be in it: times never go back. Here no segment is known to begin before
 * the last. */
TEST(seek_time_past_damage)
{
    struct log_builder b;
    struct quire_record record;

    builder_open(&b, harness_path("log"), 3);
    b.times = true;
    b.next_sequence = 6;
    builder_segment(&b, 2);
    hurt(&b, 2, PAGE, "junk", 4);
    b.offset += PAGE;
    builder_block(&b, 5, 20);
    b.time += 1000000;
    builder_segment(&b, 3);
    builder_block(&b, 5, 20);
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    REQUIRE_OK(quire_reader_seek_time(reader, b.records[0].record.time));
    CHECK_CODE(quire_reader_next(reader, &record), QUIRE_E_DAMAGED);
    seek_each_time(&b, reader, 1);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* A page of junk in front of a segment's first block costs no record, and hides when the segment begins. */
TEST(seek_time_behind_junk)
{
    struct log_builder b;

    builder_open(&b, harness_path("log"), 3);
    b.times = true;
    builder_segment(&b, 1);
    hurt(&b, 1, PAGE, "junk", 4);
    b.offset += PAGE;
    builder_block(&b, 5, 20);
    builder_block(&b, 5, 20);
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    seek_each_time(&b, reader, 0);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}
