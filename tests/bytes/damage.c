/* What cannot be read of a byte file is known by its bytes, and the rest can be read.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bytes/file.h"
#include "log_support.h"
#include "support.h"

#define DIRECTORY harness_path("file.quire")

enum { BLOCK = 8192, PIECE = BLOCK - 116, PIECES = 40, SEGMENT = 65536 };

static struct bytes model;

static void append_pieces(const struct bytes_file_options *options)
{
    struct bytes_file *file;
    uint64_t accepted;

    REQUIRE_INT(mkdir(DIRECTORY, 0700), 0);
    REQUIRE_OK(bytes_file_open(DIRECTORY, options, &file));
    for (uint64_t i = 0; i < PIECES; i++) {
        const uint8_t *data = bytes_add_filled(&model, PIECE, i);
        REQUIRE_OK(bytes_file_append(file, i * PIECE, data, PIECE, &accepted));
        REQUIRE_UINT(accepted, PIECE);
    }
    REQUIRE_OK(bytes_file_close(file));
}

/* Where a block lies that holds piece number, counting from 0: the segment, and the offset in it. */
struct search {
    uint64_t sequence, segment, offset;
};

static int see_segment(void *context, const struct quire_segment_info *info)
{
    struct search *search = context;

    if (info->first_sequence <= search->sequence && search->sequence <= info->last_sequence) {
        search->segment = info->number;
        search->offset = PAGE + (search->sequence - info->first_sequence) * BLOCK;
    }
    return 0;
}

static struct search find_block(uint64_t piece)
{
    struct quire_log_info info = {.size = sizeof info};
    struct search search = {.sequence = piece + 1};

    REQUIRE_OK(quire_inspect(DIRECTORY, see_segment, &search, &info));
    REQUIRE(search.segment > 0);
    return search;
}

static void damage(uint64_t piece, uint64_t within)
{
    struct search search = find_block(piece);

    flip_byte(segment_name(DIRECTORY, search.segment), search.offset + within, 0x10);
}

static const struct bytes_file_options options = {.block_bytes = BLOCK, .segment_bytes = SEGMENT};

static const struct place {
    const char *name;
    uint64_t within;
} places[] = {{"header", 30}, {"checksum", 5}, {"payload", 4000}};

static void check_whole(struct bytes_file *file, struct bytes_reader *reader, uint64_t from, uint64_t to)
{
    uint8_t *memory = calloc(1, to - from + 1);

    REQUIRE(memory);
    for (uint64_t at = from, got = 0; at < to; at += got) {
        REQUIRE_OK(bytes_file_read(file, reader, at, memory, to - at, &got));
        REQUIRE(got > 0);
        REQUIRE(memcmp(memory, model.data + at, got) == 0);
    }
    free(memory);
}

/* One block in the middle: its bytes and no other. */
TEST_EACH(damage_is_a_range_of_bytes, struct place, places)
{
    const uint64_t bad = 17, begin = bad * PIECE, end = begin + PIECE;
    struct bytes_reader *reader;
    struct bytes_file *file;
    uint8_t memory[100];
    uint64_t got = 99;
    bool cut_short;

    append_pieces(&options);
    damage(bad, it->within);
    REQUIRE_OK(bytes_file_open(DIRECTORY, &options, &file));
    REQUIRE_OK(bytes_reader_open(DIRECTORY, &reader));
    CHECK_UINT(bytes_file_size(file, &cut_short), PIECES * PIECE);
    CHECK(!cut_short);
    check_whole(file, reader, 0, begin);
    check_whole(file, reader, end, model.length);
    CHECK_CODE(bytes_file_read(file, reader, begin, memory, sizeof memory, &got), QUIRE_E_DAMAGED);
    CHECK_CODE(bytes_file_read(file, reader, end - 1, memory, sizeof memory, &got), QUIRE_E_DAMAGED);
    CHECK_UINT(got, 99);
    REQUIRE_OK(bytes_file_read(file, reader, begin - 10, memory, sizeof memory, &got));
    CHECK_UINT(got, 10);
    bytes_reader_close(reader);
    CHECK_OK(bytes_file_close(file));
    bytes_free(&model);
}

