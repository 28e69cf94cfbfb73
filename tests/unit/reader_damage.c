/* Damage: it is found, named, and costs no more than it must; nothing wrong is ever given.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "log_builder.h"
#include "reader/reader.h"

enum { SEEN_MOST = 4096 };

/* What came out of a log: which sequences, and how many were declared lost by damage. */
struct outcome {
    bool seen[SEEN_MOST];
    uint64_t records, lost, obstacles;
    struct quire_damage first;
};

static void note(const struct log_builder *b, struct outcome *out, const struct quire_record *record)
{
    if (record->kind == QUIRE_RECORD_GAP && record->reason == QUIRE_GAP_DAMAGE) {
        out->lost += record->lost;
        return;
    }
    REQUIRE(record->sequence < SEEN_MOST);
    REQUIRE(is_right(b, record));
    REQUIRE(!out->seen[record->sequence]);
    out->seen[record->sequence] = true;
    out->records++;
}

static void note_obstacle(struct outcome *out, const struct quire_damage *damage, int rc)
{
    CHECK_CODE(damage->code, rc);
    if (out->obstacles++ == 0)
        out->first = *damage;
    if (damage->first_sequence != 0)
        out->lost += damage->last_sequence - damage->first_sequence + 1;
    REQUIRE(out->obstacles < 1000);
}

/* Reads all of it, passing over what is damaged. */
static struct outcome read_all(const struct log_builder *b, uint32_t flags, bool forwards)
{
    struct outcome out = {0};
    struct quire_damage damage;
    struct quire_record record;
    uint64_t last = forwards ? 0 : UINT64_MAX;
    quire_reader *reader = open_reader(b->directory, flags, &damage);
    int rc = forwards ? 0 : quire_reader_seek_end(reader);

    REQUIRE_OK(rc);
    while ((rc = forwards ? quire_reader_next(reader, &record) : quire_reader_previous(reader, &record)) != 0) {
        if (rc > 0) {
            REQUIRE(forwards ? record.sequence >= last : record.sequence <= last);
            last = record.sequence;
            note(b, &out, &record);
            continue;
        }
        CHECK(!(flags & QUIRE_READ_GAPS));
        note_obstacle(&out, &damage, rc);
        /* Asking again gives the same. */
        REQUIRE_CODE(forwards ? quire_reader_next(reader, &record) : quire_reader_previous(reader, &record), rc);
        REQUIRE_OK(quire_reader_skip(reader));
    }
    REQUIRE_OK(quire_reader_close(reader));
    return out;
}

struct named {
    uint64_t count;
    struct quire_damage last;
};

static void name_damage(void *context, const struct quire_damage *damage)
{
    struct named *named = context;
    named->count++;
    named->last = *damage;
}

static int verify(const struct log_builder *b, struct named *named, struct quire_verify_result *result)
{
    struct quire_verify_options options = {
        .size = sizeof options, .threads = 2, .damaged = name_damage, .context = named};
    *result = (struct quire_verify_result){.size = sizeof *result};
    *named = (struct named){0};
    return quire_verify(b->directory, &options, result);
}

/* The block that a byte lies in; NULL: a segment's header, or behind all blocks. */
static const struct built_block *block_at(const struct log_builder *b, uint64_t segment, uint64_t offset)
{
    for (uint64_t i = 0; i < b->block_count; i++)
        if (b->blocks[i].segment == segment && offset >= b->blocks[i].offset &&
            offset < b->blocks[i].offset + b->blocks[i].bytes)
            return &b->blocks[i];
    return NULL;
}

static void build_small(struct log_builder *b)
{
    builder_open(b, harness_path("log"), 5);
    builder_segment(b, 1);
    builder_block(b, 5, 30);
    builder_block(b, 4, 100);
    builder_block(b, 3, 1500);
    builder_footer(b);
    builder_segment(b, 2);
    builder_block(b, 6, 20);
    builder_block(b, 2, 10);
    builder_live(b, b->next_sequence - 1);
}

