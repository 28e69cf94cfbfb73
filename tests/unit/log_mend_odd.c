/* Mending what is seldom met: a log whose beginning was trimmed, footers that do not fit, a caller who stops, and cutting
 * where something is broken or missing.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <quire/check.h>

#include "log_builder.h"

enum { SEGMENTS = 4, BLOCKS = 5, EACH = 4, ALL = SEGMENTS * BLOCKS * EACH };

/* Segments from first on, each of BLOCKS blocks of EACH records and a footer, which the last has not. */
static void build(struct log_builder *b, uint64_t first)
{
    builder_open(b, harness_path("log"), 3);
    b->next_sequence = 1 + (first - 1) * BLOCKS * EACH;
    for (uint64_t number = first; number <= SEGMENTS; number++) {
        builder_segment(b, number);
        for (int i = 0; i < BLOCKS; i++)
            builder_block(b, EACH, 50);
        if (number < SEGMENTS)
            builder_footer(b);
    }
}

static const struct built_block *block_of(const struct log_builder *b, uint64_t segment, uint64_t index)
{
    for (uint64_t i = 0; i < b->block_count; i++)
        if (b->blocks[i].segment == segment && b->blocks[i].number == index)
            return &b->blocks[i];
    harness_abandon();
}

static void break_header(const struct log_builder *b, uint64_t segment, uint64_t index)
{
    flip(b, segment, block_of(b, segment, index)->offset + 20, 1);
}

static int verify(const struct log_builder *b)
{
    struct quire_verify_result result = {.size = sizeof result};

    return quire_verify(b->directory, NULL, &result);
}

struct left {
    uint64_t first, next, records;
};

/* What can be read is right, and from its first record to its end nothing is missing that is not declared. */
static struct left read_left(const struct log_builder *b)
{
    struct quire_record record;
    struct left left = {0};
    int rc;
    quire_reader *reader = open_reader(b->directory, 0, NULL);

    while ((rc = quire_reader_next(reader, &record)) > 0) {
        if (left.next == 0)
            left.first = left.next = record.sequence;
        REQUIRE_UINT(record.sequence, left.next);
        left.next += record.kind == QUIRE_RECORD_GAP ? record.lost : 1;
        left.records += record.kind == QUIRE_RECORD_DATA;
        CHECK(record.kind == QUIRE_RECORD_GAP || is_right(b, &record));
    }
    CHECK_CODE(rc, 0);
    REQUIRE_OK(quire_reader_close(reader));
    return left;
}

/* ---- a log that was trimmed: nothing says where it began ---- */

struct wound {
    const char *name;
    void (*make)(const struct log_builder *b);
    uint64_t lost; /* records that are given up, at the most */
};

static void first_block(const struct log_builder *b)
{
    break_header(b, 2, 0);
}

static void whole_first_segment(const struct log_builder *b)
{
    for (uint64_t i = 0; i <= BLOCKS; i++)
        break_header(b, 2, i);
}

static void first_header(const struct log_builder *b)
{
    flip(b, 2, 40, 1);
}

static void first_header_and_next_block(const struct log_builder *b)
{
    first_header(b);
    break_header(b, 3, 0);
}

static void first_segment_and_next_block(const struct log_builder *b)
{
    whole_first_segment(b);
    break_header(b, 3, 0);
}

static void first_segment_and_missing(const struct log_builder *b)
{
    whole_first_segment(b);
    REQUIRE_INT(unlink(segment_path(b, 3)), 0);
    break_header(b, 4, 0);
}

static void end_of_first(const struct log_builder *b)
{
    REQUIRE_INT(truncate(segment_path(b, 2), (off_t)block_of(b, 2, 3)->offset), 0);
}

static const struct wound wounds[] = {
    {"first_block", first_block, EACH},
    {"whole_first_segment", whole_first_segment, BLOCKS *EACH},
    {"first_header", first_header, BLOCKS *EACH},
    {"first_header_and_next_block", first_header_and_next_block, (BLOCKS + 1) * EACH},
    {"first_segment_and_next_block", first_segment_and_next_block, (BLOCKS + 1) * EACH},
    {"first_segment_and_missing", first_segment_and_missing, (2 * BLOCKS + 1) * EACH},
    {"end_of_first", end_of_first, 2 * EACH},
};

