/* After it ended badly: a tail cut anywhere, garbage behind it, damage below the durable mark, strange files.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log_support.h"
#include "sanitizers.h"

/* A log of count records in one segment, each a block of a page and durable; closed. */
static void make_log(const char *directory, uint64_t count)
{
    struct quire_log_options o = small_log(0);

    quire_log *log = open_log(directory, &o);
    for (uint64_t i = 1; i <= count; i++) {
        REQUIRE_OK(append_next(log, i));
        REQUIRE_OK(quire_log_sync(log, 0));
    }
    REQUIRE_OK(quire_log_close(log));
}

/* What was known durable when the process died is in live.quire; whoever simulates a crash before that takes it away. */
static void forget_durable(const char *directory)
{
    char name[256];

    snprintf(name, sizeof name, "%s/live.quire", directory);
    REQUIRE(unlink(name) == 0);
}

static quire_log *reopen(const char *directory, struct quire_recovery *recovery)
{
    struct quire_log_options o = small_log(0);

    recovery->size = sizeof *recovery;
    o.recovery = recovery;
    return open_log(directory, &o);
}

struct cut {
    const char *name;
    uint64_t bytes;
};

static const struct cut cuts[] = {{"1", 1},   {"2", 2},           {"3", 3},       {"14", 14},
                                  {"64", 64}, {"half", PAGE / 2}, {"page", PAGE}, {"page_and_1", PAGE + 1}};

/* The first test that quire must win: append after a torn tail. */
TEST_EACH(log_append_after_torn_tail, struct cut, cuts)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {0};

    make_log(directory, 50);
    forget_durable(directory);
    const char *name = segment_name(directory, 1);
    int64_t size = file_size(name);
    REQUIRE_INT(size, 51 * PAGE);
    REQUIRE(truncate(name, size - (int64_t)it->bytes) == 0);
    uint64_t left = 50 - (it->bytes + PAGE - 1) / PAGE;

    quire_log *log = reopen(directory, &recovery);
    CHECK_UINT(recovery.last_sequence, left);
    CHECK_UINT(recovery.torn_bytes, (PAGE - it->bytes % PAGE) % PAGE);
    for (uint64_t i = left + 1; i <= left + 10; i++) {
        REQUIRE_OK(append_next(log, i));
        REQUIRE_OK(quire_log_sync(log, 0));
    }
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, left + 10);
}

/* The same for a cut of every length. */
TEST(log_append_after_any_cut)
{
    for (uint64_t bytes = 1; bytes <= 64; bytes++) {
        char name[32];
        snprintf(name, sizeof name, "log-%" PRIu64, bytes);
        const char *directory = harness_path(name);
        struct quire_recovery recovery = {0};
        make_log(directory, 3);
        forget_durable(directory);
        REQUIRE(truncate(segment_name(directory, 1), 4 * PAGE - (off_t)bytes) == 0);
        quire_log *log = reopen(directory, &recovery);
        REQUIRE_UINT(recovery.last_sequence, 2);
        REQUIRE_OK(append_next(log, 3));
        REQUIRE_OK(quire_log_close(log));
        CHECK_LOG(directory, 1, 3);
    }
}

/* A torn block before later ones that got there first, all of them not durable: they go, and never come back. */
TEST(log_hole_in_what_was_not_durable)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(0);
    struct quire_recovery recovery = {.size = sizeof recovery};
    char torn[300];

    o.sync_policy = QUIRE_SYNC_NONE;
    quire_log *log = open_log(directory, &o);
    for (uint64_t i = 1; i <= 10; i++) {
        REQUIRE_OK(append_next(log, i));
        REQUIRE_OK(quire_log_flush(log));
    }
    REQUIRE_OK(quire_log_close(log));
    flip_byte(segment_name(directory, 1), 4 * PAGE + 200, 1);
    log = reopen(directory, &recovery);
    CHECK_UINT(recovery.last_sequence, 3);
    CHECK_UINT(recovery.torn_blocks, 7);
    CHECK_UINT(recovery.torn_records, 7);
    CHECK_UINT(recovery.torn_bytes, 7 * PAGE);
    snprintf(torn, sizeof torn, "%s/%016d-%d.torn", directory, 1, 4 * PAGE);
    CHECK_INT(file_size(torn), 7 * PAGE);
    /* Blocks as large as those that were there: the next of the old ones must not follow the new. */
    REQUIRE_OK(append_next(log, 4));
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 4);
}