/* The first, and the last, which was durable. */
TEST(damage_at_the_ends)
{
    struct bytes_reader *reader;
    struct bytes_file *file;
    uint8_t memory[100];
    uint64_t got, accepted;
    bool cut_short;

    append_pieces(&options);
    damage(0, 4000);
    damage(PIECES - 1, 4000);
    REQUIRE_OK(bytes_file_open(DIRECTORY, &options, &file));
    REQUIRE_OK(bytes_reader_open(DIRECTORY, &reader));
    CHECK_UINT(bytes_file_size(file, &cut_short), (PIECES - 1) * PIECE);
    CHECK(cut_short);
    CHECK_CODE(bytes_file_read(file, reader, 0, memory, sizeof memory, &got), QUIRE_E_DAMAGED);
    check_whole(file, reader, PIECE, (PIECES - 1) * PIECE);
    CHECK_CODE(bytes_file_read(file, reader, (PIECES - 1) * PIECE, memory, sizeof memory, &got), QUIRE_E_DAMAGED);
    CHECK_CODE(bytes_file_append(file, (PIECES - 1) * PIECE, "x", 1, &accepted), QUIRE_E_DAMAGED);
    bytes_reader_close(reader);
    CHECK_OK(bytes_file_close(file));
    bytes_free(&model);
}

/* A write fails while somebody has the file open: no sync says anything else until all have let go. */
TEST(a_failure_stays_until_it_rests)
{
    const struct bytes_file_options growing = {.block_bytes = 4096, .segment_bytes = SEGMENT, .grows = true};
    const struct rlimit full = {6 * PAGE, RLIM_INFINITY}, room = {RLIM_INFINITY, RLIM_INFINITY};
    struct bytes_file *file;
    uint8_t memory[3000] = {0};
    uint64_t at = 0, accepted, size;
    bool cut_short;

    signal(SIGXFSZ, SIG_IGN);
    REQUIRE_INT(mkdir(DIRECTORY, 0700), 0);
    REQUIRE_OK(bytes_file_open(DIRECTORY, &growing, &file));
    REQUIRE_INT(setrlimit(RLIMIT_FSIZE, &full), 0);
    for (int i = 0; i < 20 && bytes_file_append(file, at, memory, sizeof memory, &accepted) == 0; i++)
        at += accepted;
    CHECK(bytes_file_sync(file) < 0);
    CHECK(bytes_file_truncate(file, 1) < 0); /* closes the log */
    CHECK(bytes_file_sync(file) < 0);
    CHECK(bytes_file_append(file, BYTES_FILE_END, memory, 1, &accepted) < 0);
    CHECK(bytes_file_rest(file) < 0);
    REQUIRE_INT(setrlimit(RLIMIT_FSIZE, &room), 0);
    size = bytes_file_size(file, &cut_short);
    CHECK(size < at);
    REQUIRE_OK(bytes_file_append(file, size, memory, 1, &accepted));
    CHECK_OK(bytes_file_sync(file));
    CHECK_OK(bytes_file_close(file));
}

TEST(records_that_are_no_pieces)
{
    struct bytes_file *file;
    quire_log *log;

    REQUIRE_OK(quire_log_open(DIRECTORY, NULL, &log));
    REQUIRE_OK(quire_log_append(log, "a record of another kind", 24, NULL));
    REQUIRE_OK(quire_log_close(log));
    CHECK_CODE(bytes_file_open(DIRECTORY, &options, &file), -EBADMSG);
}

TEST(what_was_trimmed_is_said_to_be)
{
    struct bytes_reader *reader;
    uint8_t memory[100];
    uint64_t got, segments;

    append_pieces(&options);
    REQUIRE_OK(quire_trim(DIRECTORY, 20, &segments));
    REQUIRE(segments > 0);
    REQUIRE_OK(bytes_reader_open(DIRECTORY, &reader));
    CHECK_CODE(bytes_reader_read(reader, 0, memory, sizeof memory, &got), QUIRE_E_TRIMMED);
    REQUIRE_OK(bytes_reader_read(reader, 30 * PIECE + 5, memory, sizeof memory, &got));
    CHECK_BYTES(memory, model.data + 30 * PIECE + 5, 100);
    bytes_reader_close(reader);
    bytes_free(&model);
}