/* Records whose block, or whose segment, was hit. */
static uint64_t check_losses(const struct log_builder *b, const struct outcome *out, uint64_t segment,
                             const struct built_block *block)
{
    uint64_t lost = 0;

    for (uint64_t i = 0; i < b->record_count; i++) {
        const struct quire_record *record = &b->records[i].record;
        bool hit = record->segment == segment && (!block || record->offset == block->offset);
        CHECK(out->seen[record->sequence] == !hit);
        lost += hit;
    }
    return lost;
}

static bool check_flip(const struct log_builder *b, uint64_t segment, uint64_t offset)
{
    const struct built_block *block = block_at(b, segment, offset);
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;

    for (int forwards = 0; forwards < 2; forwards++) {
        struct outcome gaps = read_all(b, QUIRE_READ_GAPS, forwards);
        struct outcome errors = read_all(b, 0, forwards);
        uint64_t lost = check_losses(b, &gaps, segment, block);
        check_losses(b, &errors, segment, block);
        if (forwards && block)
            CHECK_UINT(gaps.lost, lost);
        if (lost > 0)
            CHECK_UINT(errors.obstacles, 1);
        if (forwards && lost > 0) {
            CHECK_UINT(errors.first.segment, segment);
            CHECK_UINT(errors.first.block, block ? block->number : UINT64_MAX);
        }
    }
    if (!CHECK_CODE(verify(b, &named, &result), QUIRE_E_DAMAGED))
        return false;
    bool right = CHECK_UINT(named.count, 1);
    CHECK_UINT(named.last.segment, segment);
    CHECK_UINT(named.last.block, block ? block->number : UINT64_MAX);
    CHECK_UINT(named.last.offset, block ? block->offset : 0);
    if (block && block->records > 0) {
        CHECK_UINT(named.last.first_sequence, block->first_sequence);
        CHECK_UINT(named.last.last_sequence, block->first_sequence + block->records - 1);
        right = CHECK_UINT(result.damaged_records, block->records) && right;
    }
    return right;
}

static const struct turn {
    const char *name;
    unsigned char mask;
} turns[] = {{"low-bit", 1}, {"high-bit", 0x80}, {"all-bits", 0xFF}};

static uint64_t next_byte(uint64_t at)
{
    uint64_t page_end = (at / PAGE + 1) * PAGE;
    uint64_t next = at + (at % PAGE < 240 ? 1 : 97);

    return next < page_end ? next : page_end;
}

/* All of what is used of each page, and samples of its padding. */
TEST_EACH(damage_each_byte, struct turn, turns)
{
    struct log_builder b;
    build_small(&b);

    for (uint64_t segment = 1; segment <= 2; segment++) {
        uint64_t bytes = (uint64_t)file_size(segment_path(&b, segment));
        for (uint64_t at = 0; at < bytes; at = next_byte(at)) {
            flip(&b, segment, at, it->mask);
            if (!check_flip(&b, segment, at))
                FAIL("flipped %s at %" PRIu64 " of segment %" PRIu64, it->name, at, segment);
            flip(&b, segment, at, it->mask);
        }
    }
    struct outcome whole = read_all(&b, 0, true);
    CHECK_UINT(whole.records, b.record_count);
    builder_close(&b);
}

