/* Many threads: one order in the log itself, each lane's own order, claims, group commit, sync of everything.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log_support.h"

enum { THREADS = 4, EACH = 3000 };

/* What a thread appends says who and which. */
struct mark {
    uint32_t thread, number;
    unsigned char bytes[40];
};

struct work {
    quire_log *log;
    bool lanes, claims, syncs;
    uint64_t sequences[THREADS][EACH];
};

static void append_marks(void *argument, uint32_t number)
{
    struct work *work = argument;
    quire_log_lane *lane = NULL;

    if (work->lanes)
        REQUIRE_OK(quire_log_lane_open(work->log, &lane));
    for (uint32_t i = 0; i < EACH; i++) {
        struct mark mark = {.thread = number, .number = i};
        uint64_t length = 8 + (i * 7 + number) % 40;
        struct quire_log_claim claim;
        if (lane && work->claims && i % 3 == 0) {
            REQUIRE_OK(quire_log_lane_claim(lane, length + 5, &claim));
            memcpy(claim.memory, &mark, length);
            REQUIRE_OK(quire_log_lane_publish(lane, &claim, length));
            CHECK_CODE(quire_log_lane_publish(lane, &claim, length), QUIRE_E_CLAIM_STALE);
        } else if (lane) {
            REQUIRE_OK(quire_log_lane_append(lane, &mark, length));
        } else if (work->claims && i % 3 == 0) {
            REQUIRE_OK(quire_log_claim(work->log, length, &claim));
            memcpy(claim.memory, &mark, length);
            work->sequences[number][i] = claim.sequence;
            REQUIRE_OK(quire_log_publish(work->log, &claim));
            CHECK_CODE(quire_log_publish(work->log, &claim), QUIRE_E_CLAIM_STALE);
        } else {
            REQUIRE_OK(quire_log_append(work->log, &mark, length, &work->sequences[number][i]));
        }
        if (work->syncs && i % 100 == 99) {
            uint64_t ticket = work->sequences[number][i];
            if (lane)
                REQUIRE_OK(quire_log_lane_flush(lane, &ticket));
            REQUIRE_OK(quire_log_wait_durable(work->log, ticket));
            CHECK(log_marks(work->log).durable >= ticket);
        }
    }
    if (lane)
        REQUIRE_OK(quire_log_lane_close(lane));
}

/* Each thread's records are there once, in its order, and have the sequences that it was told. */
static void check_marks(const char *directory, const struct work *work)
{
    uint32_t next[THREADS] = {0};
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t count = 0;

    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    int rc;
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        struct mark mark = {0};
        REQUIRE(record.length >= 8 && record.length <= sizeof mark);
        memcpy(&mark, record.data, record.length);
        REQUIRE(mark.thread < THREADS);
        REQUIRE_UINT(mark.number, next[mark.thread]);
        if (!work->lanes)
            REQUIRE_UINT(record.sequence, work->sequences[mark.thread][mark.number]);
        next[mark.thread]++;
        REQUIRE_UINT(record.sequence, ++count);
    }
    CHECK_INT(rc, 0);
    CHECK_UINT(count, THREADS * EACH);
    quire_reader_close(reader);
}

struct threads_case {
    const char *name;
    uint32_t method, flags, sync_policy, codec;
    bool lanes, claims, syncs;
};

static const struct threads_case cases[] = {
    {.name = "paged", .method = QUIRE_METHOD_PAGED, .claims = true, .syncs = true},
    {.name = "uring", .method = QUIRE_METHOD_URING, .claims = true, .syncs = true},
    {.name = "mmap", .method = QUIRE_METHOD_MMAP, .claims = true, .syncs = true},
    {.name = "times", .flags = QUIRE_LOG_RECORD_TIMES, .claims = true},
    {.name = "lanes", .method = QUIRE_METHOD_PAGED, .lanes = true, .claims = true, .syncs = true},
    {.name = "lanes_times", .flags = QUIRE_LOG_RECORD_TIMES, .lanes = true, .claims = true},
    {.name = "lanes_uring", .method = QUIRE_METHOD_URING, .lanes = true, .syncs = true},
    {.name = "lanes_lz4", .codec = QUIRE_CODEC_LZ4, .lanes = true, .syncs = true},
    {.name = "lanes_write", .method = QUIRE_METHOD_WRITE, .lanes = true, .claims = true},
    {.name = "lanes_interval", .sync_policy = QUIRE_SYNC_INTERVAL, .lanes = true, .syncs = true},
    {.name = "continue", .flags = QUIRE_LOG_CONTINUE, .syncs = true},
};

