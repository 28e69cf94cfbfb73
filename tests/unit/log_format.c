/* The format byte by byte: logs put together from the tables of docs/format.md (tests/golden/encode.h), each rule of that
 * page kept and broken. Every broken block has right checksums, so that nothing but the rule can refuse it.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "encode.h"
#include "log_support.h"
#include "manifest.h"

static struct encoding e;

static void begin_segment(uint64_t number)
{
    e = (struct encoding){.version = 1, .number = number, .epoch = 77 + number, .created = 5, .segment_bytes = 1 << 20};
    memcpy(e.log_id, "sixteen bytes id", 16);
    encode_segment(&e);
}

static void put_segment(const char *directory)
{
    mkdir(directory, 0700); /* the second time it is there */
    write_file(segment_name(directory, e.number), e.bytes, e.length);
}

static void add_data(uint64_t first_sequence, uint64_t time, const char *const *records, uint64_t count)
{
    struct encoded_payload payload = {0};

    for (uint64_t i = 0; i < count; i++)
        encode_record(&payload, records[i], strlen(records[i]), false, 0, false);
    encode_block(
        &e,
        &(struct encoded_block){
            .type = 1, .records = count, .first_sequence = first_sequence, .first_time = time, .last_time = time},
        &payload);
}

static void add_footer(uint64_t blocks, uint64_t records, uint64_t lost, uint64_t first, uint64_t last)
{
    const uint64_t words[] = {blocks, records, lost, first, last, 100, 300};
    struct encoded_payload payload = {.length = 128};

    for (int i = 0; i < 7; i++)
        encode_number(payload.bytes + 8 * i, words[i], 8);
    encode_number(payload.bytes + 56, e.checksums, 4);
    encode_block(&e,
                 &(struct encoded_block){.type = 3, .first_sequence = last + 1, .first_time = 300, .last_time = 300},
                 &payload);
}

/* The next record says so: of a manifest's line what is before the checksum. */
static void expect(quire_reader *reader, const char *line, const char *data)
{
    struct quire_record record;

    REQUIRE_INT(quire_reader_next(reader, &record), 1);
    struct manifest_line is = manifest_line(&record);
    if (data) {
        *strrchr(is.text, ' ') = '\0';
        CHECK(record.length == strlen(data) && memcmp(record.data, data, record.length) == 0);
    }
    CHECK_STR(is.text, line);
}

static quire_reader *read_with(const char *directory, struct quire_damage *damage)
{
    struct quire_reader_options options = {.size = sizeof options, .damage = damage};
    quire_reader *reader = NULL;

    REQUIRE_OK(quire_reader_open(directory, &options, &reader));
    return reader;
}

static int next_code(quire_reader *reader)
{
    struct quire_record record;

    return quire_reader_next(reader, &record);
}

/* All kinds of blocks and records, two segments, live.quire. */
static void make_all_kinds(const char *directory)
{
    struct encoded_payload times = {0};
    struct encoded_payload gap = {.length = 16};
    unsigned char live[ENCODED_LIVE];
    char path[512];

    begin_segment(1);
    encode_record(&times, "one", 3, true, 0, false);
    encode_record(&times, "", 0, true, 7, false);
    encode_record(&times, "????", 4, true, 9, true);
    encode_record(&times, "four", 4, true, 50, false);
    encode_block(&e,
                 &(struct encoded_block){
                     .type = 1, .flags = 1, .records = 4, .first_sequence = 1, .first_time = 100, .last_time = 150},
                 &times);
    encode_number(gap.bytes, 1, 4);
    encode_number(gap.bytes + 8, 9000, 8);
    encode_block(&e,
                 &(struct encoded_block){
                     .type = 2, .records = 10, .first_sequence = 5, .first_time = 160, .last_time = 170, .durable = 4},
                 &gap);
    add_data(15, 300, (const char *const[]){"fifteen", "sixteen"}, 2);
    add_footer(3, 6, 10, 1, 16);
    put_segment(directory);

    begin_segment(2);
    add_data(17, 400, (const char *const[]){"seventeen"}, 1);
    put_segment(directory);
    encode_live(&e, 17, 14, live);
    snprintf(path, sizeof path, "%s/live.quire", directory);
    write_file(path, live, sizeof live);
}

