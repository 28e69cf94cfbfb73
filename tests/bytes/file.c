/* A byte file is the bytes that were appended to it: by a model, in random order of everything that can be done with one.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/file.h"
#include "bytes/piece.h"
#include "bytes/tail.h"
#include "log_support.h"
#include "support.h"

#define DIRECTORY harness_path("file.quire")

static const struct kind {
    const char *name;
    struct bytes_file_options options;
} kinds[] = {
    {"plain", {.block_bytes = 4096, .segment_bytes = 65536}},
    {"lz4", {.codec = QUIRE_CODEC_LZ4, .block_bytes = 16384, .segment_bytes = 65536}},
    {"zstd", {.codec = QUIRE_CODEC_ZSTD, .block_bytes = 65536, .segment_bytes = 262144}},
    {"defaults", {.codec = QUIRE_CODEC_NONE}},
};

struct subject {
    struct bytes_file_options options;
    struct bytes_file *file;
    struct bytes_reader *reader;
    struct bytes model;
};

static void open_subject(struct subject *s)
{
    bool cut_short;

    REQUIRE_OK(bytes_file_open(DIRECTORY, &s->options, &s->file));
    REQUIRE_OK(bytes_reader_open(DIRECTORY, &s->reader));
    CHECK_UINT(bytes_file_size(s->file, &cut_short), s->model.length);
    CHECK(!cut_short);
}

static void close_subject(struct subject *s)
{
    bytes_reader_close(s->reader);
    CHECK_OK(bytes_file_close(s->file));
}

static void append(struct subject *s, uint64_t length)
{
    const uint8_t *data = bytes_add_filled(&s->model, length, s->model.length + 1);
    uint64_t at = s->model.length - length;

    while (at < s->model.length) {
        uint64_t accepted = 0;
        REQUIRE_OK(bytes_file_append(s->file, at, data, s->model.length - at, &accepted));
        REQUIRE(accepted > 0);
        at += accepted;
        data += accepted;
    }
}

static void check_read(struct subject *s, uint64_t offset, uint64_t length)
{
    uint8_t *memory = malloc(length + 1);
    uint64_t got = 0, there = offset < s->model.length ? s->model.length - offset : 0;

    REQUIRE(memory);
    REQUIRE_OK(bytes_file_read(s->file, s->reader, offset, memory, length, &got));
    CHECK_UINT(got, there < length ? there : length);
    if (got > 0)
        REQUIRE(memcmp(memory, s->model.data + offset, got) == 0);
    free(memory);
}

static void truncate_to(struct subject *s, uint64_t size)
{
    REQUIRE_OK(bytes_file_truncate(s->file, size));
    s->model.length = size;
}

static void step(struct subject *s)
{
    uint64_t length = s->model.length;

    switch (harness_below(16)) {
    case 0:
        REQUIRE_OK(bytes_file_sync(s->file));
        break;
    case 1:
        REQUIRE_OK(bytes_file_flush(s->file));
        break;
    case 2:
        REQUIRE_OK(bytes_file_give(s->file));
        break;
    case 3:
        REQUIRE_OK(bytes_file_rest(s->file));
        break;
    case 4:
        close_subject(s);
        open_subject(s);
        break;
    case 5:
        if (length > 0)
            truncate_to(s, harness_below(4) ? length - harness_below(length < 9000 ? length : 9000)
                                            : harness_below(length));
        break;
    case 6:
    case 7:
    case 8:
        check_read(s, harness_below(length + 100), harness_below(20000) + 1);
        break;
    case 9:
        append(s, harness_below(60000));
        break;
    default:
        append(s, harness_below(300) + 1);
    }
}

TEST_EACH(bytes_are_what_was_appended, struct kind, kinds)
{
    struct subject s = {.options = it->options};

    skip_without_codec(it->options.codec);
    REQUIRE_INT(mkdir(DIRECTORY, 0700), 0);
    open_subject(&s);
    for (int i = 0; i < 600; i++)
        step(&s);
    check_read(&s, 0, s.model.length + 1);
    for (uint64_t at = 0; at < s.model.length; at += 1 + harness_below(30000))
        check_read(&s, at, 100);
    close_subject(&s);
    open_subject(&s);
    check_read(&s, 0, s.model.length + 1);
    close_subject(&s);
    bytes_free(&s.model);
}

TEST(a_byte_goes_to_the_end_and_nowhere_else)
{
    struct subject s = {.options = kinds[0].options};
    uint64_t accepted = 77;

    REQUIRE_INT(mkdir(DIRECTORY, 0700), 0);
    open_subject(&s);
    append(&s, 5000);
    CHECK_CODE(bytes_file_append(s.file, 4999, "x", 1, &accepted), QUIRE_E_RANGE);
    CHECK_CODE(bytes_file_append(s.file, 5001, "x", 1, &accepted), QUIRE_E_RANGE);
    CHECK_CODE(bytes_file_truncate(s.file, 5001), QUIRE_E_RANGE);
    CHECK_UINT(accepted, 77);
    check_read(&s, 0, 6000);
    close_subject(&s);
    bytes_free(&s.model);
}

/* What a reader of another process sees is what was flushed, whatever is in memory. */
TEST(flush_is_what_others_see)
{
    struct subject s = {.options = kinds[0].options};
    struct bytes_reader *other;
    uint8_t memory[8192];
    uint64_t got = 1;

    REQUIRE_INT(mkdir(DIRECTORY, 0700), 0);
    open_subject(&s);
    REQUIRE_OK(bytes_reader_open(DIRECTORY, &other));
    append(&s, 100);
    REQUIRE_OK(bytes_reader_read(other, 0, memory, sizeof memory, &got));
    CHECK_UINT(got, 0);
    REQUIRE_OK(bytes_file_flush(s.file));
    REQUIRE_OK(bytes_reader_read(other, 0, memory, sizeof memory, &got));
    CHECK_UINT(got, 100);
    append(&s, 50);
    REQUIRE_OK(bytes_file_flush(s.file));
    REQUIRE_OK(bytes_reader_read(other, 90, memory, sizeof memory, &got));
    CHECK_UINT(got, 60);
    CHECK_BYTES(memory, s.model.data + 90, 60);
    bytes_reader_close(other);
    close_subject(&s);
    bytes_free(&s.model);
}