TEST_EACH(mend_trimmed, struct wound, wounds)
{
    struct log_builder b;
    uint64_t planned = 0;
    uint64_t steps = 0;

    build(&b, 2);
    REQUIRE_OK(verify(&b));
    it->make(&b);
    CHECK_CODE(verify(&b), QUIRE_E_DAMAGED);
    CHECK_OK(quire_repair(b.directory, 0, NULL, NULL, &planned));
    CHECK(planned > 0);
    CHECK_CODE(verify(&b), QUIRE_E_DAMAGED);
    CHECK_OK(quire_repair(b.directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, planned);
    CHECK_OK(verify(&b));
    CHECK_OK(quire_repair(b.directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, 0);
    struct left left = read_left(&b);
    CHECK(left.first > BLOCKS * EACH);
    CHECK_UINT(left.next, ALL + 1);
    CHECK(left.records + it->lost >= (SEGMENTS - 1) * BLOCKS * EACH);
    builder_close(&b);
}

static void clear(const struct log_builder *b)
{
    char command[4200];

    snprintf(command, sizeof command, "rm -rf '%s'", b->directory);
    REQUIRE_INT(system(command), 0);
}

/* One wound of any kind, anywhere. */
static void wound_anywhere(const struct log_builder *b)
{
    const struct built_block *block = &b->blocks[harness_below(b->block_count)];
    const char *path = segment_path(b, block->segment);

    if (file_size(path) < (int64_t)(block->offset + block->bytes))
        return; /* it was taken before */
    switch (harness_below(6)) {
    case 0:
        flip(b, block->segment, 40, 1);
        break;
    case 1:
        REQUIRE_INT(unlink(path), 0);
        break;
    case 2:
        REQUIRE_INT(truncate(path, (off_t)(block->offset + harness_below(block->bytes))), 0);
        break;
    case 3:
        flip(b, block->segment, block->offset + 200, 1);
        break;
    default:
        flip(b, block->segment, block->offset + 20, 1);
    }
}

/* Whatever is hurt, from wherever the log begins: after one repair it is whole, and a second finds nothing. */
TEST(mend_anything)
{
    for (int turn = 0; turn < 60; turn++) {
        struct log_builder b;
        uint64_t steps = 0;
        uint64_t first = 1 + harness_below(SEGMENTS - 1);

        build(&b, first);
        for (uint64_t n = 1 + harness_below(6); n > 0; n--)
            wound_anywhere(&b);
        int rc = quire_repair(b.directory, 1, NULL, NULL, &steps);
        if (rc == QUIRE_E_NOT_A_LOG || rc == QUIRE_E_DAMAGED) {
            /* Nothing is left that could be read. */
            CHECK(verify(&b) != 0);
        } else {
            CHECK_OK(rc);
            CHECK_OK(verify(&b));
            CHECK_OK(quire_repair(b.directory, 1, NULL, NULL, &steps));
            CHECK_UINT(steps, 0);
            read_left(&b);
        }
        builder_close(&b);
        clear(&b);
    }
}

/* ---- a caller who stops ---- */

struct stop {
    uint64_t seen, at;
    int code;
};

static int see_until(void *context, const struct quire_repair_step *step)
{
    struct stop *stop = context;

    CHECK(step->kind >= QUIRE_REPAIR_CUT_TAIL && step->kind <= QUIRE_REPAIR_RENEW_FOOTER);
    return ++stop->seen == stop->at ? stop->code : 0;
}

/* One of each kind of step. */
static void wound_everywhere(const struct log_builder *b)
{
    static const char junk[700] = {0x5a};

    break_header(b, 1, 2);
    REQUIRE_INT(unlink(segment_path(b, 3)), 0);
    flip(b, 2, 40, 1);
    overwrite(segment_path(b, SEGMENTS), (uint64_t)file_size(segment_path(b, SEGMENTS)), junk, sizeof junk);
}

TEST(mend_stopped)
{
    struct log_builder b;
    struct stop all = {0};
    uint64_t steps = 77;

    build(&b, 1);
    wound_everywhere(&b);
    REQUIRE_OK(quire_repair(b.directory, 0, see_until, &all, NULL));
    REQUIRE(all.seen > 3);
    for (uint64_t at = 1; at <= all.seen; at++)
        for (int code = -EPERM; code <= 1; code += 1 + EPERM) {
            struct stop stop = {.at = at, .code = code};
            CHECK_CODE(quire_repair(b.directory, 0, see_until, &stop, &steps), code < 0 ? code : -ECANCELED);
            CHECK_UINT(stop.seen, at);
            CHECK_UINT(steps, 77);
        }
    /* Two at a time, for a segment that is taken out and declared lost goes with one rename, it comes to the same end. */
    int rc = -ECANCELED;
    for (uint64_t i = 0; i < all.seen && rc == -ECANCELED; i++)
        rc = quire_repair(b.directory, 1, see_until, &(struct stop){.at = 3, .code = 1}, NULL);
    CHECK_OK(rc);
    CHECK_OK(quire_repair(b.directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, 0);
    CHECK_OK(verify(&b));
    CHECK_UINT(read_left(&b).next, ALL + 1);
    builder_close(&b);
}

/* ---- footers that do not fit ---- */

struct lie {
    const char *name;
    struct quire__disk_footer by; /* how much is added to what is right */
};

static const struct lie lies[] = {
    {"blocks", {.blocks = 1}}, {"records", {.records = 1}}, {"lost", {.lost = 1}}, {"checksum", {.checksum = 1}}};

TEST_EACH(mend_footer, struct lie, lies)
{
    struct log_builder b;
    struct stop stop = {.at = 1, .code = 1};
    uint64_t steps = 0;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, EACH, 50);
    builder_gap(&b, 2, QUIRE_GAP_DROPPED);
    b.footer.blocks += it->by.blocks;
    b.footer.records += it->by.records;
    b.footer.lost += it->by.lost;
    b.footer.checksum += it->by.checksum;
    builder_footer(&b);
    builder_segment(&b, 2);
    builder_block(&b, EACH, 50);
    CHECK_CODE(verify(&b), QUIRE_E_DAMAGED);
    CHECK_CODE(quire_repair(b.directory, 1, see_until, &stop, NULL), -ECANCELED);
    CHECK_CODE(verify(&b), QUIRE_E_DAMAGED);
    CHECK_OK(quire_repair(b.directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, 1);
    CHECK_OK(verify(&b));
    CHECK_UINT(read_left(&b).records, 2 * EACH);
    builder_close(&b);
}

/* ---- cutting near what is broken, or not there ---- */

static void check_cut(const struct log_builder *b, uint64_t sequence, int code)
{
    uint64_t records = 77;

    CHECK_CODE(quire_truncate(b->directory, sequence, &records), code);
    CHECK_UINT(records, 77);
}

/* The block that would have to be cut, or one in front of it in its segment. */
TEST(cut_in_a_broken_block)
{
    struct log_builder b;
    const uint64_t in_second = BLOCKS * EACH;

    build(&b, 1);
    flip(&b, 2, block_of(&b, 2, 2)->offset + 200, 1);
    check_cut(&b, in_second + 2 * EACH + 2, QUIRE_E_DAMAGED);
    check_cut(&b, in_second + 4 * EACH + 2, QUIRE_E_DAMAGED);
    CHECK_OK(quire_truncate(b.directory, in_second + EACH + 1, NULL));
    CHECK_OK(verify(&b));
    CHECK_UINT(read_left(&b).next, in_second + EACH + 2);
    builder_close(&b);
}

/* Torn, or broken: the records in front of it are whole, and it goes with what lies behind it. */
TEST(cut_right_before_what_is_broken)
{
    const struct {
        uint64_t segment, index;
    } places[] = {{4, 2}, {3, 0}, {2, BLOCKS - 1}, {1, 0}};
    struct log_builder b;

    build(&b, 1);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint64_t left = (places[i].segment - 1) * BLOCKS * EACH + places[i].index * EACH;
        flip(&b, places[i].segment, block_of(&b, places[i].segment, places[i].index)->offset + 200, 1);
        check_cut(&b, left + 1, QUIRE_E_DAMAGED);
        CHECK_OK(quire_truncate(b.directory, left, NULL));
        CHECK_OK(verify(&b));
        CHECK_UINT(read_left(&b).records, left);
    }
    builder_close(&b);
}

/* Of the records from FROM on each segment holds fewer, as truncates leave it that were not done; the last one counts. What
 * is cut off is not what the one before it holds. */
TEST(cut_what_was_cut_before)
{
    enum { FROM = EACH + 1 };
    struct log_builder b;

    for (uint64_t left = 0; left <= FROM; left++) {
        char name[16];
        snprintf(name, sizeof name, "log%" PRIu64, left);
        builder_open(&b, harness_path(name), 3);
        builder_segment(&b, 1);
        builder_block(&b, EACH, 50);
        for (uint64_t number = 2; number <= 4; number++) {
            builder_block(&b, 8 - number, 50);
            builder_segment(&b, number);
            b.next_sequence = FROM;
        }
        builder_segment(&b, 5);
        builder_block(&b, 2, 50);
        REQUIRE_UINT(read_left(&b).records, EACH + 2);
        CHECK_OK(quire_truncate(b.directory, left, NULL));
        CHECK_OK(verify(&b));
        CHECK_UINT(read_left(&b).records, left);
        builder_close(&b);
    }
}

/* Where the first block of a segment is broken, what lies behind it is damaged, and neither trimmed nor never there. */
TEST(cut_behind_a_broken_beginning)
{
    struct log_builder b;

    build(&b, 1);
    break_header(&b, 1, 0);
    check_cut(&b, EACH + 2, QUIRE_E_DAMAGED);
    break_header(&b, 3, 0);
    check_cut(&b, 2 * BLOCKS * EACH + 2 * EACH, QUIRE_E_DAMAGED);
    CHECK_OK(quire_truncate(b.directory, BLOCKS * EACH + 1, NULL));
    builder_close(&b);
}

/* Sequences that no block has: behind the end of a segment that lost its own, and behind a footer. */
TEST(cut_where_nothing_is)
{
    struct log_builder b;

    build(&b, 1);
    end_of_first(&b);
    check_cut(&b, BLOCKS * EACH + 3 * EACH + 1, QUIRE_E_RANGE);
    /* Right in front of what is lost it is cut, and what lies behind goes. */
    CHECK_OK(quire_truncate(b.directory, BLOCKS * EACH + 3 * EACH, NULL));
    CHECK_OK(verify(&b));
    CHECK_UINT(read_left(&b).records, BLOCKS * EACH + 3 * EACH);
    CHECK_OK(quire_truncate(b.directory, BLOCKS * EACH + EACH, NULL));
    builder_close(&b);

    builder_open(&b, harness_path("other"), 4);
    builder_segment(&b, 1);
    builder_block(&b, EACH, 50);
    builder_footer(&b);
    b.next_sequence += 10;
    builder_segment(&b, 2);
    builder_block(&b, EACH, 50);
    check_cut(&b, EACH + 5, QUIRE_E_RANGE);
    builder_close(&b);
}

/* The front of a log that was trimmed: its last record there stays, and what is gone is not cut. */
TEST(cut_to_the_front)
{
    struct log_builder b;

    build(&b, 2);
    check_cut(&b, BLOCKS * EACH, QUIRE_E_TRIMMED);
    check_cut(&b, 0, QUIRE_E_TRIMMED);
    CHECK_OK(quire_truncate(b.directory, BLOCKS * EACH + 1, NULL));
    struct left left = read_left(&b);
    CHECK_UINT(left.first, BLOCKS * EACH + 1);
    CHECK_UINT(left.records, 1);
    builder_close(&b);
}