TEST(format_all_kinds)
{
    struct quire_verify_result result = {.size = sizeof result};
    const char *directory = harness_path("log");
    struct quire_watermarks marks;

    make_all_kinds(directory);
    quire_reader *reader = read_with(directory, NULL);
    expect(reader, "data 1 100 1 4096 3", "one");
    expect(reader, "data 2 107 1 4096 0", "");
    expect(reader, "gap 3 109 1 4096 1 2", NULL);
    expect(reader, "data 4 150 1 4096 4", "four");
    expect(reader, "gap 5 160 1 8192 10 1", NULL);
    expect(reader, "data 15 300 1 12288 7", "fifteen");
    expect(reader, "data 16 300 1 12288 7", "sixteen");
    expect(reader, "data 17 400 2 4096 9", "seventeen");
    CHECK_INT(next_code(reader), 0);
    CHECK_OK(quire_reader_watermarks(reader, &marks));
    CHECK_UINT(marks.written, 17);
    CHECK_UINT(marks.durable, 14);
    CHECK_OK(quire_reader_close(reader));
    CHECK_OK(quire_verify(directory, NULL, &result));
    CHECK_UINT(result.records, 6);
    CHECK_UINT(result.lost, 11);
    CHECK_UINT(result.blocks, 5);
}

/* The library goes on behind what was put together by hand. */
TEST(format_appended_to)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(0);
    uint64_t records, lost, last;

    make_all_kinds(directory);
    quire_log *log = open_log(directory, &o);
    REQUIRE_OK(quire_log_append(log, "eighteen", 8, NULL));
    REQUIRE_OK(quire_log_close(log));
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, 7);
    CHECK_UINT(lost, 11);
    CHECK_UINT(last, 18);
}

/* What makes a block of two records, 3 and 4, another that is not valid. */
struct rule {
    const char *name;
    void (*spoil)(struct encoded_block *block, struct encoded_payload *payload);
    void (*spoil_after)(uint64_t offset);
    bool is_kept; /* nothing is wrong with it */
};

static void type_0(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->type = 0;
}
static void type_4(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->type = 4;
}
static void codec_3(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->codec = 3;
}
static void flag_1(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->flags = 2;
}
static void pages_0(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->pages = 0;
}
static void pages_2(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->pages = 2;
}
static void stored_over(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->stored = b->payload = 8000;
}
static void payload_unlike_stored(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->payload++;
}
static void other_epoch(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->epoch++;
}
static void records_0(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->records = 0;
}
static void records_1(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->records = 1;
}
static void records_3(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->records = 3;
}
static void records_many(struct encoded_block *b, struct encoded_payload *p)
{
    (void)p;
    b->records = UINT64_C(1) << 40;
}
static void word_0(struct encoded_block *b, struct encoded_payload *p)
{
    (void)b;
    encode_number(p->bytes, 0, 4);
}
static void word_beyond(struct encoded_block *b, struct encoded_payload *p)
{
    (void)b;
    encode_number(p->bytes, 5000, 4);
}
static void void_and_beyond(struct encoded_block *b, struct encoded_payload *p)
{
    (void)b;
    encode_number(p->bytes, 5000 | UINT64_C(1) << 31, 4);
}
static void gap(struct encoded_block *b, struct encoded_payload *p)
{
    b->type = 2;
    b->stored = b->payload = p->length = 16;
}
static void gap_compressed(struct encoded_block *b, struct encoded_payload *p)
{
    gap(b, p);
    b->codec = 1;
}
static void gap_of_none(struct encoded_block *b, struct encoded_payload *p)
{
    gap(b, p);
    b->records = 0;
}
static void gap_short(struct encoded_block *b, struct encoded_payload *p)
{
    gap(b, p);
    b->stored = b->payload = p->length = 15;
}
static void gap_overflow(struct encoded_block *b, struct encoded_payload *p)
{
    gap(b, p);
    b->records = UINT64_MAX - 2;
}
static void footer_of_records(struct encoded_block *b, struct encoded_payload *p)
{
    b->type = 3;
    b->stored = b->payload = p->length = 128;
}
static void footer_short(struct encoded_block *b, struct encoded_payload *p)
{
    footer_of_records(b, p);
    b->records = 0;
    b->stored = b->payload = p->length = 120;
}
static void magic(uint64_t offset)
{
    e.bytes[offset] = 'q';
}
static void header_bit(uint64_t offset)
{
    e.bytes[offset + 72] ^= 1; /* durable */
}
static void payload_bit(uint64_t offset)
{
    e.bytes[offset + 97] ^= 0x80;
}
static void padding_bit(uint64_t offset)
{
    e.bytes[offset + PAGE - 1] ^= 1;
}

