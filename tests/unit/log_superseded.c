/* A log that went on twice after failures, and died: the last segment begins anew in front of one that had been begun.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

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

/* Reads the log as record first to last, whole and in order. */
static void check_reading_from(uint64_t first, uint64_t last)
{
    struct quire_verify_result result = {.size = sizeof result};
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t next = first;
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
    CHECK_UINT(next, first);
    REQUIRE_OK(quire_reader_close(reader));
}

static void check_reading(uint64_t last)
{
    check_reading_from(1, last);
}

/* A segment with so many records, durable by what comes behind. */
static void begin(struct log_builder *b, uint64_t durable)
{
    builder_open(b, harness_path("log"), 7);
    builder_segment(b, 1);
    builder_block(b, durable, 50);
    b->durable = durable;
}

struct torn {
    const char *name;
    uint64_t begin; /* of the segment behind it */
    uint64_t last;  /* that is recovered */
};

static const struct torn torn_rows[] = {
    {"that_goes", FIRST + 1, FIRST}, {"once_more", FIRST, FIRST + 1}, {"lower", FIRST - 1, FIRST}};

/* What had been written when a write failed, and what was written once more where the log went on, are of one record: the
 * first of them is whole, of the second only the header got there. What comes behind it goes, unless that begins no higher. */
TEST_EACH(log_superseded_by_what_is_torn, struct torn, torn_rows)
{
    static const unsigned char torn[512];
    struct quire_log_options o = {.size = sizeof o};
    quire_log *log = NULL;
    struct log_builder b;

    begin(&b, FIRST - 2);
    builder_block(&b, 1, 50);
    builder_block(&b, 1, 600);
    b.next_sequence = FIRST;
    builder_segment(&b, 2);
    builder_block(&b, 1, 600);
    hurt(&b, 2, b.offset - 4096 + 512, torn, sizeof torn);
    b.next_sequence = it->begin;
    builder_segment(&b, 3);
    builder_block(&b, 2, 50);
    builder_close(&b);
    REQUIRE_OK(quire_log_open(harness_path("log"), &o, &log));
    CHECK_UINT(log_marks(log).appended, it->last);
    check_reading(it->last);
    CHECK_OK(quire_log_close(log));
    check_reading(it->last);
}

/* Two segments had been gone to when a flush of the first failed: what is written again begins in front of both, and
 * the last block of the first did not reach the device. */
