/* Mending a log from outside: repair, trim, truncate.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_support.h"

enum { SEGMENTS = 4, EACH = 30, ALL = SEGMENTS * EACH };

/* Segments of EACH records, some to a block; sealed, but for the last. */
static void make_log(const char *directory)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = open_log(directory, &o);

    for (uint64_t i = 1; i <= ALL; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % 4 == 0)
            REQUIRE_OK(quire_log_sync(log, 0));
        if (i % EACH == 0 && i != ALL)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
}

static void damage_bytes(const char *name, uint64_t offset, size_t length)
{
    char junk[3 * PAGE];

    memset(junk, 0x5a, sizeof junk);
    overwrite(name, offset, junk, length);
}

struct count {
    uint64_t records, lost;
};

/* Every record that is there is the model's, and what is not is declared; both ways. */
static struct count check_with_gaps(const char *directory)
{
    struct quire_record record;
    quire_reader *reader = NULL;
    struct count count = {0};
    struct count back = {0};
    uint64_t next = 1;
    unsigned char should[700];
    int rc;

    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        REQUIRE_UINT(record.sequence, next);
        if (record.kind == QUIRE_RECORD_GAP) {
            count.lost += record.lost;
            next += record.lost;
            continue;
        }
        record_fill(should, next);
        REQUIRE_UINT(record.length, record_length(next));
        CHECK_BYTES(record.data, should, record.length);
        count.records++;
        next++;
    }
    CHECK_CODE(rc, 0);
    while ((rc = quire_reader_previous(reader, &record)) > 0) {
        back.records += record.kind == QUIRE_RECORD_DATA;
        back.lost += record.kind == QUIRE_RECORD_GAP ? record.lost : 0;
    }
    CHECK_CODE(rc, 0);
    CHECK_UINT(back.records, count.records);
    CHECK_UINT(back.lost, count.lost);
    quire_reader_close(reader);
    return count;
}

static int verify(const char *directory)
{
    struct quire_verify_result result = {.size = sizeof result};

    return quire_verify(directory, NULL, &result);
}

struct wound {
    const char *name;
    uint64_t segment; /* to be damaged; */
    int64_t offset;   /* from here; -1: removed */
    size_t length;    /* so many bytes; 0: emptied */
    bool more;        /* and the segment behind it is removed */
};

static const struct wound wounds[] = {
    {"first_block", 1, PAGE + 200, 10, false},
    {"middle", 2, 3 * PAGE + 100, 1, false},
    {"two_blocks", 2, 2 * PAGE + 50, 3 * PAGE, false},
    {"header_of_a_block", 3, 2 * PAGE + 20, 4, false},
    {"header_of_the_segment", 2, 0, 40, false},
    {"header_of_the_first", 1, 40, 1, false},
    {"emptied", 3, 0, 0, false},
    {"removed", 2, -1, 0, false},
    {"two_removed", 2, -1, 0, true},
    {"last", 4, 3 * PAGE + 100, 1, false},
    {"last_removed", 4, -1, 0, false},
};

static void wound(const char *directory, const struct wound *it)
{
    const char *name = segment_name(directory, it->segment);

    if (it->offset < 0)
        REQUIRE(unlink(name) == 0);
    else if (it->length == 0)
        REQUIRE(truncate(name, 0) == 0);
    else
        damage_bytes(name, (uint64_t)it->offset, it->length);
    if (it->more)
        REQUIRE(unlink(segment_name(directory, it->segment + 1)) == 0);
}

TEST_EACH(log_repair, struct wound, wounds)
{
    const char *directory = harness_path("log");
    uint64_t steps = 0;

    make_log(directory);
    CHECK_OK(verify(directory));
    CHECK_OK(quire_repair(directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, 0);
    wound(directory, it);
    CHECK_CODE(verify(directory), QUIRE_E_DAMAGED);
    /* A plan changes nothing. */
    CHECK_OK(quire_repair(directory, 0, NULL, NULL, &steps));
    CHECK(steps > 0);
    CHECK_CODE(verify(directory), QUIRE_E_DAMAGED);
    uint64_t done = 0;
    CHECK_OK(quire_repair(directory, 1, NULL, NULL, &done));
    CHECK_UINT(done, steps);
    CHECK_OK(verify(directory));
    CHECK_OK(quire_repair(directory, 1, NULL, NULL, &steps));
    CHECK_UINT(steps, 0);
    struct count count = check_with_gaps(directory);
    CHECK(count.lost > 0 && count.lost <= 2 * EACH);
    CHECK_UINT(count.records + count.lost, ALL);

    struct quire_log_options o = small_log(0);
    quire_log *log = open_log(directory, &o);
    REQUIRE_OK(append_next(log, ALL + 1));
    REQUIRE_OK(quire_log_close(log));
    CHECK_UINT(check_with_gaps(directory).records, count.records + 1);
}

/* No block is left, and records are known to have been durable: how many nobody knows. */
TEST(log_repair_of_nothing)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    uint64_t steps = 0;
    quire_log *log = open_log(directory, &o);

    for (uint64_t i = 1; i <= 3; i++)
        REQUIRE_OK(append_next(log, i));
    REQUIRE_OK(quire_log_rotate(log));
    REQUIRE_OK(append_next(log, 4));
    REQUIRE_OK(quire_log_close(log));
    REQUIRE(unlink(segment_name(directory, 1)) == 0);
    damage_bytes(segment_name(directory, 2), PAGE, PAGE);
    CHECK_OK(quire_repair(directory, 1, NULL, NULL, &steps));
    CHECK(steps > 0);
    CHECK_OK(verify(directory));
    log = open_log(directory, &o);
    CHECK_UINT(log_marks(log).appended, 4);
    REQUIRE_OK(quire_log_close(log));
}

