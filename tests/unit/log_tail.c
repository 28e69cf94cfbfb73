/* The recovery table of docs/format.md: every row, and a real file for every combination that can occur.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "encode.h"
#include "io/io.h"
#include "log/tail.h"
#include "log_support.h"

/* As the page says it, row by row; -1: either. */
static const struct row {
    int durable, later, header, blank;
    enum quire__tail_verdict verdict;
} rows[] = {
    {1, -1, -1, -1, QUIRE__TAIL_DAMAGED}, {0, 1, -1, -1, QUIRE__TAIL_TORN}, {0, 0, 1, -1, QUIRE__TAIL_TORN},
    {0, 0, 0, 0, QUIRE__TAIL_TORN},       {0, 0, 0, 1, QUIRE__TAIL_END},
};

static bool is_of(const struct row *row, int durable, int later, int header, int blank)
{
    return (row->durable < 0 || row->durable == durable) && (row->later < 0 || row->later == later) &&
           (row->header < 0 || row->header == header) && (row->blank < 0 || row->blank == blank);
}

TEST(tail_table)
{
    for (int i = 0; i < 16; i++) {
        int durable = i >> 3 & 1;
        int later = i >> 2 & 1;
        int header = i >> 1 & 1;
        int blank = i & 1;
        int matches = 0;
        for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
            if (is_of(&rows[r], durable, later, header, blank)) {
                CHECK_INT(quire__tail_judge(durable, later, header, blank), rows[r].verdict);
                matches++;
            }
        CHECK_INT(matches, 1);
    }
}

enum place { HEADER, NOT_NEXT, BLANK, STALE, THE_END, JUNK };

/* Record 1 in a whole block, then the place, where record 2 is expected; then, with later, a whole block of record 3. A
 * place with a header is not blank. */
struct tail_case {
    const char *name;
    enum place place;
    bool later, durable;
    enum quire__tail_verdict verdict;
    uint64_t torn_blocks, torn_pages;
};

static const struct tail_case cases[] = {
    {"header", HEADER, false, false, QUIRE__TAIL_TORN, 1, 1},
    {"not_next", NOT_NEXT, false, false, QUIRE__TAIL_TORN, 1, 1},
    {"blank", BLANK, false, false, QUIRE__TAIL_END, 0, 0},
    {"stale", STALE, false, false, QUIRE__TAIL_END, 0, 0},
    {"the_end", THE_END, false, false, QUIRE__TAIL_END, 0, 0},
    {"junk", JUNK, false, false, QUIRE__TAIL_TORN, 0, 1},
    {"header_later", HEADER, true, false, QUIRE__TAIL_TORN, 2, 2},
    {"blank_later", BLANK, true, false, QUIRE__TAIL_TORN, 1, 2},
    {"stale_later", STALE, true, false, QUIRE__TAIL_TORN, 1, 2},
    {"junk_later", JUNK, true, false, QUIRE__TAIL_TORN, 1, 2},
    {"header_durable", HEADER, false, true, QUIRE__TAIL_DAMAGED, 0, 0},
    {"blank_durable", BLANK, false, true, QUIRE__TAIL_DAMAGED, 0, 0},
    {"the_end_durable", THE_END, false, true, QUIRE__TAIL_DAMAGED, 0, 0},
    {"junk_durable", JUNK, false, true, QUIRE__TAIL_DAMAGED, 0, 0},
    {"header_later_durable", HEADER, true, true, QUIRE__TAIL_DAMAGED, 0, 0},
    {"blank_later_durable", BLANK, true, true, QUIRE__TAIL_DAMAGED, 0, 0},
    {"junk_later_durable", JUNK, true, true, QUIRE__TAIL_DAMAGED, 0, 0},
};

static struct encoding e;

static void add_block(uint64_t sequence, uint64_t durable)
{
    struct encoded_payload payload = {0};

    encode_record(&payload, "bytes", 5, false, 0, false);
    encode_block(&e,
                 &(struct encoded_block){.type = 1,
                                         .records = 1,
                                         .first_sequence = sequence,
                                         .first_time = sequence,
                                         .last_time = sequence,
                                         .durable = durable},
                 &payload);
}

static void add_place(enum place place)
{
    uint64_t at = e.length;
    uint64_t epoch = e.epoch;

    switch (place) {
    case HEADER:
        add_block(2, 0);
        e.bytes[at + 300] = 1;
        break;
    case NOT_NEXT:
        add_block(7, 0);
        break;
    case STALE:
        e.epoch = 1;
        add_block(2, 0);
        e.epoch = epoch;
        break;
    case BLANK:
    case JUNK:
        memset(e.bytes + at, place == JUNK ? 'x' : 0, PAGE);
        e.length += PAGE;
        break;
    case THE_END:
        break;
    }
}

