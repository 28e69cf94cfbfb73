/* Damage: it is found, named, and costs no more than it must; nothing wrong is ever given.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/reader.h"
#include "reader_outcome.h"
#include "sanitizers.h"

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
    uint64_t next = at + (at % PAGE < 240 ? (SANITIZED ? 17 : 1) : (SANITIZED ? 397 : 97));

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
    for (uint64_t cut = 1; end - cut >= PAGE; cut += cut < 66 || cut % PAGE > PAGE - 3 ? 1 : SANITIZED ? 611 : 61) {
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