/* What is taken out of one place later does not replace what was taken out of it first. */
TEST(log_torn_twice_at_one_place)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {0};
    char torn[300];

    make_log(directory, 3);
    forget_durable(directory);
    for (uint64_t time = 0; time < 3; time++) {
        flip_byte(segment_name(directory, 1), 3 * PAGE + 200, 1);
        quire_log *log = reopen(directory, &recovery);
        CHECK_UINT(recovery.last_sequence, 2);
        CHECK_UINT(recovery.torn_blocks, 1);
        REQUIRE_OK(append_next(log, 3));
        REQUIRE_OK(quire_log_close(log));
        forget_durable(directory);
    }
    snprintf(torn, sizeof torn, "%s/%016d-%d.torn", directory, 1, 3 * PAGE);
    CHECK_INT(file_size(torn), PAGE);
    for (int again = 1; again < 3; again++) {
        snprintf(torn, sizeof torn, "%s/%016d-%d-%d.torn", directory, 1, 3 * PAGE, again);
        CHECK_INT(file_size(torn), PAGE);
    }
    struct quire_log_info info = {.size = sizeof info};
    REQUIRE_OK(quire_inspect(directory, NULL, NULL, &info));
    CHECK_UINT(info.torn_files, 3);
}

/* Damage below what was known durable is an error that says where, and nothing is changed. */
TEST(log_damage_is_not_a_torn_tail)
{
    const char *directory = harness_path("log");
    struct quire_damage damage = {0};
    struct quire_log_options o = small_log(0);
    quire_log *log = NULL;

    make_log(directory, 20);
    flip_byte(segment_name(directory, 1), 8 * PAGE + 150, 0x40);
    struct bytes before = read_file(segment_name(directory, 1));
    o.damage = &damage;
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_DAMAGED);
    CHECK_INT(damage.code, QUIRE_E_DAMAGED);
    CHECK_UINT(damage.segment, 1);
    CHECK_UINT(damage.offset, 8 * PAGE);
    CHECK_UINT(damage.block, 7);
    CHECK_UINT(damage.first_sequence, 8);
    CHECK_FILE(segment_name(directory, 1), &before);
    bytes_free(&before);

    o.flags = QUIRE_LOG_READ_PAST_DAMAGE;
    log = open_log(directory, &o);
    append_many(log, 21, 25);
    REQUIRE_OK(quire_log_close(log));
    struct quire_reader_options reading = {.size = sizeof reading, .flags = QUIRE_READ_GAPS};
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t records = 0;
    uint64_t lost = 0;
    REQUIRE_OK(quire_reader_open(directory, &reading, &reader));
    while (quire_reader_next(reader, &record) > 0) {
        records += record.kind == QUIRE_RECORD_DATA;
        lost += record.kind == QUIRE_RECORD_GAP ? record.lost : 0;
    }
    quire_reader_close(reader);
    CHECK_UINT(records, 24);
    CHECK_UINT(lost, 1);
}

/* The end of the log is missing, and live.quire knows that it was durable. */
TEST(log_lost_end_is_damage)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(0);
    quire_log *log = NULL;

    make_log(directory, 20);
    REQUIRE(truncate(segment_name(directory, 1), 16 * PAGE) == 0);
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_DAMAGED);
    o.flags = QUIRE_LOG_READ_PAST_DAMAGE;
    log = open_log(directory, &o);
    CHECK_UINT(log_marks(log).appended, 15);
    uint64_t sequence = 0;
    REQUIRE_OK(quire_log_append(log, "x", 1, &sequence));
    CHECK_UINT(sequence, 21);
    REQUIRE_OK(quire_log_close(log));
    uint64_t records, lost, last;
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, 16);
    CHECK_UINT(lost, 5);
    CHECK_UINT(last, 21);
}

/* A flip of any byte of a small log: open either says that it is damaged, or goes on behind what is whole; never a wrong
 * record. */
TEST(log_open_with_any_byte_flipped)
{
    const char *directory = harness_path("log");
    char live[300];

    make_log(directory, 4);
    snprintf(live, sizeof live, "%s/live.quire", directory);
    struct bytes segment = read_file(segment_name(directory, 1));
    struct bytes mark = read_file(live);
    for (uint64_t at = 0; at < segment.length; at += at < 2 * PAGE ? 1 : 17) {
        struct quire_log_options o = small_log(0);
        o.sync_policy = QUIRE_SYNC_NONE; /* thousands of flushes would be the disk's, not ours */
        quire_log *log = NULL;
        write_file(segment_name(directory, 1), segment.data, segment.length);
        write_file(live, mark.data, mark.length);
        flip_byte(segment_name(directory, 1), at, (unsigned char)(1u << at % 8));
        int rc = quire_log_open(directory, &o, &log);
        if (rc == 0)
            quire_log_close(log);
        if (rc != QUIRE_E_DAMAGED && rc != QUIRE_E_VERSION && rc != QUIRE_E_FOREIGN)
            FAIL("byte %" PRIu64 ": %s", at, quire_strerror(rc));
    }
    bytes_free(&segment);
    bytes_free(&mark);
}

/* Files that are not the log's are left alone, and do not matter. */
TEST(log_foreign_files)
{
    static const char *const names[] = {"README",     "1.quire", "0000000000000009.quire.bak", "00000000000000x9.quire",
                                        "next.quire", "x.torn"};
    const char *directory = harness_path("log");
    char name[400];
    struct quire_recovery recovery = {0};

    make_log(directory, 5);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s/%s", directory, names[i]);
        write_file(name, "mine", 4);
    }
    quire_log *log = reopen(directory, &recovery);
    REQUIRE_OK(append_next(log, 6));
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 6);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s/%s", directory, names[i]);
        if (strcmp(names[i], "next.quire") != 0)
            CHECK_INT(file_size(name), 4);
    }
}