TEST_EACH(log_threads, struct threads_case, cases)
{
    struct quire_log_options o = small_log(it->method);
    struct work *work = calloc(1, sizeof *work);
    const char *directory = harness_path("log");

    o.flags = it->flags;
    o.codec = it->codec;
    o.sync_policy = it->sync_policy;
    o.sync_interval_ms = it->sync_policy == QUIRE_SYNC_INTERVAL ? 2 : 0;
    o.segment_bytes = 128 * PAGE;
    *work = (struct work){.lanes = it->lanes, .claims = it->claims, .syncs = it->syncs};
    int rc = quire_log_open(directory, &o, &work->log);
    if (rc == QUIRE_E_NO_CODEC || rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    in_threads(THREADS, append_marks, work);
    CHECK_OK(quire_log_close(work->log));
    check_marks(directory, work);
    free(work);
}

static void append_durably(void *argument, uint32_t number)
{
    quire_log *log = argument;

    for (uint32_t i = 0; i < 200; i++) {
        struct mark mark = {.thread = number, .number = i};
        uint64_t sequence = 0;
        REQUIRE_OK(quire_log_append(log, &mark, sizeof mark, &sequence));
        CHECK(log_marks(log).durable >= sequence);
    }
}

/* One flush serves everybody who waits. */
TEST_EACH(log_group_commit, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");

    o.sync_policy = QUIRE_SYNC_EACH;
    o.segment_bytes = 1024 * PAGE;
    quire_log *log = open_log(directory, &o);
    in_threads(16, append_durably, log);
    struct quire_log_stats stats = log_stats(log);
    CHECK_UINT(stats.appends, 3200);
    CHECK(stats.syncs < 3200);
    CHECK(stats.sync_joins > 0);
    CHECK_OK(quire_log_close(log));
    uint64_t records, lost, last;
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, 3200);
}

/* What lies in a lane of another thread is covered by a sync of everything. */
/* However little was handed over first, a lane never holds more than a block does. */
TEST_EACH(log_lane_after_a_flush, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");
    quire_log *log = open_log(directory, &o);
    quire_log_lane *lane = NULL;

    REQUIRE_OK(quire_log_lane_open(log, &lane));
    for (uint64_t i = 0; i < 5000; i++) {
        REQUIRE_OK(quire_log_lane_append(lane, &i, sizeof i));
        if (i == 0 || i == 3000)
            REQUIRE_OK(quire_log_lane_flush(lane, NULL));
    }
    CHECK_OK(quire_log_lane_close(lane));
    CHECK_OK(quire_log_close(log));
    uint64_t records, lost, last;
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, 5000);
    CHECK_UINT(lost, 0);
}

TEST(log_sync_gathers_lanes)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    quire_log *log = open_log(directory, &o);
    quire_log_lane *lane = NULL;
    uint64_t ticket = 9;

    REQUIRE_OK(quire_log_lane_open(log, &lane));
    CHECK_OK(quire_log_lane_flush(lane, &ticket));
    CHECK_UINT(ticket, 0);
    REQUIRE_OK(quire_log_lane_append(lane, "one", 3));
    CHECK_UINT(log_marks(log).appended, 0);
    CHECK_OK(quire_log_sync(log, 0));
    CHECK_UINT(log_marks(log).durable, 1);
    REQUIRE_OK(quire_log_lane_append(lane, "two", 3));
    CHECK_OK(quire_log_lane_flush(lane, &ticket));
    CHECK_UINT(ticket, 2);
    CHECK_OK(quire_log_close(log));
}