TEST(log_repair_while_open)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    uint64_t count = 7;
    quire_log *log = open_log(directory, &o);

    REQUIRE_OK(append_next(log, 1));
    CHECK_CODE(quire_repair(directory, 1, NULL, NULL, &count), QUIRE_E_LOCKED);
    CHECK_CODE(quire_trim(directory, 1, &count), QUIRE_E_LOCKED);
    CHECK_CODE(quire_truncate(directory, 0, &count), QUIRE_E_LOCKED);
    CHECK_UINT(count, 7);
    CHECK_OK(quire_log_close(log));
    CHECK_CODE(quire_trim(harness_path("nothing"), 1, &count), -ENOENT);
}

TEST(log_trim_from_outside)
{
    const char *directory = harness_path("log");
    uint64_t gone = 0;

    make_log(directory);
    CHECK_OK(quire_trim(directory, EACH, &gone));
    CHECK_UINT(gone, 0);
    CHECK_OK(quire_trim(directory, 2 * EACH + 5, &gone));
    CHECK_UINT(gone, 2);
    CHECK_LOG(directory, 2 * EACH + 1, ALL);
    CHECK_OK(quire_trim(directory, UINT64_MAX, &gone));
    CHECK_UINT(gone, 1);
    CHECK_LOG(directory, 3 * EACH + 1, ALL);
}

/* At each sequence: what is left is everything up to it, and the next append gets the next. */
TEST(log_truncate)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(0);
    uint64_t gone = 0;

    make_log(directory);
    CHECK_CODE(quire_truncate(directory, ALL + 1, &gone), QUIRE_E_RANGE);
    CHECK_OK(quire_truncate(directory, ALL, &gone));
    CHECK_UINT(gone, 0);
    for (uint64_t left = ALL; left > 0;) {
        uint64_t to = left > 7 ? left - 1 - harness_below(7) : left - 1;
        REQUIRE_OK(quire_truncate(directory, to, &gone));
        CHECK_UINT(gone, left - to);
        if (to > 0)
            CHECK_LOG(directory, 1, to);
        CHECK_OK(verify(directory));
        if (harness_below(3) == 0) {
            quire_log *log = open_log(directory, &o);
            REQUIRE_UINT(log_marks(log).appended, to);
            REQUIRE_OK(append_next(log, ++to));
            REQUIRE_OK(quire_log_close(log));
        }
        left = to;
        if (to <= 1)
            break;
    }
}

static void check_last(const char *directory, uint64_t sequence, uint64_t length)
{
    struct quire_record record;
    quire_reader *reader = NULL;
    unsigned char should[700];

    record_fill(should, sequence);
    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    REQUIRE_OK(quire_reader_seek_end(reader));
    REQUIRE_INT(quire_reader_previous(reader, &record), 1);
    CHECK_UINT(record.sequence, sequence);
    if (CHECK_UINT(record.length, length))
        CHECK_BYTES(record.data, should, length);
    REQUIRE_OK(quire_reader_close(reader));
}

/* Of all segments. */
static void check_modes(const char *directory, mode_t mode)
{
    DIR *entries = opendir(directory);
    struct dirent *entry;
    struct stat st;

    REQUIRE(entries != NULL);
    while ((entry = readdir(entries))) {
        if (entry->d_name[0] != '0')
            continue;
        REQUIRE(fstatat(dirfd(entries), entry->d_name, &st, 0) == 0);
        CHECK_UINT(st.st_mode & 0777, mode);
    }
    closedir(entries);
}

static const struct within {
    const char *name;
    uint32_t flags, codec;
} withins[] = {{"plain", 0, 0}, {"times", QUIRE_LOG_RECORD_TIMES, 0}, {"lz4", QUIRE_LOG_RECORD_TIMES, QUIRE_CODEC_LZ4}};

/* Of the last record that stays so many bytes stay: of any, and cut again as often as one likes. */
TEST_EACH(log_truncate_within, struct within, withins)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(0);
    uint64_t gone = 0;

    skip_without_codec(it->codec);
    o.flags |= it->flags;
    o.codec = it->codec;
    o.file_mode = 0640;
    umask(027);
    quire_log *log = open_log(directory, &o);
    append_many(log, 1, ALL);
    REQUIRE_OK(quire_log_close(log));
    CHECK_CODE(quire_truncate_within(directory, ALL + 1, 0, &gone), QUIRE_E_RANGE);
    CHECK_CODE(quire_truncate_within(directory, 0, 0, &gone), QUIRE_E_TRIMMED);
    for (uint64_t left = ALL, to; left > 1; left = to - 1) {
        to = left - harness_below(left < 7 ? left : 7);
        uint64_t length = record_length(to);
        /* Longer than it is: it stays as it is. */
        REQUIRE_OK(quire_truncate_within(directory, to, length + harness_below(2), &gone));
        CHECK_UINT(gone, left - to);
        CHECK_LOG(directory, 1, to);
        for (int i = 0; i < 3; i++) {
            length = harness_below(length + 1);
            REQUIRE_OK(quire_truncate_within(directory, to, length, &gone));
            CHECK_UINT(gone, 0);
            CHECK_OK(verify(directory));
            check_last(directory, to, length);
            check_modes(directory, 0640);
        }
        if (harness_below(3) == 0) {
            log = open_log(directory, &o);
            REQUIRE_UINT(log_marks(log).appended, to);
            REQUIRE_OK(append_next(log, to + 1));
            REQUIRE_OK(quire_log_close(log));
            check_last(directory, to + 1, record_length(to + 1));
        }
        REQUIRE_OK(quire_truncate(directory, to - 1, NULL));
        if (to > 1)
            CHECK_LOG(directory, 1, to - 1);
    }
}