/* A segment whose making was cut short: it never held anything. */
TEST(log_unborn_segment)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {0};
    char zeros[PAGE] = {0};

    make_log(directory, 5);
    write_file(segment_name(directory, 2), "", 0);
    write_file(segment_name(directory, 3), zeros, sizeof zeros);
    quire_log *log = reopen(directory, &recovery);
    CHECK_UINT(recovery.last_sequence, 5);
    append_many(log, 6, 3000);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 3000);
}

TEST(log_segment_of_another_log)
{
    const char *directory = harness_path("log");
    const char *other = harness_path("other");
    struct quire_log_options o = small_log(0);
    struct quire_damage damage = {0};
    quire_log *log = NULL;

    make_log(directory, 5);
    make_log(other, 5);
    struct bytes segment = read_file(segment_name(other, 1));
    write_file(segment_name(directory, 2), segment.data, segment.length);
    bytes_free(&segment);
    o.damage = &damage;
    CHECK_CODE(quire_log_open(directory, &o, &log), QUIRE_E_FOREIGN);
    CHECK_UINT(damage.segment, 2);
}

/* A copy of a segment's blocks, at another place or of an older writing, never validates. */
TEST(log_stale_blocks)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {0};

    make_log(directory, 5);
    struct bytes segment = read_file(segment_name(directory, 1));
    /* The log once more, behind itself. */
    overwrite(segment_name(directory, 1), segment.length, segment.data + PAGE, segment.length - PAGE);
    bytes_free(&segment);
    quire_log *log = reopen(directory, &recovery);
    CHECK_UINT(recovery.last_sequence, 5);
    CHECK_UINT(recovery.torn_records, 0);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 5);
}

/* The clock goes back: times do not. */
TEST(log_times_never_go_back)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(0);
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t last = 0;

    o.flags = QUIRE_LOG_RECORD_TIMES;
    for (int round = 0; round < 3; round++) {
        quire_log *log = open_log(directory, &o);
        quire_log_lane *lane = NULL;
        REQUIRE_OK(quire_log_lane_open(log, &lane));
        for (int i = 0; i < 50; i++) {
            REQUIRE_OK(quire_log_append(log, "a", 1, NULL));
            REQUIRE_OK(quire_log_lane_append(lane, "b", 1));
            if (i % 9 == 0)
                REQUIRE_OK(quire_log_lane_flush(lane, NULL));
        }
        REQUIRE_OK(quire_log_close(log));
    }
    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    int count = 0;
    for (; quire_reader_next(reader, &record) > 0; count++) {
        REQUIRE(record.time >= last);
        last = record.time;
    }
    CHECK_INT(count, 300);
    quire_reader_close(reader);
}

/* The process is killed while it appends durably: everything it said was durable is there. */
enum { ROUNDS = SANITIZED ? 5 : 50 }; /* for each of the methods: 200 kills */

static void append_until_killed(const char *directory, uint32_t method, int to)
{
    struct quire_log_options o = small_log(method);
    quire_log *log = NULL;

    o.sync_policy = QUIRE_SYNC_EACH;
    if (quire_log_open(directory, &o, &log) < 0)
        _exit(77);
    struct quire_watermarks marks = {0};
    quire_log_watermarks(log, &marks);
    for (uint64_t i = marks.appended + 1;; i++) {
        if (append_next(log, i) < 0 || write(to, &i, sizeof i) != (ssize_t)sizeof i)
            _exit(1);
    }
}

TEST_EACH(log_kill, struct method, log_methods)
{
    const char *directory = harness_path("log");
    uint64_t acknowledged = 0;

    for (int round = 0; round < ROUNDS; round++) {
        int ends[2];
        int status = 0;
        REQUIRE(pipe(ends) == 0);
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            append_until_killed(directory, it->method, ends[1]);
        }
        close(ends[1]);
        uint64_t said;
        uint64_t most = 1 + harness_below(200);
        for (uint64_t i = 0; i < most && read(ends[0], &said, sizeof said) == (ssize_t)sizeof said; i++)
            acknowledged = said;
        kill(child, SIGKILL);
        while (read(ends[0], &said, sizeof said) == (ssize_t)sizeof said)
            acknowledged = said;
        close(ends[0]);
        REQUIRE(waitpid(child, &status, 0) == child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            SKIP("the method is not to be had");
        REQUIRE(WIFSIGNALED(status));
        uint64_t records, lost, last;
        CHECK_OK(count_log(directory, &records, &lost, &last));
        REQUIRE(last >= acknowledged);
        CHECK_LOG(directory, 1, last);
        acknowledged = 0;
    }
}
