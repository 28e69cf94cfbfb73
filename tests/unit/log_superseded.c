/* A log that went on twice after failures, and died: the last segment begins anew in front of one that had been begun.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "log_builder.h"
#include "log_support.h"

enum { FIRST = 10 };

/* 1 to 12, of which a flush made 9 durable; then 13 and 14, where something failed; then from 10 on once more. */
static void build(struct log_builder *b, uint64_t again)
{
    builder_open(b, harness_path("log"), 7);
    builder_segment(b, 1);
    builder_block(b, FIRST - 1, 50);
    builder_block(b, 3, 50);
    builder_segment(b, 2);
    builder_block(b, 2, 50);
    b->next_sequence = FIRST;
    b->time += 1000;
    builder_segment(b, 3);
    builder_block(b, again, 50);
    builder_close(b);
}

struct row {
    const char *name;
    uint64_t again; /* records that were written once more */
};

static const struct row rows[] = {{"one", 1}, {"two", 2}, {"all", 5}, {"more", 7}};

/* Reads the log as record 1 to last, whole and in order. */
static void check_reading(uint64_t last)
{
    struct quire_verify_result result = {.size = sizeof result};
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t next = 1;
    int rc;

    CHECK_OK(quire_verify(harness_path("log"), NULL, &result));
    CHECK_UINT(result.damaged, 0);
    REQUIRE_OK(quire_reader_open(harness_path("log"), NULL, &reader));
    while ((rc = quire_reader_next(reader, &record)) > 0)
        REQUIRE_UINT(record.sequence, next++);
    CHECK_CODE(rc, 0);
    CHECK_UINT(next, last + 1);
    while ((rc = quire_reader_previous(reader, &record)) > 0)
        REQUIRE_UINT(record.sequence, --next);
    CHECK_CODE(rc, 0);
    CHECK_UINT(next, 1);
    REQUIRE_OK(quire_reader_close(reader));
}

/* Two segments had been gone to when a flush of the first failed: what is written again begins in front of both, and
 * the last block of the first did not reach the device. */
TEST(log_superseded_by_no_neighbour)
{
    static const unsigned char torn[512];
    struct log_builder b;

    builder_open(&b, harness_path("log"), 7);
    builder_segment(&b, 1);
    builder_block(&b, FIRST - 1, 50);
    b.durable = FIRST - 1;
    builder_block(&b, 3, 50);
    hurt(&b, 1, b.offset - 4096, torn, sizeof torn);
    builder_segment(&b, 2);
    builder_block(&b, 2, 50);
    builder_segment(&b, 3);
    builder_block(&b, 2, 50);
    b.next_sequence = FIRST;
    b.time += 1000;
    builder_segment(&b, 4);
    builder_block(&b, 9, 50);
    builder_segment(&b, 5);
    b.durable = FIRST + 8;
    builder_block(&b, 2, 50);
    builder_close(&b);
    check_reading(FIRST + 10);
}

/* As above, but nothing was durable yet, and of the first segment nothing reached the device. */
TEST(log_superseded_at_the_beginning)
{
    struct log_builder b;

    builder_open(&b, harness_path("log"), 7);
    builder_segment(&b, 1);
    builder_extend(&b, 3 * 4096);
    b.next_sequence = 2;
    builder_segment(&b, 2);
    builder_block(&b, 2, 50);
    b.next_sequence = 1;
    builder_segment(&b, 3);
    builder_block(&b, 5, 50);
    builder_close(&b);
    check_reading(5);
}

/* The same with anything in the segments in front of where it begins anew. */
TEST(log_superseded_from_the_first)
{
    static const unsigned char junk[4096] = {1, 2, 3};
    struct log_builder b;

    builder_open(&b, harness_path("log"), 7);
    builder_segment(&b, 1);
    builder_extend(&b, 3 * 4096);
    builder_segment(&b, 2);
    hurt(&b, 2, b.offset, junk, sizeof junk);
    b.next_sequence = 1;
    builder_segment(&b, 3);
    builder_block(&b, 5, 50);
    builder_close(&b);
    check_reading(5);
}

/* What is appended after recovery is what is read under its sequences. */
TEST_EACH(log_superseded, struct row, rows)
{
    struct quire_log_options o = small_log(0);
    struct quire_verify_result result = {.size = sizeof result};
    struct log_builder b;
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t next = 1;
    int rc;

    build(&b, it->again);
    uint64_t last = FIRST + it->again - 1;
    for (int turn = 0; turn < 2; turn++) {
        quire_log *log = open_log(harness_path("log"), &o);
        CHECK_UINT(log_marks(log).appended, last);
        for (int i = 0; i < 3; i++)
            REQUIRE_OK(quire_log_append(log, "new", 3, NULL));
        REQUIRE_OK(quire_log_close(log));
        last += 3;
    }
    CHECK_OK(quire_verify(harness_path("log"), NULL, &result));
    REQUIRE_OK(quire_reader_open(harness_path("log"), NULL, &reader));
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        REQUIRE_UINT(record.sequence, next);
        if (next >= FIRST + it->again && (record.length != 3 || memcmp(record.data, "new", 3) != 0))
            FAIL("record %" PRIu64 " is not the one that was appended", next);
        next++;
    }
    CHECK_CODE(rc, 0);
    CHECK_UINT(next, last + 1);
    REQUIRE_OK(quire_reader_close(reader));
}