TEST(log_superseded_by_no_neighbour)
{
    static const unsigned char torn[512];
    struct log_builder b;

    begin(&b, FIRST - 1);
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

enum remains { WHOLE, BLANK, NO_HEADER, NO_PAYLOAD };

/* In front is segment 1, with 1 to 12; it is the next to be taken away. */
struct failed {
    const char *name;
    enum remains remains; /* of segment 2 */
    uint64_t ahead;       /* records in a segment that had been gone to */
    uint64_t anew;        /* where the log goes on */
    uint64_t bound;       /* trimmed to here, all in front of that goes */
    bool counts;          /* it does not supersede segment 2 */
};

static const struct failed failed[] = {
    {"whole", WHOLE, 0, 13, 13, false},
    {"whole_further_back", WHOLE, 0, FIRST, 13, false},
    {"blank", BLANK, 0, 13, 13, false},
    {"without_its_header", NO_HEADER, 0, 13, 13, false},
    {"further_back", NO_HEADER, 0, 2, 2, false},
    {"without_its_payload", NO_PAYLOAD, 0, 13, 13, false},
    {"not_by_its_neighbour", NO_HEADER, 2, 13, 15, false},
    {"damaged", NO_HEADER, 0, 15, 15, true},
    {"damaged_behind_its_header", NO_PAYLOAD, 0, 15, 15, true},
};

/* The last segment is of one record. */
static uint64_t build_failed(const struct failed *it)
{
    static const unsigned char junk[512] = {1, 2, 3};
    struct log_builder b;

    builder_open(&b, harness_path("log"), 7);
    builder_segment(&b, 1);
    builder_block(&b, 12, 50);
    builder_footer(&b);
    b.durable = it->anew - 1;
    builder_segment(&b, 2);
    uint64_t begin = b.offset;
    builder_block(&b, 2, 50);
    if (it->remains == NO_HEADER || it->remains == NO_PAYLOAD)
        hurt(&b, 2, begin + (it->remains == NO_HEADER ? 0 : 128), junk, sizeof junk / 4);
    if (it->remains == BLANK) {
        static const unsigned char zeros[4096];
        hurt(&b, 2, begin, zeros, sizeof zeros);
    }
    if (it->ahead > 0) {
        builder_segment(&b, 3);
        builder_block(&b, it->ahead, 50);
    }
    b.next_sequence = it->anew;
    b.time += 1000;
    builder_segment(&b, 4);
    builder_block(&b, 14, 50);
    builder_footer(&b);
    builder_segment(&b, 5);
    builder_block(&b, 1, 50);
    uint64_t last = b.next_sequence - 1;
    builder_live(&b, last);
    builder_close(&b);
    return last;
}

static void await_trimmed(quire_log *log, uint64_t segments)
{
    for (int i = 0; i < 20000 && log_stats(log).trimmed < segments; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    CHECK_UINT(log_stats(log).trimmed, segments);
}

/* With the segment in front of it goes what is known to be superseded by that alone. What is damaged stays, and says
 * so. */
TEST_EACH(log_superseded_retired, struct failed, failed)
{
    struct quire_log_options o = small_log(0);
    struct quire_verify_result result = {.size = sizeof result};
    uint64_t last = build_failed(it);

    o.keep_segments = it->ahead > 0 ? 5 : 4;
    quire_log *log = open_log(harness_path("log"), &o);
    CHECK_UINT(log_marks(log).appended, last);
    REQUIRE_OK(quire_log_append(log, "new", 3, NULL));
    REQUIRE_OK(quire_log_sync(log, 0));
    CHECK_OK(quire_log_rotate(log));
    await_trimmed(log, it->counts ? 1 : it->ahead > 0 ? 3 : 2);
    CHECK_INT(file_size(segment_name(harness_path("log"), 1)), -1);
    CHECK_INT(file_size(segment_name(harness_path("log"), 2)) > 0, it->counts);
    REQUIRE_OK(quire_log_close(log));
    if (it->counts)
        CHECK_CODE(quire_verify(harness_path("log"), NULL, &result), QUIRE_E_DAMAGED);
    else
        check_reading_from(it->anew, last + 1);
}

/* Trimmed to where it goes on, all in front goes. */
TEST_EACH(log_superseded_trimmed, struct failed, failed)
{
    uint64_t last = build_failed(it);
    uint64_t gone = 99;

    if (!it->counts) {
        CHECK_OK(quire_trim(harness_path("log"), it->bound - 1, &gone));
        CHECK_UINT(gone, 0);
    }
    CHECK_OK(quire_trim(harness_path("log"), it->bound, &gone));
    CHECK_UINT(gone, it->ahead > 0 ? 3 : 2);
    check_reading_from(it->anew, last);
}

/* The same by whoever has it open. */
TEST_EACH(log_superseded_trimmed_within, struct failed, failed)
{
    struct quire_log_options o = small_log(0);
    uint64_t last = build_failed(it);
    uint64_t gone = 99;

    quire_log *log = open_log(harness_path("log"), &o);
    if (!it->counts) {
        CHECK_OK(quire_log_trim(log, it->bound - 1, &gone));
        CHECK_UINT(gone, 0);
    }
    CHECK_OK(quire_log_trim(log, it->bound, &gone));
    CHECK_UINT(gone, it->ahead > 0 ? 3 : 2);
    REQUIRE_OK(quire_log_close(log));
    check_reading_from(it->anew, last);
}
