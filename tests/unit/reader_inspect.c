/* quire_inspect and quire_verify: their figures.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <quire/check.h>

#include "log_builder.h"

struct seen {
    struct quire_segment_info segments[8];
    uint64_t count, stop_at;
};

static int see(void *context, const struct quire_segment_info *segment)
{
    struct seen *seen = context;
    REQUIRE(seen->count < 8);
    seen->segments[seen->count++] = *segment;
    return seen->count == seen->stop_at ? 7 : 0;
}

static void build(struct log_builder *b)
{
    builder_open(b, harness_path("log"), 11);
    builder_segment(b, 4);
    b->next_sequence = 101;
    builder_block(b, 10, 50);
    builder_gap(b, 6, QUIRE_GAP_DROPPED);
    builder_void(b, 9);
    builder_record(b, 9);
    builder_seal(b);
    builder_footer(b);
    builder_segment(b, 5);
    b->durable = 110;
    builder_block(b, 3, 3000);
    builder_extend(b, 1 << 20);
    builder_live(b, 116);
}

TEST(inspect_figures)
{
    struct log_builder b;
    struct seen seen = {.count = 0};
    struct quire_log_info info = {.size = sizeof info};
    build(&b);
    write_file(harness_path("log/0000000000000001-4096.torn"), "x", 1);

    REQUIRE_OK(quire_inspect(b.directory, see, &seen, &info));
    CHECK_BYTES(info.id, b.header.identity.log_id, 16);
    CHECK_UINT(info.segments, 2);
    CHECK_UINT(info.first_sequence, 101);
    CHECK_UINT(info.last_sequence, 121);
    CHECK_UINT(info.first_time, 1010);
    CHECK_UINT(info.last_time, b.time);
    CHECK_UINT(info.file_bytes, 5 * PAGE + (1 << 20));
    CHECK_UINT(info.data_bytes, 5 * PAGE + 4 * PAGE);
    CHECK_UINT(info.durable, 116);
    CHECK_UINT(info.torn_files, 1);
    CHECK_UINT(info.version, 1);
    CHECK_UINT(info.locked, 0);
    REQUIRE_UINT(seen.count, 2);
    const struct quire_segment_info *first = &seen.segments[0], *second = &seen.segments[1];
    CHECK_UINT(first->number, 4);
    CHECK_UINT(first->blocks, 4);
    CHECK_UINT(first->records, 12);
    CHECK_UINT(first->lost, 6);
    CHECK_UINT(first->first_sequence, 101);
    CHECK_UINT(first->last_sequence, 118);
    CHECK_UINT(first->sealed, 1);
    CHECK_INT(first->code, 0);
    CHECK_UINT(second->number, 5);
    CHECK_UINT(second->blocks, 1);
    CHECK_UINT(second->data_bytes, 4 * PAGE);
    CHECK_UINT(second->sealed, 0);
    CHECK_INT(second->code, 0);
    seen = (struct seen){.stop_at = 1};
    CHECK_INT(quire_inspect(b.directory, see, &seen, &info), 7);
    CHECK_UINT(seen.count, 1);
    builder_close(&b);
}

TEST(inspect_locked)
{
    struct log_builder b;
    struct quire_log_info info = {.size = sizeof info};
    build(&b);

    int folder = open(b.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE_INT(flock(folder, LOCK_EX | LOCK_NB), 0);
    REQUIRE_OK(quire_inspect(b.directory, NULL, NULL, &info));
    CHECK_UINT(info.locked, 1);
    REQUIRE_INT(close(folder), 0);
    info.size = 1;
    CHECK_CODE(quire_inspect(b.directory, NULL, NULL, &info), QUIRE_E_OPTIONS);
    builder_close(&b);
}

/* A caller built with an earlier header knows less of each structure; one built with a later header may know more, as
 * long as it asks for nothing that is not known here. */
