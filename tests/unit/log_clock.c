/* A clock that jumps: back, and far ahead. Times of records never fall, and seeking by them finds the right one.
 *
 * clock_gettime below takes the place of libc's, through the dynamic linker for libquire.so too.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "log_support.h"

static _Atomic uint64_t time_of_day; /* nanoseconds; 0: the real one */
static _Atomic uint64_t until_jump;  /* looks at the faked clock until it goes far ahead; 0: it does not */

#define FAR (UINT64_C(10) * 1000000000) /* more than a record's delta can say */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    uint64_t faked = atomic_load(&time_of_day);

    if (clock != CLOCK_REALTIME || faked == 0)
        return (int)syscall(SYS_clock_gettime, clock, now);
    if (atomic_load(&until_jump) > 0 && atomic_fetch_sub(&until_jump, 1) == 1)
        faked = atomic_fetch_add(&time_of_day, FAR) + FAR;
    now->tv_sec = (time_t)(faked / 1000000000u);
    now->tv_nsec = (long)(faked % 1000000000u);
    return 0;
}

struct clock_case {
    const char *name;
    uint32_t flags;
    bool lanes;
};

static const struct clock_case cases[] = {
    {"blocks", 0, false}, {"records", QUIRE_LOG_RECORD_TIMES, false}, {"lanes", QUIRE_LOG_RECORD_TIMES, true}};

/* Seconds from a beginning: on, back, far ahead (more than a record's delta can say), back again. */
static const uint64_t seconds[] = {1000, 1001, 1002, 500, 501, 2000, 2001, 1, 2002, 3000};
enum { STEPS = sizeof seconds / sizeof seconds[0], EACH = 20 };

static void append_all(quire_log *log, quire_log_lane *lane)
{
    for (int i = 0; i < STEPS; i++) {
        atomic_store(&time_of_day, seconds[i] * 1000000000u);
        for (int n = 0; n < EACH; n++)
            REQUIRE_OK(lane ? quire_log_lane_append(lane, "record", 6) : quire_log_append(log, "record", 6, NULL));
        if (i % 3 == 0)
            REQUIRE_OK(quire_log_sync(log, 0));
    }
}

TEST_EACH(log_clock, struct clock_case, cases)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    struct quire_record record;
    quire_reader *reader = NULL;
    quire_log_lane *lane = NULL;
    uint64_t times[STEPS * EACH + 1] = {0};
    uint64_t count = 0;

    o.flags = it->flags;
    quire_log *log = open_log(directory, &o);
    if (it->lanes)
        REQUIRE_OK(quire_log_lane_open(log, &lane));
    append_all(log, lane);
    REQUIRE_OK(quire_log_close(log));
    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    while (quire_reader_next(reader, &record) > 0 && count < STEPS * EACH) {
        times[++count] = record.time;
        REQUIRE(times[count] >= times[count - 1]);
    }
    CHECK_UINT(count, STEPS * EACH);
    CHECK_UINT(times[1], 1000 * UINT64_C(1000000000));
    for (uint64_t at = 1; at <= count; at += 7) {
        uint64_t first = at;
        while (first > 1 && times[first - 1] == times[at])
            first--;
        REQUIRE_OK(quire_reader_seek_time(reader, times[at]));
        REQUIRE_INT(quire_reader_next(reader, &record), 1);
        CHECK_UINT(record.sequence, first);
    }
    quire_reader_close(reader);
}

/* Between any two looks at it: also while a block is opened for a record whose time it cannot hold any more. */
TEST_EACH(log_clock_jumps, struct clock_case, cases)
{
    for (uint64_t at = 1; at <= 2 * EACH + 10; at++) {
        struct quire_log_options o = small_log(0);
        struct quire_record record;
        quire_log_lane *lane = NULL;
        quire_reader *reader = NULL;
        uint64_t last = 0;
        uint64_t count = 0;
        char name[32];

        o.flags = it->flags;
        o.sync_policy = QUIRE_SYNC_NONE;
        snprintf(name, sizeof name, "log-%" PRIu64, at);
        const char *directory = harness_path(name);
        atomic_store(&time_of_day, 1000 * UINT64_C(1000000000));
        quire_log *log = open_log(directory, &o);
        if (it->lanes)
            REQUIRE_OK(quire_log_lane_open(log, &lane));
        atomic_store(&until_jump, at);
        for (int n = 0; n < EACH; n++) {
            REQUIRE_OK(lane ? quire_log_lane_append(lane, "record", 6) : quire_log_append(log, "record", 6, NULL));
            if (n % 5 == 4)
                REQUIRE_OK(quire_log_flush(log));
        }
        REQUIRE_OK(quire_log_close(log));
        atomic_store(&until_jump, 0);
        REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
        while (quire_reader_next(reader, &record) > 0) {
            CHECK(record.time >= last && record.time <= 1010 * UINT64_C(1000000000));
            last = record.time;
            count++;
        }
        CHECK_UINT(count, EACH);
        REQUIRE_OK(quire_reader_close(reader));
    }
}