TEST(another_writer_is_kept_out)
{
    struct bytes_file *first, *second;
    uint64_t accepted;

    REQUIRE_INT(mkdir(DIRECTORY, 0700), 0);
    REQUIRE_OK(bytes_file_open(DIRECTORY, &kinds[0].options, &first));
    REQUIRE_OK(bytes_file_open(DIRECTORY, &kinds[0].options, &second));
    REQUIRE_OK(bytes_file_append(first, 0, "a", 1, &accepted));
    CHECK_CODE(bytes_file_append(second, 0, "b", 1, &accepted), QUIRE_E_LOCKED);
    REQUIRE_OK(bytes_file_rest(first));
    REQUIRE_OK(bytes_file_close(second));
    REQUIRE_OK(bytes_file_close(first));
}

struct crowd {
    struct bytes_file *file;
    _Atomic uint64_t appended;
    _Atomic bool over;
};

enum { CROWD_BYTES = 3000000 };

static void appear(struct crowd *crowd)
{
    uint8_t memory[777];

    while (atomic_load(&crowd->appended) < CROWD_BYTES) {
        uint64_t at = atomic_load(&crowd->appended), accepted = 0;
        for (unsigned i = 0; i < sizeof memory; i++)
            memory[i] = (uint8_t)((at + i) * 7 >> 3);
        REQUIRE_OK(bytes_file_append(crowd->file, at, memory, sizeof memory, &accepted));
        atomic_store(&crowd->appended, at + accepted);
    }
    atomic_store(&crowd->over, true);
}

static void look_on(struct crowd *crowd, uint32_t number)
{
    struct bytes_reader *reader;
    unsigned seed = number;
    uint8_t memory[3000];

    REQUIRE_OK(bytes_reader_open(DIRECTORY, &reader));
    while (!atomic_load(&crowd->over)) {
        uint64_t end = atomic_load(&crowd->appended), got = 0;
        uint64_t at = number == 1 ? (end > 2000 ? end - 2000 : 0) : (uint64_t)rand_r(&seed) % (end + 1);
        REQUIRE_OK(bytes_file_read(crowd->file, reader, at, memory, sizeof memory, &got));
        CHECK(at + got >= end || got == sizeof memory);
        for (uint64_t i = 0; i < got; i++)
            if (memory[i] != (uint8_t)((at + i) * 7 >> 3)) {
                FAIL("another byte at %" PRIu64, at + i);
                break;
            }
    }
    bytes_reader_close(reader);
}