/* A claim that nobody publishes: sync says so, what came before is durable, close declares its sequence lost. */
TEST_EACH(log_claim_left_open, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    struct quire_log_claim claim;
    const char *directory = harness_path("log");
    quire_log *log = open_log(directory, &o);

    REQUIRE_OK(quire_log_append(log, "before", 6, NULL));
    CHECK_OK(quire_log_sync(log, 0));
    REQUIRE_OK(quire_log_claim(log, 10, &claim));
    CHECK_UINT(claim.sequence, 2);
    int rc = quire_log_append(log, "after", 5, NULL);
    CHECK(rc == 0 || (rc == QUIRE_E_CLAIM_OPEN && it->method == QUIRE_METHOD_WRITE));
    CHECK_CODE(quire_log_sync(log, 0), QUIRE_E_CLAIM_OPEN);
    CHECK_UINT(log_marks(log).durable, 1);
    CHECK_OK(quire_log_sync(log, 1));
    CHECK_CODE(quire_log_close(log), QUIRE_E_CLAIM_OPEN);
    uint64_t records, lost, last;
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, 2);
    CHECK_UINT(lost, 1);
    CHECK_UINT(last, 3);
}

/* Every call but close, in a child of fork. The number of the first that is not refused, or 0. */
static int use_in_child(quire_log *log, quire_log_lane *lane)
{
    struct quire_log_claim claim = {.memory = NULL};
    struct quire_log_stats stats = {.size = sizeof stats};
    struct quire_watermarks marks;
    struct quire_failure failure;
    quire_log_lane *second = NULL;
    static char large[1 << 17];
    struct iovec pieces = {large, sizeof large};
    int codes[] = {
        quire_log_append(log, "x", 1, NULL),
        quire_log_appendv(log, &pieces, 1, NULL),
        quire_log_append_batch(log, &pieces, 1, NULL),
        quire_log_claim(log, 1, &claim),
        quire_log_publish(log, &claim),
        quire_log_flush(log),
        quire_log_sync(log, 0),
        quire_log_wait_durable(log, 1),
        quire_log_rotate(log),
        quire_log_trim(log, 1, NULL),
        quire_log_watermarks(log, &marks),
        quire_log_stats(log, &stats),
        quire_log_failure(log, &failure),
        quire_log_lane_open(log, &second),
        quire_log_lane_append(lane, "x", 1),
        quire_log_lane_appendv(lane, &pieces, 1),
        quire_log_lane_claim(lane, 1, &claim),
        quire_log_lane_flush(lane, NULL),
    };

    for (int i = 0; i < (int)(sizeof codes / sizeof codes[0]); i++)
        if (codes[i] != QUIRE_E_FORKED)
            return i + 1;
    return 0;
}

static int live_as_child(quire_log *log, quire_log_lane *lane, const char *directory)
{
    struct quire_log_options o = small_log(0);
    quire_log *second = NULL;

    alarm(10); /* a call that waits for a thread that is not there */
    int wrong = use_in_child(log, lane);
    if (wrong == 0 && quire_log_open(directory, &o, &second) != QUIRE_E_LOCKED)
        wrong = 100;
    if (quire_log_lane_close(lane) != QUIRE_E_FORKED || quire_log_close(log) != QUIRE_E_FORKED)
        wrong = 101;
    return wrong;
}

struct busy {
    quire_log *log;
    _Atomic bool stop;
    uint64_t appended;
};

static void *append_and_sync(void *argument)
{
    struct busy *busy = argument;

    while (!atomic_load(&busy->stop)) {
        CHECK_OK(append_next(busy->log, ++busy->appended));
        CHECK_OK(quire_log_sync(busy->log, 0));
    }
    return NULL;
}

/* In a child of fork the handle is of no use, does no harm, and waits for nobody, whatever lock was held meanwhile. */
TEST(log_fork)
{
#ifdef QUIRE_TESTS_HELGRIND_H
    SKIP("helgrind takes the parent's threads for alive in a child of fork");
#endif
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    struct busy busy = {.log = open_log(directory, &o)};
    quire_log_lane *lane = NULL;
    pthread_t thread;

    REQUIRE_OK(quire_log_lane_open(busy.log, &lane));
    REQUIRE(pthread_create(&thread, NULL, append_and_sync, &busy) == 0);
    for (int i = 0; i < 20; i++) {
        int status = 0;
        pid_t child = fork();

        if (child == 0)
            _exit(live_as_child(busy.log, lane, directory));
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK_INT(WIFEXITED(status), 1);
        CHECK_INT(WEXITSTATUS(status), 0);
    }
    atomic_store(&busy.stop, true);
    pthread_join(thread, NULL);
    CHECK_OK(quire_log_close(busy.log));
    CHECK_LOG(directory, 1, busy.appended);
}
