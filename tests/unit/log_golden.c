/* Logs that an earlier build wrote: read, verified, and appended to; and the example of docs/format.md.
 *
 * tests/golden/v1 holds them, and a manifest of each. They are never written again: a build that reads them otherwise is
 * wrong, not they.
 *
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "encode.h"
#include "log_support.h"
#include "manifest.h"

enum { LINES_MOST = 1000 };

struct golden {
    const char *name;
    const char *feature; /* without which it cannot be gone on with; NULL: none */
    uint64_t records, lost, segments;
    uint32_t flags; /* to go on with */
};

static const struct golden goldens[] = {
    {"plain", NULL, 40, 0, 3, 0},    {"times", NULL, 40, 0, 2, QUIRE_LOG_RECORD_TIMES},
    {"zstd", "zstd", 401, 0, 1, 0},  {"lz4", "lz4", 401, 0, 1, 0},
    {"segments", NULL, 30, 0, 5, 0}, {"chain", "sha256", 30, 0, 5, QUIRE_LOG_CHAIN},
    {"reused", NULL, 9, 0, 3, 0},    {"dropped", NULL, 17, 6, 2, 0},
    {"void", NULL, 6, 1, 1, 0},      {"large", NULL, 5, 0, 2, 0},
};

static const char *golden_path(const char *name, const char *ending)
{
    static char path[2][512];
    static int next;
    const char *root = getenv("GOLDEN");

    REQUIRE(root != NULL);
    next = !next;
    snprintf(path[next], sizeof path[next], "%s/%s%s", root, name, ending);
    return path[next];
}

static bool is_compressed(const struct golden *it)
{
    return it->feature && !(it->flags & QUIRE_LOG_CHAIN);
}

static void need_feature(const struct golden *it)
{
    if (it->feature && !strstr(quire_features(), it->feature))
        SKIP("this build is without %s", it->feature);
}

/* The lines of a manifest. */
struct lines {
    struct bytes text;
    const char *line[LINES_MOST];
    uint64_t count;
    const char *chain; /* NULL: none */
};

static void lines_read(struct lines *lines, const char *name)
{
    *lines = (struct lines){.text = read_file(golden_path(name, ".txt"))};
    bytes_add(&lines->text, "", 1);
    for (char *line = strtok((char *)lines->text.data, "\n"); line; line = strtok(NULL, "\n")) {
        REQUIRE(lines->count < LINES_MOST);
        if (strncmp(line, "chain ", 6) == 0)
            lines->chain = line;
        else
            lines->line[lines->count++] = line;
    }
    REQUIRE(lines->count > 0);
}

static void lines_free(struct lines *lines)
{
    bytes_free(&lines->text);
}

static quire_reader *open_golden(const char *directory)
{
    quire_reader *reader = NULL;

    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    return reader;
}

/* Forwards, what the manifest says, and then the reader's next. */
static void check_lines(quire_reader *reader, const struct lines *lines)
{
    struct quire_record record;

    for (uint64_t i = 0; i < lines->count; i++) {
        REQUIRE_INT(quire_reader_next(reader, &record), 1);
        REQUIRE(CHECK_STR(manifest_line(&record).text, lines->line[i]));
    }
}

TEST_EACH(golden_read, struct golden, goldens)
{
    struct quire_record record;
    struct lines lines;

    if (is_compressed(it))
        need_feature(it);
    lines_read(&lines, it->name);
    quire_reader *reader = open_golden(golden_path(it->name, ""));
    check_lines(reader, &lines);
    CHECK_INT(quire_reader_next(reader, &record), 0);
    for (uint64_t i = lines.count; i > 0; i--) {
        REQUIRE_INT(quire_reader_previous(reader, &record), 1);
        REQUIRE(CHECK_STR(manifest_line(&record).text, lines.line[i - 1]));
    }
    CHECK_INT(quire_reader_previous(reader, &record), 0);
    CHECK_OK(quire_reader_close(reader));
    lines_free(&lines);
}

