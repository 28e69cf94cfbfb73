/* Files that were made to do harm: every checksum is right, and what they cover is not. A reader gives an error or records,
 * within bounds, and comes to an end.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <quire/check.h>

#include "base/crc32c.h"
#include "log_builder.h"
#include "reader/reader.h"
#include "sanitizers.h"

enum { PAGES_MOST = 40, STEPS_MOST = 200000 };

static uint64_t odd_number(void)
{
    static const uint64_t odd[] = {0,
                                   1,
                                   2,
                                   3,
                                   5,
                                   96,
                                   4000,
                                   4096,
                                   4097,
                                   UINT32_MAX,
                                   INT64_MAX,
                                   UINT64_MAX,
                                   1u << 30,
                                   UINT64_MAX - 1,
                                   UINT64_MAX - 4095,
                                   1ull << 40,
                                   1ull << 52};

    switch (harness_below(3)) {
    case 0:
        return odd[harness_below(sizeof odd / sizeof odd[0])];
    case 1:
        return harness_below(64);
    default:
        return harness_random() >> harness_below(64);
    }
}

/* Records as a hostile writer would lay them out: mostly right. */
static uint64_t fill_records(unsigned char *payload, uint64_t room, uint64_t *records)
{
    uint64_t at = 0;

    for (*records = 0; room - at > 8; ++*records) {
        uint64_t length = harness_below(quire__min(room - at - 4, 400));
        uint32_t word = (uint32_t)length + 1;
        if (harness_below(30) == 0)
            word = (uint32_t)odd_number();
        if (harness_below(10) == 0)
            word |= QUIRE__RECORD_VOID;
        memcpy(payload + at, &word, sizeof word);
        at += 4 + length;
        if (harness_below(12) == 0) {
            ++*records;
            break;
        }
    }
    return at;
}

static void spoil(struct quire__disk_block *h)
{
    switch (harness_below(12)) {
    case 0:
        h->pages = (uint32_t)odd_number();
        break;
    case 1:
        h->records = odd_number();
        break;
    case 2:
        h->stored_bytes = odd_number();
        break;
    case 3:
        h->payload_bytes = odd_number();
        break;
    case 4:
        h->first_sequence = odd_number();
        break;
    case 5:
        h->previous_pages = (uint32_t)odd_number();
        break;
    case 6:
        h->codec = (uint8_t)harness_below(4);
        break;
    case 7:
        h->type = (uint8_t)harness_below(5);
        break;
    case 8:
        h->durable = odd_number();
        break;
    case 9:
        h->first_time = odd_number();
        break;
    case 10:
        h->stored_bytes = h->payload_bytes = odd_number();
        h->pages = (uint32_t)quire__block_pages(h->stored_bytes & 0xFFFFFFFFFFFF);
        break;
    default:
        h->flags = (uint16_t)harness_below(3);
        break;
    }
}

/* A block at a page of the file; gives the pages it says it has, within the file. */
static uint64_t put_block(unsigned char *file, uint64_t page, uint64_t pages, uint64_t *sequence,
                          const struct quire__identity *identity)
{
    unsigned char *memory = file + page * PAGE;
    uint64_t mine = 1 + harness_below(quire__min(4, pages - page));
    struct quire__disk_block h = {.type = QUIRE__BLOCK_DATA, .first_sequence = *sequence, .previous_pages = 1};

    h.payload_bytes = h.stored_bytes =
        fill_records(memory + QUIRE__BLOCK_HEADER, mine * PAGE - QUIRE__BLOCK_HEADER, &h.records);
    h.pages = (uint32_t)quire__block_pages(h.stored_bytes);
    if (harness_below(10) == 0) {
        h.type = harness_below(2) ? QUIRE__BLOCK_GAP : QUIRE__BLOCK_FOOTER;
        h.records = h.type == QUIRE__BLOCK_GAP ? 1 + odd_number() : 0;
        h.payload_bytes = h.stored_bytes = h.type == QUIRE__BLOCK_GAP ? 16 : 128;
        h.pages = 1;
    }
    *sequence += quire__min(h.records, UINT64_MAX - 2 - *sequence);
    if (harness_below(4) == 0)
        spoil(&h);
    uint64_t covered = quire__min(quire__block_bytes(&h), (pages - page) * PAGE);
    if (covered > QUIRE__BLOCK_HEADER && harness_below(8) != 0)
        h.payload_checksum = quire__crc32c(0, memory + QUIRE__BLOCK_HEADER, covered - QUIRE__BLOCK_HEADER);
    quire__block_seal(&h, identity, page * PAGE, memory);
    return quire__max(1, quire__min(mine, h.pages));
}