/* The tail cut anywhere: whole blocks stay, and it is no damage as long as nothing says that it was durable. */
TEST(torn_everywhere)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;

    builder_open(&b, harness_path("log"), 5);
    builder_segment(&b, 1);
    builder_block(&b, 5, 30);
    builder_footer(&b);
    builder_segment(&b, 2);
    b.durable = 5;
    builder_block(&b, 4, 100);
    builder_block(&b, 9, 1500);
    uint64_t end = b.offset;
    for (uint64_t cut = 1; end - cut >= PAGE; cut += cut < 66 || cut % PAGE > PAGE - 3 ? 1 : 61) {
        REQUIRE_INT(truncate(segment_path(&b, 2), (off_t)(end - cut)), 0);
        uint64_t left = 5 + (end - cut >= 2 * PAGE ? 4 : 0);
        for (int forwards = 0; forwards < 2; forwards++) {
            struct outcome out = read_all(&b, 0, forwards);
            CHECK_UINT(out.records, left);
            CHECK_UINT(out.obstacles, 0);
        }
        REQUIRE_OK(verify(&b, &named, &result));
        CHECK_UINT(result.records, left);
        CHECK_UINT(result.last_sequence, left);
        CHECK_UINT(result.torn_bytes, (end - cut) - (left == 9 ? 2 * PAGE : PAGE));
    }
    /* But now it was durable. */
    builder_live(&b, 18);
    struct outcome out = read_all(&b, 0, true);
    CHECK_UINT(out.obstacles, 1);
    CHECK_UINT(out.lost, 13);
    CHECK_CODE(verify(&b, &named, &result), QUIRE_E_DAMAGED);
    builder_close(&b);
}

/* The tail zeroed, or full of old bytes, instead of cut. */
TEST(torn_overwritten)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;
    unsigned char junk[PAGE];

    builder_open(&b, harness_path("log"), 5);
    builder_segment(&b, 1);
    builder_block(&b, 5, 30);
    uint64_t begin = b.offset;
    builder_block(&b, 9, 1500);
    builder_extend(&b, 1 << 20);
    for (int filled = 0; filled < 2; filled++) {
        memset(junk, filled ? 0x5A : 0, sizeof junk);
        for (uint64_t page = begin; page < b.offset; page += PAGE) {
            hurt(&b, 1, page, junk, sizeof junk);
            struct outcome out = read_all(&b, 0, true);
            CHECK_UINT(out.records, 5);
            CHECK_UINT(out.obstacles, 0);
            REQUIRE_OK(verify(&b, &named, &result));
            CHECK_UINT(result.records, 5);
        }
    }
    CHECK_UINT(result.torn_bytes, b.offset - begin);
    builder_close(&b);
}

/* Blocks of an earlier writing of the file lie behind the end. */
TEST(stale_blocks)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};
    struct named named;

    builder_open(&b, harness_path("log"), 5);
    builder_segment(&b, 1);
    for (int i = 0; i < 20; i++)
        builder_block(&b, 5, 3000);
    struct bytes old = read_file(segment_path(&b, 1));
    builder_close(&b);
    builder_open(&b, harness_path("log"), 5);
    b.header.identity.epoch = 77;
    builder_segment(&b, 1);
    builder_block(&b, 5, 30);
    builder_block(&b, 5, 30);
    hurt(&b, 1, b.offset, old.data + b.offset, old.length - b.offset);
    struct outcome out = read_all(&b, 0, true);
    CHECK_UINT(out.records, 10);
    CHECK_UINT(out.obstacles, 0);
    out = read_all(&b, 0, false);
    CHECK_UINT(out.records, 10);
    REQUIRE_OK(verify(&b, &named, &result));
    CHECK_UINT(result.records, 10);
    CHECK_UINT(result.torn_bytes, 0);
    bytes_free(&old);
    builder_close(&b);
}

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