/* A build without the codec says so, and where. */
TEST_EACH(golden_without_codec, struct golden, goldens)
{
    struct quire_damage damage = {0};
    struct quire_reader_options options = {.size = sizeof options, .damage = &damage};
    struct quire_record record;
    quire_reader *reader = NULL;

    if (!is_compressed(it) || strstr(quire_features(), it->feature))
        SKIP("this build can read it");
    REQUIRE_OK(quire_reader_open(golden_path(it->name, ""), &options, &reader));
    CHECK_CODE(quire_reader_next(reader, &record), QUIRE_E_NO_CODEC);
    CHECK_UINT(damage.segment, 1);
    CHECK_UINT(damage.offset, PAGE);
    CHECK_UINT(damage.first_sequence, 1);
    /* Blocks with nothing to save are not compressed. */
    uint64_t last = 0;
    for (int rc = QUIRE_E_NO_CODEC; rc != 0; rc = quire_reader_next(reader, &record))
        if (rc < 0)
            REQUIRE_CODE(quire_reader_skip(reader), 0);
        else
            last = record.sequence;
    CHECK_UINT(last, it->records);
    CHECK_OK(quire_reader_close(reader));
}

TEST_EACH(golden_verify, struct golden, goldens)
{
    struct quire_verify_options options = {.size = sizeof options};
    struct quire_verify_result result = {.size = sizeof result};
    struct lines lines;

    need_feature(it);
    lines_read(&lines, it->name);
    if (it->flags & QUIRE_LOG_CHAIN)
        options.flags = QUIRE_VERIFY_CHAIN;
    CHECK_OK(quire_verify(golden_path(it->name, ""), &options, &result));
    CHECK_UINT(result.records, it->records);
    CHECK_UINT(result.lost, it->lost);
    CHECK_UINT(result.segments, it->segments);
    CHECK_UINT(result.damaged, 0);
    CHECK_UINT(result.torn_bytes, 0);
    CHECK_UINT(result.last_sequence - result.first_sequence + 1, it->records + it->lost);
    REQUIRE((lines.chain != NULL) == (options.flags != 0));
    if (lines.chain)
        CHECK_STR(manifest_chain(result.chain).text, lines.chain);
    lines_free(&lines);
}

static void copy_golden(const char *name, const char *to)
{
    char from[512];

    snprintf(from, sizeof from, "%s", golden_path(name, ""));
    DIR *folder = opendir(from);
    REQUIRE(folder != NULL);
    REQUIRE(mkdir(to, 0700) == 0);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", from, entry->d_name);
        struct bytes all = read_file(path);
        snprintf(path, sizeof path, "%s/%s", to, entry->d_name);
        write_file(path, all.data, all.length);
        bytes_free(&all);
    }
    closedir(folder);
}

/* What was there stays as it was, and what is appended comes behind it. */
TEST_EACH(golden_append, struct golden, goldens)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {.size = sizeof recovery};
    struct quire_log_options o = small_log(0);
    struct quire_record record;
    struct lines lines;
    uint64_t sequence = 0;

    need_feature(it);
    lines_read(&lines, it->name);
    copy_golden(it->name, directory);
    o.flags = it->flags | QUIRE_LOG_EXISTING;
    o.recovery = &recovery;
    quire_log *log = open_log(directory, &o);
    CHECK_UINT(recovery.torn_bytes, 0);
    for (uint64_t i = 1; i <= 3; i++) {
        REQUIRE_OK(quire_log_append(log, "appended", 8, &sequence));
        CHECK_UINT(sequence, recovery.last_sequence + i);
    }
    REQUIRE_OK(quire_log_close(log));

    quire_reader *reader = open_golden(directory);
    check_lines(reader, &lines);
    for (uint64_t i = 1; i <= 3; i++) {
        REQUIRE_INT(quire_reader_next(reader, &record), 1);
        CHECK_UINT(record.sequence, recovery.last_sequence + i);
        CHECK(record.length == 8 && memcmp(record.data, "appended", 8) == 0);
    }
    CHECK_INT(quire_reader_next(reader, &record), 0);
    CHECK_OK(quire_reader_close(reader));
    struct quire_verify_options options = {.size = sizeof options};
    struct quire_verify_result result = {.size = sizeof result};
    options.flags = it->flags & QUIRE_LOG_CHAIN ? QUIRE_VERIFY_CHAIN : 0;
    CHECK_OK(quire_verify(directory, &options, &result));
    CHECK_UINT(result.records, it->records + 3);
    lines_free(&lines);
}