static void make_segment(struct log_builder *b, uint64_t number, uint64_t *sequence)
{
    uint64_t pages = 1 + harness_below(PAGES_MOST);
    unsigned char *file = calloc(pages + 1, PAGE);

    REQUIRE(file);
    b->header.number = harness_below(20) ? number : odd_number();
    b->header.identity.epoch++;
    quire__segment_encode(&b->header, file);
    if (harness_below(6) == 0)
        *sequence = 1 + harness_below(*sequence);
    for (uint64_t page = 1; page < pages;) {
        switch (harness_below(12)) {
        case 0:
            page++;
            break;
        case 1:
            fill(file + page * PAGE, PAGE, harness_random());
            page++;
            break;
        default:
            page += put_block(file, page, pages, sequence, &b->header.identity);
            break;
        }
    }
    if (harness_below(30) == 0)
        file[harness_below(PAGE)] ^= 1;
    write_file(segment_path(b, number), file, pages * PAGE - (harness_below(5) ? 0 : harness_below(PAGE)));
    free(file);
}

static void read_everywhere(const char *directory, uint32_t flags)
{
    struct quire_damage damage = {0};
    struct quire_reader_options options = {.size = sizeof options, .flags = flags, .damage = &damage};
    struct quire_record record;
    struct quire_watermarks marks;
    struct quire_cursor cursor;
    quire_reader *reader;
    volatile unsigned char sum = 0;

    if (harness_below(2))
        options.block_most = (uint64_t)PAGE << harness_below(4);
    if (quire_reader_open(directory, &options, &reader) < 0)
        return;
    for (int way = 0; way < 8; way++) {
        int steps = 0;
        int rc = 1;
        for (; rc != 0 && steps < STEPS_MOST; steps++) {
            rc = way % 2 ? quire_reader_previous(reader, &record) : quire_reader_next(reader, &record);
            if (rc > 0 && record.length > 0)
                sum = (unsigned char)(sum + ((const unsigned char *)record.data)[0] +
                                      ((const unsigned char *)record.data)[record.length - 1]);
            if (rc < 0 && quire_reader_skip(reader) < 0)
                break;
        }
        CHECK(steps < STEPS_MOST);
        quire_reader_tell(reader, &cursor);
        quire_reader_watermarks(reader, &marks);
        switch (harness_below(5)) {
        case 0:
            quire_reader_seek_sequence(reader, harness_below(2) ? harness_below(400) : odd_number());
            break;
        case 1:
            quire_reader_seek_time(reader, odd_number());
            break;
        case 2:
            quire_reader_seek_end(reader);
            break;
        case 3:
            quire_reader_resume(reader, &cursor);
            break;
        default:
            quire_reader_seek_begin(reader);
            break;
        }
    }
    REQUIRE_OK(quire_reader_close(reader));
}

static int see(void *context, uint32_t thread, const struct quire_record *record)
{
    (void)context;
    (void)thread;
    return record->length == UINT64_MAX;
}

TEST(hostile_files)
{
    struct log_builder b;
    builder_open(&b, harness_path("log"), 13);

    for (int turn = 0; turn < (SANITIZED ? 200 : 1500); turn++) {
        uint64_t sequence = 1 + harness_below(3);
        uint64_t segments = 1 + harness_below(5);
        for (uint64_t number = 1; number <= segments; number++)
            if (harness_below(10))
                make_segment(&b, number, &sequence);
        if (harness_below(3) == 0) {
            b.next_sequence = 1 + harness_below(300);
            b.header.number = harness_below(6);
            b.offset = harness_below(40) * PAGE;
            builder_live(&b, harness_below(2) ? odd_number() : harness_below(300));
        }
        read_everywhere(b.directory, (uint32_t)harness_below(4));
        struct quire_verify_options options = {.size = sizeof options, .threads = 1 + (uint32_t)harness_below(3)};
        struct quire_verify_result result = {.size = sizeof result};
        struct quire_log_info info = {.size = sizeof info};
        quire_verify(b.directory, &options, &result);
        quire_inspect(b.directory, NULL, NULL, &info);
        quire_scan(b.directory, NULL, 2, see, NULL);
        for (uint64_t number = 1; number <= 5; number++)
            unlink(segment_path(&b, number));
        unlink(harness_path("log/live.quire"));
    }
    builder_close(&b);
}