/* The block as another log has it. */
static void other_log(uint64_t offset)
{
    uint64_t length = e.length;
    struct encoded_payload payload = {0};

    e.log_id[15]++;
    e.length = offset;
    encode_record(&payload, "abc", 3, false, 0, false);
    encode_record(&payload, "de", 2, false, 0, false);
    encode_block(&e, &(struct encoded_block){.type = 1, .records = 2, .first_sequence = 3}, &payload);
    e.log_id[15]--;
    e.length = length;
}

/* The same block, as it would be a page on. */
static void other_place(uint64_t offset)
{
    uint64_t length = e.length;
    struct encoded_payload payload = {0};
    unsigned char behind[PAGE];

    memcpy(behind, e.bytes + offset + PAGE, PAGE);
    e.length = offset + PAGE;
    encode_record(&payload, "abc", 3, false, 0, false);
    encode_record(&payload, "de", 2, false, 0, false);
    encode_block(&e, &(struct encoded_block){.type = 1, .records = 2, .first_sequence = 3}, &payload);
    memcpy(e.bytes + offset, e.bytes + offset + PAGE, PAGE);
    memcpy(e.bytes + offset + PAGE, behind, PAGE);
    e.length = length;
}

static const struct rule rules[] = {
    {"0_none_broken", NULL, NULL, true},
    {"1_magic", NULL, magic, false},
    {"2_header", NULL, header_bit, false},
    {"2_log", NULL, other_log, false},
    {"2_epoch", other_epoch, NULL, false},
    {"2_place", NULL, other_place, false},
    {"3_type_0", type_0, NULL, false},
    {"3_type_4", type_4, NULL, false},
    {"3_codec", codec_3, NULL, false},
    {"3_flags", flag_1, NULL, false},
    {"4_pages_0", pages_0, NULL, false},
    {"4_pages_2", pages_2, NULL, false},
    {"4_stored_over", stored_over, NULL, false},
    {"4_payload_unlike_stored", payload_unlike_stored, NULL, false},
    {"4_overflow", gap_overflow, NULL, false},
    {"5_records_0", records_0, NULL, false},
    {"5_records_many", records_many, NULL, false},
    {"5_gap_compressed", gap_compressed, NULL, false},
    {"5_gap_of_none", gap_of_none, NULL, false},
    {"5_gap_short", gap_short, NULL, false},
    {"5_footer_of_records", footer_of_records, NULL, false},
    {"5_footer_short", footer_short, NULL, false},
    {"6_payload", NULL, payload_bit, false},
    {"6_padding", NULL, padding_bit, false},
    {"7_word_0", word_0, NULL, false},
    {"7_word_beyond", word_beyond, NULL, false},
    {"7_void_and_beyond", void_and_beyond, NULL, false},
    {"7_more_records", records_3, NULL, false},
    {"7_fewer_records", records_1, NULL, false},
};

static void make_spoiled(const struct rule *rule, const char *directory)
{
    struct encoded_payload payload = {0};
    struct encoded_block block = {.type = 1, .records = 2, .first_sequence = 3, .first_time = 20, .last_time = 20};

    begin_segment(1);
    add_data(1, 10, (const char *const[]){"a", "b"}, 2);
    encode_record(&payload, "abc", 3, false, 0, false);
    encode_record(&payload, "de", 2, false, 0, false);
    block.is_raw = true;
    block.pages = block.previous_pages = 1;
    block.stored = block.payload = payload.length;
    block.epoch = e.epoch;
    if (rule->spoil)
        rule->spoil(&block, &payload);
    encode_block(&e, &block, &payload);
    add_data(5, 30, (const char *const[]){"f"}, 1);
    if (rule->spoil_after)
        rule->spoil_after(2 * (uint64_t)PAGE);
    put_segment(directory);
}

