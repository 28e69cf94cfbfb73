/* Reading whole logs: forwards, backwards, to and fro, for every kind of record and block.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/codec.h"
#include "log_builder.h"
#include "sanitizers.h"

ONE_THREAD;

static const struct shape {
    const char *name;
    bool times;
    uint32_t codec;
    uint64_t extend; /* the last segment is made ready to that length */
    bool empty_behind;
} shapes[] = {
    {"plain", false, QUIRE_CODEC_NONE, 0, false},          {"times", true, QUIRE_CODEC_NONE, 0, false},
    {"zstd", false, QUIRE_CODEC_ZSTD, 0, false},           {"lz4-times", true, QUIRE_CODEC_LZ4, 0, false},
    {"extended", false, QUIRE_CODEC_NONE, 8 << 20, false}, {"empty-behind", true, QUIRE_CODEC_NONE, 4 << 20, true},
};

/* Three segments: small blocks; records larger than what is read at once; gaps, void and empty records. */
static void build(struct log_builder *b, const struct shape *it)
{
    if (!quire__codec_is_known(it->codec))
        SKIP("this build is without %s", it->name);
    builder_open(b, harness_path("log"), 7);
    b->times = it->times;
    b->codec = it->codec;
    builder_segment(b, 1);
    for (uint64_t i = 0; i < 40; i++)
        builder_block(b, 1 + i % 7, i * 37 % 900);
    builder_footer(b);
    builder_segment(b, 2);
    builder_block(b, 1, 1 << 20);
    builder_block(b, 3, 300000);
    builder_gap(b, 17, QUIRE_GAP_DROPPED);
    builder_block(b, 200, 0);
    builder_footer(b);
    builder_segment(b, 3);
    builder_gap(b, 1, QUIRE_GAP_DAMAGE);
    for (uint64_t i = 0; i < 300; i++) {
        if (i % 5 == 1)
            builder_void(b, 30);
        else
            builder_record(b, i);
        if (i % 40 == 39)
            builder_seal(b);
    }
    builder_seal(b);
    if (it->extend)
        builder_extend(b, it->extend);
    if (it->empty_behind) {
        struct log_builder behind = *b;
        behind.file = -1;
        builder_segment(&behind, 4);
        builder_extend(&behind, 1 << 20);
        REQUIRE_INT(close(behind.file), 0);
    }
}

static void read_forwards(const struct log_builder *b, quire_reader *reader)
{
    struct quire_record record;

    for (uint64_t i = 0; i < b->record_count; i++) {
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        REQUIRE(CHECK_RECORD(b, i, &record));
    }
    for (int i = 0; i < 3; i++)
        REQUIRE_CODE(quire_reader_next(reader, &record), 0);
}

static void read_backwards(const struct log_builder *b, quire_reader *reader)
{
    struct quire_record record;

    for (uint64_t i = b->record_count; i-- > 0;) {
        REQUIRE_CODE(quire_reader_previous(reader, &record), 1);
        REQUIRE(CHECK_RECORD(b, i, &record));
    }
    for (int i = 0; i < 3; i++)
        REQUIRE_CODE(quire_reader_previous(reader, &record), 0);
}