/* Many headers that are whole, and blocks that are not: looked at once each. */
TEST(hostile_is_linear)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};
    enum { PAGES = 16384 };
    unsigned char *file = calloc(PAGES, PAGE);

    REQUIRE(file);
    builder_open(&b, harness_path("log"), 13);
    b.header.number = 1;
    quire__segment_encode(&b.header, file);
    for (uint64_t page = 1; page < PAGES; page++) {
        struct quire__disk_block h = {.type = QUIRE__BLOCK_DATA, .records = 1, .first_sequence = page};
        h.pages = (uint32_t)(PAGES - page);
        h.stored_bytes = h.payload_bytes = quire__block_bytes(&h) - QUIRE__BLOCK_HEADER;
        quire__block_seal(&h, &b.header.identity, page * PAGE, file + page * PAGE);
    }
    write_file(segment_path(&b, 1), file, (uint64_t)PAGES * PAGE);
    free(file);
    quire_verify(b.directory, NULL, &result);
    read_everywhere(b.directory, 0);
    read_everywhere(b.directory, QUIRE_READ_GAPS);
    builder_close(&b);
}

/* The system, but what is opened is counted, and one of these is refused. */
static uint64_t opened, refused;

static int open_counted(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    (void)io;
    if (++opened == refused)
        return -EMFILE;
    return quire__io_system()->ops->open(quire__io_system(), path, how, mode, file);
}

static struct quire__io_ops counted_ops;
static struct quire__io counted = {.ops = &counted_ops};

/* Segments of three records each, of which only the first can be opened. */
static quire_reader *open_row(struct log_builder *b, const char *path, uint64_t segments)
{
    quire_reader *reader = NULL;

    counted_ops = *quire__io_system()->ops;
    counted_ops.open = open_counted;
    builder_open(b, path, 17);
    for (uint64_t number = 1; number <= segments; number++) {
        builder_segment(b, number);
        builder_block(b, 3, 20);
        builder_footer(b);
        if (number > 1)
            flip(b, number, 40, 1);
    }
    opened = refused = 0;
    REQUIRE_OK(quire__reader_open_on(&counted, b->directory, NULL, &reader));
    return reader;
}

/* What is told until there is no more, or so many segments were told of. */
struct told {
    uint64_t records, segments, refusals;
};

static void read_row(quire_reader *reader, uint64_t segments, struct told *told)
{
    struct quire_record record;
    int rc = 1;

    while (rc != 0 && told->segments < segments) {
        rc = quire_reader_next(reader, &record);
        told->records += rc > 0;
        told->refusals += rc == -EMFILE;
        told->segments += rc < 0 && rc != -EMFILE;
        if (rc < 0 && rc != -EMFILE)
            REQUIRE_OK(quire_reader_skip(reader));
    }
}

static uint64_t opened_for(const char *name, uint64_t segments)
{
    struct log_builder b;
    struct told told = {0};
    quire_reader *reader = open_row(&b, harness_path(name), segments + 1);

    read_row(reader, UINT64_MAX, &told);
    CHECK_UINT(told.records, 3);
    CHECK_UINT(told.segments, segments);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
    return opened;
}

/* Segments in a row that cannot be opened: each is told of, and they are not all tried again for it. */
TEST(hostile_row)
{
    uint64_t some = opened_for("some", 200);
    uint64_t more = opened_for("more", 800);

    if (more > 5 * some)
        FAIL("%" PRIu64 " files opened for 200, %" PRIu64 " for 800", some, more);
}

/* One that was not tried for some time can be read by now, and is read; wherever there is no handle for it, once. */
TEST(hostile_row_mended)
{
    enum { SEGMENTS = 40, FIRST = 19, MENDED = 23 };
    const char *path = harness_path("log");
    uint64_t last = UINT64_MAX;

    for (uint64_t refuse = 0; refuse <= last; refuse++) {
        struct log_builder b;
        struct told told = {0};
        quire_reader *reader = open_row(&b, path, SEGMENTS);
        read_row(reader, FIRST, &told);
        flip(&b, MENDED, 40, 1);
        uint64_t before = opened;
        refused = refuse > 0 ? before + refuse : 0;
        read_row(reader, UINT64_MAX, &told);
        last = refuse > 0 ? last : opened - before;
        CHECK_UINT(told.records, 6);
        /* All but two, and what is missing in front of the one that was mended. */
        CHECK_UINT(told.segments, SEGMENTS - 2 + 1);
        CHECK(told.refusals <= 1);
        REQUIRE_OK(quire_reader_close(reader));
        for (uint64_t number = 1; number <= SEGMENTS; number++)
            REQUIRE_INT(unlink(segment_path(&b, number)), 0);
        REQUIRE_INT(rmdir(path), 0);
        builder_close(&b);
    }
}