/* The bytes of the example in docs/format.md: what its lines "OFFSET: 16 bytes" say, zeros between. */
static void read_example(unsigned char *to, uint64_t length)
{
    const char *path = getenv("FORMAT");
    int lines = 0;

    REQUIRE(path != NULL);
    struct bytes text = read_file(path);
    bytes_add(&text, "", 1);
    memset(to, 0, length);
    for (char *line = strtok((char *)text.data, "\n"); line; line = strtok(NULL, "\n")) {
        char *at;
        if (!isxdigit((unsigned char)line[0]) || line[4] != ':')
            continue;
        uint64_t offset = strtoul(line, &at, 16);
        REQUIRE(offset + 16 <= length);
        at++;
        for (int i = 0; i < 16; i++)
            to[offset + (uint64_t)i] = (unsigned char)strtoul(at, &at, 16);
        lines++;
    }
    CHECK_INT(lines, 11);
    bytes_free(&text);
}

/* The same from the tables, with the numbers that the example's words give. */
static void encode_example(struct encoding *e)
{
    static const unsigned char id[16] = {0x15, 0x0c, 0x63, 0x5f, 0x5e, 0xae, 0xc9, 0xa2,
                                         0x46, 0xfc, 0xb7, 0xe0, 0x5c, 0x89, 0x18, 0x31};
    struct encoded_payload payload = {0};

    *e = (struct encoding){.epoch = UINT64_C(0x3e01553c22f5ed5e),
                           .version = 1,
                           .number = 1,
                           .created = UINT64_C(1795536265713071043),
                           .segment_bytes = 20480};
    memcpy(e->log_id, id, sizeof id);
    encode_segment(e);
    encode_record(&payload, "hello", 5, false, 0, false);
    encode_record(&payload, "log", 3, false, 0, false);
    encode_block(e,
                 &(struct encoded_block){.type = 1,
                                         .records = 2,
                                         .first_sequence = 1,
                                         .first_time = UINT64_C(1795536265714175054),
                                         .last_time = UINT64_C(1795536265714177739)},
                 &payload);
}

TEST(format_example)
{
    static struct encoding e;
    unsigned char example[8192];
    const char *directory = harness_path("log");
    struct quire_record record;

    read_example(example, sizeof example);
    encode_example(&e);
    REQUIRE_UINT(e.length, sizeof example);
    CHECK_BYTES(example, e.bytes, sizeof example);

    REQUIRE(mkdir(directory, 0700) == 0);
    write_file(segment_name(directory, 1), example, sizeof example);
    quire_reader *reader = open_golden(directory);
    REQUIRE_INT(quire_reader_next(reader, &record), 1);
    CHECK_STR(manifest_line(&record).text, "data 1 1795536265714175054 1 4096 5 9a71bb4c");
    CHECK(record.length == 5 && memcmp(record.data, "hello", 5) == 0);
    REQUIRE_INT(quire_reader_next(reader, &record), 1);
    CHECK(record.sequence == 2 && record.length == 3 && memcmp(record.data, "log", 3) == 0);
    CHECK_INT(quire_reader_next(reader, &record), 0);
    CHECK_OK(quire_reader_close(reader));
}

/* The checksum of the page says which one is meant. */
TEST(format_checksum)
{
    CHECK_UINT(manifest_crc32c(0, "123456789", 9), 0xE3069283);
    CHECK_UINT(manifest_crc32c(manifest_crc32c(0, "1234", 4), "56789", 5), 0xE3069283);
}