/* Seeking over damage finds what is whole, and stands in front of what is not. */
TEST(seek_over_damage)
{
    struct log_builder b;
    struct quire_damage damage = {0};
    struct quire_record record;

    builder_open(&b, harness_path("log"), 5);
    builder_segment(&b, 1);
    for (int i = 0; i < 100; i++)
        builder_block(&b, 10, 50);
    for (uint64_t block = 10; block < 100; block += 20)
        flip(&b, 1, b.blocks[block].offset + (block % 40 ? 8 : 200), 1);
    quire_reader *reader = open_reader(b.directory, 0, &damage);
    for (uint64_t i = 0; i < 1000; i++) {
        bool is_hurt = i / 10 % 20 == 10;
        REQUIRE_OK(quire_reader_seek_sequence(reader, i + 1));
        REQUIRE_CODE(quire_reader_next(reader, &record), is_hurt ? QUIRE_E_DAMAGED : 1);
        if (is_hurt)
            CHECK_UINT(damage.block, i / 10);
        else
            CHECK_RECORD(&b, i, &record);
        REQUIRE_OK(quire_reader_seek_time(reader, b.records[i].record.time));
        /* Behind damage too: what is looked for may have been there. */
        is_hurt = i / 10 % 20 == 10 || i / 10 % 20 == 11;
        REQUIRE_CODE(quire_reader_next(reader, &record), is_hurt ? QUIRE_E_DAMAGED : 1);
    }
    REQUIRE_OK(quire_reader_close(reader));
    for (int forwards = 0; forwards < 2; forwards++) {
        struct outcome out = read_all(&b, QUIRE_READ_GAPS, forwards);
        CHECK_UINT(out.records, 950);
        CHECK_UINT(out.lost, 50);
    }
    builder_close(&b);
}

/* The system, but for one page that the device cannot read. */
static uint64_t bad_inode, bad_page;

static int read_badly(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got)
{
    struct quire__io_facts facts;
    struct quire__io *system = quire__io_system();

    (void)io;
    REQUIRE_OK(system->ops->facts(system, file, &facts));
    if (facts.inode == bad_inode && offset < bad_page + PAGE && bad_page < offset + length)
        return -EIO;
    return system->ops->read(system, file, to, length, offset, got);
}

/* One bad sector costs the block it lies in. */
TEST(page_unreadable)
{
    struct log_builder b;
    struct quire_damage damage = {0};
    struct quire_reader_options options = {.size = sizeof options, .damage = &damage};
    struct quire_record record;
    struct quire__io_ops ops = *quire__io_system()->ops;
    struct quire__io io = {.ops = &ops};
    uint64_t device;
    quire_reader *reader;

    ops.read = read_badly;
    build_small(&b);
    REQUIRE_OK(io.ops->identify(&io, segment_path(&b, 1), &device, &bad_inode));
    for (uint64_t i = 0; i < 3; i++) {
        for (bad_page = b.blocks[i].offset; bad_page < b.blocks[i].offset + b.blocks[i].bytes; bad_page += PAGE) {
            uint64_t sequence = 1;
            int rc;
            REQUIRE_OK(quire__reader_open_on(&io, b.directory, &options, &reader));
            while ((rc = quire_reader_next(reader, &record)) != 0) {
                if (rc > 0) {
                    CHECK_UINT(record.sequence, sequence);
                    CHECK(is_right(&b, &record));
                    sequence++;
                    continue;
                }
                CHECK_CODE(rc, -EIO);
                CHECK_UINT(damage.block, i);
                CHECK_UINT(damage.first_sequence, b.blocks[i].first_sequence);
                sequence += b.blocks[i].records;
                REQUIRE_OK(quire_reader_skip(reader));
            }
            CHECK_UINT(sequence, b.next_sequence);
            REQUIRE_OK(quire_reader_close(reader));
        }
    }
    builder_close(&b);
}

/* Larger than the caller allows: refused, not read. */
TEST(block_too_large)
{
    struct log_builder b;
    struct quire_damage damage = {0};
    struct quire_reader_options options = {.size = sizeof options, .block_most = 1 << 20, .damage = &damage};
    struct quire_record record;
    quire_reader *reader;

    builder_open(&b, harness_path("log"), 5);
    builder_segment(&b, 1);
    builder_block(&b, 1, 100);
    builder_block(&b, 1, 2 << 20);
    builder_block(&b, 1, 100);
    REQUIRE_OK(quire_reader_open(b.directory, &options, &reader));
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    REQUIRE_CODE(quire_reader_next(reader, &record), QUIRE_E_TOO_LARGE);
    CHECK_UINT(damage.first_sequence, 2);
    CHECK_UINT(damage.last_sequence, 2);
    REQUIRE_OK(quire_reader_skip(reader));
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    CHECK_RECORD(&b, 2, &record);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}