TEST(inspect_sizes_of_other_versions)
{
    struct log_builder b;
    struct {
        struct quire_log_info info;
        uint64_t later;
    } info = {.info.size = offsetof(struct quire_log_info, first_sequence), .later = 7};
    struct {
        struct quire_verify_result result;
        uint64_t later;
    } result = {.result.size = sizeof result, .later = 7};
    struct {
        struct quire_reader_options options;
        uint64_t later;
    } options = {.options.size = sizeof options};
    struct {
        struct quire_verify_options options;
        uint64_t later;
    } verify = {.options.size = sizeof verify};
    quire_reader *reader;
    build(&b);

    info.info.first_sequence = 4711;
    REQUIRE_OK(quire_inspect(b.directory, NULL, NULL, &info.info));
    CHECK(info.info.segments > 0);
    CHECK_UINT(info.info.first_sequence, 4711);
    CHECK_UINT(info.info.size, offsetof(struct quire_log_info, first_sequence));
    info.info.size = sizeof info;
    REQUIRE_OK(quire_inspect(b.directory, NULL, NULL, &info.info));
    CHECK_UINT(info.info.first_sequence, 101);
    CHECK_UINT(info.later, 7);

    REQUIRE_OK(quire_verify(b.directory, &verify.options, &result.result));
    CHECK(result.result.records > 0);
    CHECK_UINT(result.later, 7);
    verify.later = 1;
    CHECK_CODE(quire_verify(b.directory, &verify.options, &result.result), QUIRE_E_OPTIONS);

    REQUIRE_OK(quire_reader_open(b.directory, &options.options, &reader));
    REQUIRE_OK(quire_reader_close(reader));
    options.later = 1;
    CHECK_CODE(quire_reader_open(b.directory, &options.options, &reader), QUIRE_E_OPTIONS);
    options.options.size = sizeof(uint64_t);
    CHECK_CODE(quire_reader_open(b.directory, &options.options, &reader), QUIRE_E_OPTIONS);
    builder_close(&b);
}

TEST(inspect_damage)
{
    struct log_builder b;
    struct seen seen = {.count = 0};
    struct quire_log_info info = {.size = sizeof info};
    build(&b);
    flip(&b, 4, b.blocks[1].offset + 8, 1);
    flip(&b, 5, 20, 1);

    REQUIRE_OK(quire_inspect(b.directory, see, &seen, &info));
    REQUIRE_UINT(seen.count, 2);
    CHECK_CODE(seen.segments[0].code, QUIRE_E_DAMAGED);
    CHECK_UINT(seen.segments[0].blocks, 3);
    CHECK_UINT(seen.segments[0].last_sequence, 118);
    CHECK_CODE(seen.segments[1].code, QUIRE_E_DAMAGED);
    builder_close(&b);
}

TEST(inspect_missing)
{
    struct log_builder b;
    struct seen seen = {.count = 0};
    struct quire_log_info info = {.size = sizeof info};
    build(&b);
    builder_footer(&b);
    builder_segment(&b, 6);
    builder_block(&b, 3, 30);
    REQUIRE_INT(unlink(segment_path(&b, 5)), 0);

    REQUIRE_OK(quire_inspect(b.directory, see, &seen, &info));
    REQUIRE_UINT(seen.count, 2);
    CHECK_CODE(seen.segments[0].code, QUIRE_E_MISSING);
    CHECK_INT(seen.segments[1].code, 0);
    builder_close(&b);
}

struct told {
    uint64_t calls, last, total;
    int answer;
};

static int tell(void *context, uint64_t done, uint64_t total)
{
    struct told *told = context;
    CHECK(done >= told->last && done <= total);
    told->calls++;
    told->last = done;
    told->total = total;
    return told->answer;
}

TEST(verify_figures)
{
    struct log_builder b;
    struct told told = {.calls = 0};
    struct quire_verify_options options = {.size = sizeof options, .progress = tell, .context = &told};
    struct quire_verify_result result = {.size = sizeof result};
    build(&b);

    REQUIRE_OK(quire_verify(b.directory, &options, &result));
    CHECK_UINT(result.segments, 2);
    CHECK_UINT(result.blocks, 5);
    CHECK_UINT(result.records, 14); /* the void one is lost */
    CHECK_UINT(result.lost, 7);
    CHECK_UINT(result.bytes, 4 * PAGE + 3 * PAGE);
    CHECK_UINT(result.damaged, 0);
    CHECK_UINT(result.torn_bytes, 0);
    CHECK_UINT(result.first_sequence, 101);
    CHECK_UINT(result.last_sequence, 121);
    CHECK(told.calls > 0);
    CHECK_UINT(told.last, told.total);
    told = (struct told){.answer = 9};
    CHECK_INT(quire_verify(b.directory, &options, &result), 9);
    options.progress = NULL;
    options.flags = QUIRE_VERIFY_CHAIN;
    CHECK_CODE(quire_verify(b.directory, &options, &result), QUIRE_E_NO_CHAIN);
    builder_close(&b);
}

/* A block that was taken out and closed up would pass by its own checksum: by that of the footer it does not. */
TEST(verify_footer)
{
    struct log_builder b;
    struct quire_verify_result result = {.size = sizeof result};

    builder_open(&b, harness_path("log"), 11);
    builder_segment(&b, 1);
    builder_block(&b, 10, 50);
    b.footer.checksum ^= 1;
    builder_footer(&b);
    builder_segment(&b, 2);
    builder_block(&b, 10, 50);
    CHECK_CODE(quire_verify(b.directory, NULL, &result), QUIRE_E_DAMAGED);
    CHECK_UINT(result.damaged, 1);
    CHECK_UINT(result.records, 20);
    builder_close(&b);
}