TEST_EACH(iterate_both_ways, struct shape, shapes)
{
    struct log_builder b;
    build(&b, it);
    quire_reader *reader = open_reader(b.directory, 0, NULL);

    read_forwards(&b, reader);
    read_backwards(&b, reader);
    read_forwards(&b, reader);
    REQUIRE_OK(quire_reader_seek_end(reader));
    read_backwards(&b, reader);
    REQUIRE_OK(quire_reader_seek_begin(reader));
    read_forwards(&b, reader);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* Any walk to and fro gives at each place the record of that place. */
TEST_EACH(iterate_to_and_fro, struct shape, shapes)
{
    struct log_builder b;
    struct quire_record record;
    uint64_t at = 0;
    build(&b, it);
    quire_reader *reader = open_reader(b.directory, 0, NULL);

    for (int turn = 0; turn < (SANITIZED ? 60 : 300); turn++) {
        bool forwards = harness_random() & 1;
        for (uint64_t steps = harness_below(b.record_count / 2); steps > 0; steps--) {
            int should = forwards ? at < b.record_count : at > 0;
            REQUIRE_CODE(forwards ? quire_reader_next(reader, &record) : quire_reader_previous(reader, &record),
                         should);
            if (!should)
                break;
            at -= !forwards;
            REQUIRE(CHECK_RECORD(&b, at, &record));
            at += forwards;
        }
    }
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

TEST_EACH(seek_every_sequence, struct shape, shapes)
{
    struct log_builder b;
    struct quire_record record;
    build(&b, it);
    quire_reader *reader = open_reader(b.directory, 0, NULL);

    for (uint64_t i = 0; i < b.record_count; i++) {
        const struct quire_record *should = &b.records[i].record;
        REQUIRE_OK(quire_reader_seek_sequence(reader, should->sequence));
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        REQUIRE(CHECK_RECORD(&b, i, &record));
        REQUIRE_OK(quire_reader_seek_sequence(reader, should->sequence));
        REQUIRE_CODE(quire_reader_previous(reader, &record), i > 0);
        if (i > 0)
            REQUIRE(CHECK_RECORD(&b, i - 1, &record));
    }
    REQUIRE_OK(quire_reader_seek_sequence(reader, b.next_sequence));
    CHECK_CODE(quire_reader_next(reader, &record), 0);
    CHECK_CODE(quire_reader_previous(reader, &record), 1);
    CHECK_RECORD(&b, b.record_count - 1, &record);
    CHECK_CODE(quire_reader_seek_sequence(reader, b.next_sequence + 1), QUIRE_E_RANGE);
    CHECK_CODE(quire_reader_seek_sequence(reader, 0), QUIRE_E_RANGE);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

static uint64_t first_at(const struct log_builder *b, uint64_t time)
{
    uint64_t i = 0;

    while (i < b->record_count && b->records[i].record.time < time)
        i++;
    return i;
}

TEST_EACH(seek_every_time, struct shape, shapes)
{
    struct log_builder b;
    struct quire_record record;
    build(&b, it);
    quire_reader *reader = open_reader(b.directory, 0, NULL);

    for (uint64_t time = 995; time < b.time + 30; time += 5) {
        uint64_t should = first_at(&b, time);
        REQUIRE_OK(quire_reader_seek_time(reader, time));
        REQUIRE_CODE(quire_reader_next(reader, &record), should < b.record_count);
        if (should < b.record_count)
            REQUIRE(CHECK_RECORD(&b, should, &record));
    }
    REQUIRE_OK(quire_reader_seek_time(reader, 0));
    read_forwards(&b, reader);
    REQUIRE_OK(quire_reader_seek_time(reader, UINT64_MAX));
    read_backwards(&b, reader);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* Into the middle of sequences declared lost. */
TEST(seek_into_gap)
{
    struct log_builder b;
    struct quire_record record;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 5, 10);
    builder_gap(&b, 100, QUIRE_GAP_DROPPED);
    builder_block(&b, 5, 10);
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    REQUIRE_OK(quire_reader_seek_sequence(reader, 50));
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    CHECK_UINT(record.kind, QUIRE_RECORD_GAP);
    CHECK_UINT(record.sequence, 50);
    CHECK_UINT(record.lost, 56);
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    CHECK_RECORD(&b, 6, &record);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* Only what is known to be durable, by a later block or by the writer. */
TEST(iterate_durable)
{
    struct log_builder b;
    struct quire_record record;
    struct quire_watermarks marks;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, 10, 10);
    quire_reader *reader = open_reader(b.directory, QUIRE_READ_DURABLE, NULL);
    CHECK_CODE(quire_reader_next(reader, &record), 0);
    b.durable = 7;
    builder_block(&b, 10, 10);
    for (uint64_t i = 0; i < 7; i++) {
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(&b, i, &record);
    }
    CHECK_CODE(quire_reader_next(reader, &record), 0);
    CHECK_OK(quire_reader_watermarks(reader, &marks));
    CHECK_UINT(marks.written, 20);
    CHECK_UINT(marks.durable, 7);
    builder_live(&b, 15);
    for (uint64_t i = 7; i < 15; i++) {
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(&b, i, &record);
    }
    CHECK_CODE(quire_reader_next(reader, &record), 0);
    CHECK_OK(quire_reader_seek_end(reader));
    CHECK_CODE(quire_reader_next(reader, &record), 0);
    CHECK_CODE(quire_reader_previous(reader, &record), 1);
    CHECK_UINT(record.sequence, 15);
    CHECK_OK(quire_reader_watermarks(reader, &marks));
    CHECK_UINT(marks.durable, 15);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* An empty log is at its end, until it is not. */
TEST(iterate_empty)
{
    struct log_builder b;
    struct quire_record record;

    builder_open(&b, harness_path("log"), 3);
    quire_reader *reader = NULL;
    CHECK_CODE(quire_reader_open(b.directory, NULL, &reader), QUIRE_E_NOT_A_LOG);
    CHECK_CODE(quire_reader_open(harness_path("none"), NULL, &reader), -ENOENT);
    CHECK(reader == NULL);
    builder_segment(&b, 1);
    builder_extend(&b, 1 << 20);
    reader = open_reader(b.directory, 0, NULL);
    CHECK_CODE(quire_reader_next(reader, &record), 0);
    CHECK_CODE(quire_reader_previous(reader, &record), 0);
    CHECK_OK(quire_reader_seek_end(reader));
    CHECK_OK(quire_reader_seek_sequence(reader, 1));
    CHECK_CODE(quire_reader_seek_sequence(reader, 2), QUIRE_E_RANGE);
    builder_block(&b, 3, 5);
    builder_segment(&b, 2);
    builder_block(&b, 3, 5);
    read_forwards(&b, reader);
    read_backwards(&b, reader);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}