/* The mark is in live.quire, or where there is a later block, in that. */
static void put_files(const struct tail_case *it, const char *directory)
{
    unsigned char live[ENCODED_LIVE];
    char path[512];

    e = (struct encoding){.version = 1, .number = 1, .epoch = 99, .created = 5, .segment_bytes = 1 << 20};
    memcpy(e.log_id, "sixteen bytes id", 16);
    encode_segment(&e);
    add_block(1, 0);
    add_place(it->place);
    if (it->later)
        add_block(3, it->durable ? 2 : 1);
    REQUIRE(mkdir(directory, 0700) == 0);
    write_file(segment_name(directory, 1), e.bytes, e.length);
    if (it->durable && !it->later) {
        encode_live(&e, 2, 2, live);
        snprintf(path, sizeof path, "%s/live.quire", directory);
        write_file(path, live, sizeof live);
    }
}

/* The four questions have the answers that the case is named for. */
static void check_answers(const struct tail_case *it, const char *directory)
{
    struct quire__io *io = quire__io_system();
    struct quire__segment_header header;
    struct quire__tail tail;
    uint64_t bytes;
    int file;

    REQUIRE_OK(quire__segment_open(io, directory, 1, NULL, &file, &header, &bytes));
    CHECK_OK(quire__tail_read(io, file, &header.identity, bytes, &tail));
    io->ops->close(io, file);
    CHECK_UINT(tail.end, 2 * PAGE);
    CHECK_UINT(tail.sums.blocks, 1);
    CHECK_UINT(tail.next_sequence, 2);
    CHECK_INT(tail.header, it->place == HEADER || it->place == NOT_NEXT);
    CHECK_INT(tail.blank, it->place == BLANK || it->place == STALE || it->place == THE_END);
    CHECK_INT(tail.later, it->later);
    CHECK_UINT(tail.last_seen, it->later ? 3 : 1);
    CHECK_UINT(tail.mark, it->later ? (it->durable ? 2 : 1) : 0);
}

/* Nothing is changed, and the place is named. */
static void check_damaged(const char *directory)
{
    struct quire_damage damage = {0};
    struct quire_log_options o = small_log(0);
    struct bytes before = read_file(segment_name(directory, 1));
    quire_log *log = NULL;

    o.damage = &damage;
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_DAMAGED);
    CHECK_UINT(damage.segment, 1);
    CHECK_UINT(damage.block, 1);
    CHECK_UINT(damage.offset, 2 * PAGE);
    CHECK_UINT(damage.first_sequence, 2);
    CHECK_FILE(segment_name(directory, 1), &before);
    bytes_free(&before);
}

/* What goes is kept aside, and the log goes on behind record 1. */
static void check_goes_on(const struct tail_case *it, const char *directory)
{
    struct quire_recovery recovery = {.size = sizeof recovery};
    struct quire_log_options o = small_log(0);
    uint64_t records, lost, last;
    uint64_t sequence = 0;
    char torn[512];

    struct bytes before = read_file(segment_name(directory, 1));
    o.recovery = &recovery;
    quire_log *log = open_log(directory, &o);
    CHECK_UINT(recovery.last_sequence, 1);
    CHECK_UINT(recovery.segment, 1);
    CHECK_UINT(recovery.offset, 2 * PAGE);
    CHECK_UINT(recovery.torn_blocks, it->torn_blocks);
    CHECK_UINT(recovery.torn_bytes, it->torn_pages * PAGE);
    snprintf(torn, sizeof torn, "%s/%016d-%d.torn", directory, 1, 2 * PAGE);
    CHECK_INT(file_size(torn), it->verdict == QUIRE__TAIL_TORN ? (int64_t)it->torn_pages * PAGE : -1);
    if (it->verdict == QUIRE__TAIL_TORN) {
        struct bytes kept = {.data = before.data + 2 * PAGE, .length = it->torn_pages * PAGE};
        CHECK_FILE(torn, &kept);
    }
    bytes_free(&before);
    REQUIRE_OK(quire_log_append(log, "more", 4, &sequence));
    CHECK_UINT(sequence, 2);
    REQUIRE_OK(quire_log_close(log));
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, 2);
    CHECK_UINT(lost, 0);
    CHECK_UINT(last, 2);
}

TEST_EACH(tail_file, struct tail_case, cases)
{
    const char *directory = harness_path("log");

    put_files(it, directory);
    check_answers(it, directory);
    CHECK_INT(quire__tail_judge(it->durable, it->later, it->place == HEADER || it->place == NOT_NEXT,
                                it->place == BLANK || it->place == STALE || it->place == THE_END),
              it->verdict);
    if (it->verdict == QUIRE__TAIL_DAMAGED)
        check_damaged(directory);
    else
        check_goes_on(it, directory);
}

/* Later is also a block in a later segment. */
TEST(tail_later_segment)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {.size = sizeof recovery};
    struct quire_log_options o = small_log(0);
    struct tail_case it = cases[2];

    put_files(&it, directory);
    e.number = 2;
    e.epoch = 100;
    encode_segment(&e);
    memset(e.bytes + e.length, 0, PAGE);
    e.length += PAGE;
    add_block(3, 0);
    write_file(segment_name(directory, 2), e.bytes, e.length);
    o.recovery = &recovery;
    quire_log *log = open_log(directory, &o);
    CHECK_UINT(recovery.last_sequence, 1);
    CHECK_UINT(recovery.torn_blocks, 1);
    REQUIRE_OK(quire_log_append(log, "more", 4, NULL));
    REQUIRE_OK(quire_log_close(log));
    uint64_t records, lost, last;
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(last, 2);
}