static void join_crowd(void *argument, uint32_t number)
{
    struct crowd *crowd = argument;

    if (number == 0)
        appear(crowd);
    else if (number < 3)
        look_on(crowd, number);
    else
        while (!atomic_load(&crowd->over))
            REQUIRE_OK(number == 3 ? bytes_file_sync(crowd->file) : bytes_file_rest(crowd->file));
}

TEST(threads_append_read_sync_and_rest_at_once)
{
    const struct bytes_file_options options = {.block_bytes = 32768, .segment_bytes = 1 << 20};
    struct crowd crowd = {.appended = 0};

    REQUIRE_INT(mkdir(DIRECTORY, 0700), 0);
    REQUIRE_OK(bytes_file_open(DIRECTORY, &options, &crowd.file));
    in_threads(5, join_crowd, &crowd);
    REQUIRE_OK(bytes_file_close(crowd.file));
}

TEST(tail_is_a_ring)
{
    struct bytes_tail tail;
    struct iovec pieces[2];
    uint8_t memory[16];

    REQUIRE_OK(bytes_tail_open(&tail, 10, 1003));
    CHECK_UINT(bytes_tail_put(&tail, "abcdefgh", 8), 8);
    CHECK_UINT(bytes_tail_put(&tail, "ijkl", 4), 2);
    CHECK_UINT(bytes_tail_free(&tail), 0);
    bytes_tail_drop(&tail, 1005);
    CHECK_UINT(tail.begin, 1003); /* nothing was given yet */
    REQUIRE_INT(bytes_tail_view(&tail, 100, pieces), 2);
    CHECK_UINT(pieces[0].iov_len, 7);
    CHECK_UINT(pieces[1].iov_len, 3);
    CHECK_BYTES(pieces[1].iov_base, "hij", 3);
    CHECK_INT(bytes_tail_view(&tail, 7, pieces), 1);
    tail.given += 8;
    bytes_tail_drop(&tail, 1009);
    CHECK_UINT(bytes_tail_free(&tail), 6);
    bytes_tail_drop(&tail, 5000);
    CHECK_UINT(tail.begin, 1011);
    CHECK_UINT(bytes_tail_put(&tail, "klmnopqrst", 10), 8);
    bytes_tail_copy(&tail, 1011, memory, 10);
    CHECK_BYTES(memory, "ijklmnopqr", 10);
    bytes_tail_close(&tail);
}

TEST(a_piece_says_where_it_belongs)
{
    struct bytes_piece_head head = bytes_piece_head(0x0102030405060708);
    uint64_t offset = 5;

    CHECK_BYTES(&head, "\x89QBYTES\n\x08\x07\x06\x05\x04\x03\x02\x01", 16);
    CHECK(bytes_piece_parse(&head, sizeof head, &offset));
    CHECK_UINT(offset, 0x0102030405060708);
    CHECK(!bytes_piece_parse(&head, sizeof head - 1, &offset));
    head = bytes_piece_head(INT64_MAX);
    CHECK(bytes_piece_parse(&head, sizeof head, &offset));
    CHECK(!bytes_piece_parse(&head, sizeof head + 1, &offset)); /* no file is that long */
    head.magic[3] ^= 1;
    CHECK(!bytes_piece_parse(&head, sizeof head, &offset));
}

static void put_piece(quire_log *log, uint64_t offset, const char *text)
{
    struct bytes_piece_head head = bytes_piece_head(offset);
    const struct iovec pieces[] = {{&head, sizeof head}, {(void *)(uintptr_t)text, strlen(text)}};

    REQUIRE_OK(quire_log_appendv(log, pieces, 2, NULL));
}

/* Of whoever wrote them: one begins within the one before it, or leaves a hole. */
TEST(pieces_that_do_not_fit)
{
    static const uint64_t begins[] = {4, 6}, wrong[] = {0, 5};
    struct quire_log_options options = {.size = sizeof options};

    for (int i = 0; i < 2; i++) {
        const char *directory = harness_path(i ? "hole" : "overlap");
        struct bytes_reader *reader;
        char bytes[20];
        uint64_t got;
        quire_log *log = open_log(directory, &options);
        put_piece(log, 0, "first");
        put_piece(log, begins[i], "second");
        REQUIRE_OK(quire_log_close(log));
        REQUIRE_OK(bytes_reader_open(directory, &reader));
        for (int again = 0; again < 2; again++)
            CHECK_CODE(bytes_reader_read(reader, wrong[i], bytes, sizeof bytes, &got), -EBADMSG);
        bytes_reader_close(reader);
    }
}
