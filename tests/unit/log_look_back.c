/* What no flush covered, over the ends of segments: how far back opening looks, and what it makes of a hole there.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <quire/check.h>

#include "log_support.h"

/* Three segments of five records, each record a block of a page: none durable but those up to `durable`. */
static void make_segments(const char *directory, uint64_t durable)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_WRITE);

    o.sync_policy = QUIRE_SYNC_NONE;
    o.flags = QUIRE_LOG_NO_LIVE;
    quire_log *log = open_log(directory, &o);
    for (uint64_t i = 1; i <= 15; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i == durable)
            REQUIRE_OK(quire_log_sync(log, 0));
        if (i == 5 || i == 10)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
}

/* The block of that record: its page is as it was before the write. */
static void lose(const char *directory, uint64_t record)
{
    static const unsigned char zeros[PAGE];

    overwrite(segment_name(directory, (record - 1) / 5 + 1), ((record - 1) % 5 + 1) * PAGE, zeros, sizeof zeros);
}

static quire_log *reopen(const char *directory, uint32_t flags, struct quire_recovery *recovery,
                         struct quire_damage *damage, int *rc)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = NULL;

    recovery->size = sizeof *recovery;
    o.flags = flags;
    o.recovery = recovery;
    o.damage = damage;
    *rc = quire_log_open(directory, &o, &log);
    return log;
}

static uint64_t torn_files(const char *directory)
{
    struct quire_log_info info = {.size = sizeof info};

    REQUIRE_OK(quire_inspect(directory, NULL, NULL, &info));
    return info.torn_files;
}

struct hole {
    const char *name;
    uint64_t record;
};

static const struct hole holes[] = {{"first_of_all", 1},        {"in_the_first", 3},  {"last_of_the_first", 5},
                                    {"first_of_the_second", 6}, {"in_the_second", 8}, {"in_the_last", 13}};

/* The log ends in front of the hole, however much lies behind it; that is kept aside, and the log goes on. */
TEST_EACH(look_back_hole, struct hole, holes)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {0};
    struct quire_damage damage = {0};
    uint64_t last = it->record - 1;
    int rc;

    make_segments(directory, 0);
    lose(directory, it->record);
    quire_log *log = reopen(directory, 0, &recovery, &damage, &rc);
    REQUIRE_OK(rc);
    CHECK_UINT(recovery.last_sequence, last);
    CHECK_UINT(recovery.torn_records, 15 - it->record);
    CHECK(torn_files(directory) >= 1);
    CHECK_LOG(directory, 1, last);
    append_many(log, last + 1, last + 20);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, last + 20);
    log = reopen(directory, 0, &recovery, &damage, &rc);
    REQUIRE_OK(rc);
    CHECK_UINT(recovery.torn_bytes, 0);
    REQUIRE_OK(quire_log_close(log));
}

/* The same below what is known to be durable: damage, with its place, and nothing is changed. */
TEST(look_back_damage)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {0};
    struct quire_damage damage = {0};
    uint64_t records, lost, last;
    int rc;

    make_segments(directory, 9);
    lose(directory, 8);
    reopen(directory, 0, &recovery, &damage, &rc);
    CHECK_CODE(rc, QUIRE_E_DAMAGED);
    CHECK_UINT(damage.segment, 2);
    CHECK_UINT(damage.offset, 3 * PAGE);
    CHECK_UINT(damage.first_sequence, 8);
    CHECK_UINT(damage.last_sequence, 8);
    CHECK_UINT(torn_files(directory), 0);

    /* Past it, the log goes on behind the last record that can be read. */
    quire_log *log = reopen(directory, QUIRE_LOG_READ_PAST_DAMAGE, &recovery, &damage, &rc);
    REQUIRE_OK(rc);
    CHECK_UINT(recovery.last_sequence, 15);
    REQUIRE_OK(append_next(log, 16));
    REQUIRE_OK(quire_log_close(log));
    CHECK_CODE(count_log(directory, &records, &lost, &last), QUIRE_E_DAMAGED);
    CHECK_UINT(last, 7);
}

/* In front of what is known to be durable opening does not look: that is for verify, and does not depend on the log's
 * size. */
TEST(look_back_no_further)
{
    const char *directory = harness_path("log");
    struct quire_recovery recovery = {0};
    struct quire_damage damage = {0};
    struct quire_verify_result result = {.size = sizeof result};
    int rc;

    make_segments(directory, 14);
    lose(directory, 3);
    quire_log *log = reopen(directory, 0, &recovery, &damage, &rc);
    REQUIRE_OK(rc);
    CHECK_UINT(recovery.last_sequence, 15);
    REQUIRE_OK(quire_log_close(log));
    CHECK_CODE(quire_verify(directory, NULL, &result), QUIRE_E_DAMAGED);
}

/* A ready segment behind the damage does not keep anybody from reading past it. */
TEST(look_back_past_damage_with_a_ready_segment)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(QUIRE_METHOD_WRITE);
    struct quire_recovery recovery = {0};
    struct quire_damage damage = {0};
    int rc;

    o.prepare = QUIRE_LOG_PREPARE_WRITTEN; /* then it stays at close */
    quire_log *log = open_log(directory, &o);
    for (uint64_t i = 1; i <= 5; i++) {
        REQUIRE_OK(append_next(log, i));
        REQUIRE_OK(quire_log_sync(log, 0));
    }
    /* The keeper makes it beside. */
    while (file_size(segment_name(directory, 2)) < 0)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    REQUIRE_OK(quire_log_close(log));
    lose(directory, 4);
    reopen(directory, 0, &recovery, &damage, &rc);
    CHECK_CODE(rc, QUIRE_E_DAMAGED);
    log = reopen(directory, QUIRE_LOG_READ_PAST_DAMAGE, &recovery, &damage, &rc);
    REQUIRE_OK(rc);
    CHECK_UINT(recovery.last_sequence, 5);
    REQUIRE_OK(append_next(log, 6));
    REQUIRE_OK(quire_log_close(log));
}

static struct timespec time_of(const char *directory)
{
    struct stat status;

    REQUIRE(stat(directory, &status) == 0);
    return status.st_mtim;
}

/* What a writer said at close is not believed when another segment was made since, even if the directory's time, which is
 * coarse, is the same. */
TEST(look_back_hidden_segment)
{
    const char *directory = harness_path("log");
    struct quire_log_options o = small_log(0);
    struct quire_recovery recovery = {0};
    struct quire_damage damage = {0};
    char live[300];
    int rc;

    quire_log *log = open_log(directory, &o);
    REQUIRE_OK(append_next(log, 1));
    REQUIRE_OK(quire_log_close(log));
    snprintf(live, sizeof live, "%s/live.quire", directory);
    struct bytes said = read_file(live);
    struct timespec times[2] = {time_of(directory), time_of(directory)};

    log = open_log(directory, &o);
    REQUIRE_OK(quire_log_rotate(log));
    REQUIRE_OK(append_next(log, 2));
    REQUIRE_OK(quire_log_close(log));
    overwrite(live, 0, said.data, said.length);
    bytes_free(&said);
    REQUIRE(utimensat(AT_FDCWD, directory, times, 0) == 0);

    log = reopen(directory, 0, &recovery, &damage, &rc);
    REQUIRE_OK(rc);
    CHECK_UINT(recovery.last_sequence, 2);
    REQUIRE_OK(append_next(log, 3));
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 3);
}