/* Without the block the records before and behind it can be read, and its own are named as lost. */
TEST_EACH(format_valid_block, struct rule, rules)
{
    struct quire_verify_result result = {.size = sizeof result};
    const char *directory = harness_path("log");
    struct quire_damage damage = {0};

    make_spoiled(it, directory);
    quire_reader *reader = read_with(directory, &damage);
    expect(reader, "data 1 10 1 4096 1", "a");
    expect(reader, "data 2 10 1 4096 1", "b");
    if (it->is_kept) {
        expect(reader, "data 3 20 1 8192 3", "abc");
        expect(reader, "data 4 20 1 8192 2", "de");
    } else {
        CHECK_CODE(next_code(reader), QUIRE_E_DAMAGED);
        CHECK_UINT(damage.segment, 1);
        CHECK_UINT(damage.offset, 2 * PAGE);
        CHECK_UINT(damage.block, 1);
        CHECK_UINT(damage.first_sequence, 3);
        CHECK_UINT(damage.last_sequence, 4);
        REQUIRE_OK(quire_reader_skip(reader));
    }
    expect(reader, "data 5 30 1 12288 1", "f");
    CHECK_INT(next_code(reader), 0);
    CHECK_OK(quire_reader_close(reader));
    CHECK_CODE(quire_verify(directory, NULL, &result), it->is_kept ? 0 : QUIRE_E_DAMAGED);
    CHECK_UINT(result.damaged, it->is_kept ? 0 : 1);
    CHECK_UINT(result.damaged_records, it->is_kept ? 0 : 2);
}

/* A first page, and what a reader says to it. */
struct front {
    const char *name;
    uint32_t version;
    uint64_t compatible, incompatible, number;
    uint64_t flipped; /* a byte; 0: none */
    int code;
};

static const struct front fronts[] = {
    {"as_it_should_be", 1, 0, 0, 1, 0, 0},
    {"reused", 1, 1, 0, 1, 0, 0},
    {"unknown_compatible", 1, UINT64_C(1) << 63 | 2, 0, 1, 0, 0},
    {"unknown_incompatible", 1, 0, UINT64_C(1) << 63, 1, 0, QUIRE_E_VERSION},
    {"another_incompatible", 1, 0, 1, 1, 0, QUIRE_E_VERSION},
    {"version_0", 0, 0, 0, 1, 0, QUIRE_E_VERSION},
    {"version_2", 2, 0, 0, 1, 0, QUIRE_E_VERSION},
    {"another_number", 1, 0, 0, 2, 0, QUIRE_E_FOREIGN},
    {"field_flipped", 1, 0, 0, 1, 50, QUIRE_E_DAMAGED},
    {"rest_flipped", 1, 0, 0, 1, 4095, QUIRE_E_DAMAGED},
    /* A page that is damaged says nothing about versions. */
    {"version_flipped", 1, 0, 0, 1, 12, QUIRE_E_DAMAGED},
};

TEST_EACH(format_first_page, struct front, fronts)
{
    const char *directory = harness_path("log");
    struct quire_reader_options options = {.size = sizeof options};
    struct quire_log_options o = small_log(0);
    quire_reader *reader = NULL;
    quire_log *log = NULL;

    begin_segment(1);
    e.version = it->version;
    e.compatible = it->compatible;
    e.incompatible = it->incompatible;
    e.number = it->number;
    encode_segment(&e);
    add_data(1, 10, (const char *const[]){"a"}, 1);
    if (it->flipped)
        e.bytes[it->flipped] ^= 1;
    e.number = 1; /* the name */
    put_segment(directory);

    int rc = quire_reader_open(directory, &options, &reader);
    if (rc == 0) {
        rc = next_code(reader);
        CHECK_OK(quire_reader_close(reader));
    }
    CHECK_CODE(rc < 0 ? rc : 0, it->code);
    rc = quire_log_open(directory, &o, &log);
    CHECK_CODE(rc, it->code);
    if (rc == 0)
        CHECK_OK(quire_log_close(log));
}

/* Of two segments with the same sequences the later one counts, from its first on, in the middle of a block too. */
TEST(format_later_segment_wins)
{
    const char *directory = harness_path("log");

    begin_segment(1);
    add_data(1, 10, (const char *const[]){"a", "b"}, 2);
    add_data(3, 20, (const char *const[]){"old c", "old d"}, 2);
    put_segment(directory);
    begin_segment(2);
    add_data(2, 30, (const char *const[]){"new b", "new c"}, 2);
    put_segment(directory);
    quire_reader *reader = read_with(directory, NULL);
    expect(reader, "data 1 10 1 4096 1", "a");
    expect(reader, "data 2 30 2 4096 5", "new b");
    expect(reader, "data 3 30 2 4096 5", "new c");
    CHECK_INT(next_code(reader), 0);
    CHECK_OK(quire_reader_close(reader));
    CHECK_OK(quire_verify(directory, NULL, &(struct quire_verify_result){.size = sizeof(struct quire_verify_result)}));
}
