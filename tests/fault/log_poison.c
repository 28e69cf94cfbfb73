/* The first failed write or sync of a log: final, told to everybody, never tried again; or survived, where that was asked.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_log.h"
#include "mend/mend.h"

struct failure {
    const char *name;
    uint32_t method;
    enum fault_op op;
    int code;
};

static const struct failure failures[] = {
    {"write_paged", QUIRE_METHOD_PAGED, FAULT_WRITE, -EIO},
    {"sync_paged", QUIRE_METHOD_PAGED, FAULT_SYNC, -EIO},
    {"write_write", QUIRE_METHOD_WRITE, FAULT_WRITE, -EIO},
    {"sync_write", QUIRE_METHOD_WRITE, FAULT_SYNC, -ENOSPC},
    {"populate_mmap", QUIRE_METHOD_MMAP, FAULT_POPULATE, -EIO},
    {"sync_mmap", QUIRE_METHOD_MMAP, FAULT_SYNC, -EIO},
    {"completion_uring", QUIRE_METHOD_URING, FAULT_COMPLETION, -EIO},
    {"sync_uring", QUIRE_METHOD_URING, FAULT_SYNC, -EIO},
    {"queue_uring", QUIRE_METHOD_URING, FAULT_QUEUE_WRITE, -EIO},
    {"durably_paged", QUIRE_METHOD_PAGED, FAULT_WRITE_DURABLY, -EIO},
    {"durably_uring", QUIRE_METHOD_URING, FAULT_WRITE_DURABLY, -ENOSPC},
    {"efbig_paged", QUIRE_METHOD_PAGED, FAULT_WRITE, -EFBIG},
};

/* A flush and a sync of one block are one call, unless it was written before. */
static int make_durable(quire_log *log, enum fault_op op)
{
    int rc = op == FAULT_WRITE_DURABLY ? 0 : quire_log_flush(log);

    return rc == 0 ? quire_log_sync(log, 0) : rc;
}

/* Live.quire would be one of the writes that are counted. */
static struct quire_log_options quiet_log(uint32_t method)
{
    struct quire_log_options o = small_log(method);

    o.flags = QUIRE_LOG_NO_LIVE;
    return o;
}

TEST_EACH(log_poison, struct failure, failures)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = quiet_log(it->method);
    const char *directory = harness_path("log");
    quire_log *log = fault_open_log(fault, directory, &o);
    struct quire_failure why = {0};

    append_many(log, 1, 5);
    REQUIRE_OK(quire_log_sync(log, 0));
    fault_once(fault, it->op, 1, it->code);
    int rc = 0;
    for (uint64_t i = 6; i <= 2000 && rc == 0; i++) {
        rc = append_next(log, i);
        if (rc == 0 && i == 10)
            rc = make_durable(log, it->op);
    }
    CHECK_CODE(rc, it->code);
    uint64_t calls =
        fault_calls(fault, FAULT_SYNC) + fault_calls(fault, FAULT_WRITE) + fault_calls(fault, FAULT_QUEUE_WRITE);
    for (int round = 0; round < 2; round++) {
        CHECK_CODE(quire_log_append(log, "x", 1, NULL), it->code);
        CHECK_CODE(quire_log_flush(log), it->code);
        CHECK_CODE(quire_log_sync(log, 0), it->code);
        CHECK_CODE(quire_log_rotate(log), it->code);
    }
    CHECK_UINT(log_marks(log).durable, 5);
    CHECK_OK(quire_log_sync(log, 5));
    REQUIRE_OK(quire_log_failure(log, &why));
    CHECK_INT(why.code, it->code);
    CHECK_INT(why.os_error, -it->code);
    CHECK_CODE(quire_log_close(log), it->code);
    /* Nothing was tried again. */
    CHECK_UINT(fault_calls(fault, FAULT_SYNC) + fault_calls(fault, FAULT_WRITE) + fault_calls(fault, FAULT_QUEUE_WRITE),
               calls);
    fault_free(fault);

    /* What was durable is there; appending goes on, and what had failed is not said to be there twice. */
    o.method = QUIRE_METHOD_PAGED;
    log = open_log(directory, &o);
    uint64_t next = log_marks(log).appended + 1;
    CHECK(next > 5);
    REQUIRE_OK(append_next(log, next));
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, next);
}

struct waiters {
    quire_log *log;
    _Atomic int failed;
};

static void append_and_wait(void *argument, uint32_t number)
{
    struct waiters *waiters = argument;

    (void)number;
    for (int i = 0; i < 50; i++)
        if (quire_log_append(waiters->log, "record", 6, NULL) == -EIO) {
            atomic_fetch_add(&waiters->failed, 1);
            return;
        }
}

/* The child of a process whose log failed still only frees memory. */
TEST(log_poison_then_fork)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = quiet_log(QUIRE_METHOD_PAGED);
    quire_log *log = fault_open_log(fault, harness_path("log"), &o);
    int status = 0;

    append_many(log, 1, 5);
    fault_once(fault, FAULT_SYNC, 1, -EIO);
    REQUIRE_OK(quire_log_flush(log));
    CHECK_CODE(quire_log_sync(log, 0), -EIO);
    pid_t child = fork();
    if (child == 0) {
        alarm(10); /* it would wait for threads that are not there */
        _exit(quire_log_sync(log, 0) == QUIRE_E_FORKED && quire_log_close(log) == QUIRE_E_FORKED ? 0 : 1);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
    CHECK_CODE(quire_log_close(log), -EIO);
    fault_free(fault);
}

/* A sync that fails is reported to every one who waits for it. */
/* Where blocks wait for several segments, and the first of them fails, no file is left open. The n-th write is that of a
 * block for some n, and of a segment's header for others. */
TEST(log_poison_far_ahead)
{
    static const unsigned char record[3500];
    struct quire_log_options o = quiet_log(QUIRE_METHOD_PAGED);

    o.block_bytes = 4096;
    o.block_count = 8;
    o.segment_bytes = 20480;
    for (uint64_t n = 1; n <= 12; n++) {
        struct fault *fault = fault_new((struct fault_setup){.align = 512});
        char name[16];
        snprintf(name, sizeof name, "log%" PRIu64, n);
        quire_log *log = fault_open_log(fault, harness_path(name), &o);
        int rc = 0;

        fault_once(fault, FAULT_WRITE, n, -EIO);
        for (int i = 0; i < 20 && rc == 0; i++)
            rc = quire_log_append(log, record, sizeof record, NULL);
        rc = quire_log_close(log);
        CHECK(rc == 0 || rc == -EIO);
        fault_free(fault);
    }
}

TEST(log_failure_reaches_every_waiter)
{
    enum { WAITERS = 12 };
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = quiet_log(0);
    struct waiters waiters = {0};

    o.sync_policy = QUIRE_SYNC_EACH;
    waiters.log = fault_open_log(fault, harness_path("log"), &o);
    fault_once(fault, FAULT_WRITE_DURABLY, 5, -EIO);
    in_threads(WAITERS, append_and_wait, &waiters);
    CHECK_INT(waiters.failed, WAITERS);
    CHECK_CODE(quire_log_close(waiters.log), -EIO);
    fault_free(fault);
}

/* With QUIRE_LOG_CONTINUE: everything that was accepted is there, under the same sequences, in a later segment. */
TEST_EACH(log_continue, struct failure, failures)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = quiet_log(it->method);
    const char *directory = harness_path("log");

    o.flags |= QUIRE_LOG_CONTINUE;
    quire_log *log = fault_open_log(fault, directory, &o);
    append_many(log, 1, 5);
    REQUIRE_OK(quire_log_sync(log, 0));
    fault_once(fault, it->op, 1, it->code);
    for (uint64_t i = 6; i <= 600; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i == 10)
            REQUIRE_OK(make_durable(log, it->op));
    }
    REQUIRE_OK(quire_log_sync(log, 0));
    CHECK_UINT(log_stats(log).continued, 1);
    CHECK_UINT(log_marks(log).durable, 600);
    CHECK_OK(quire_log_close(log));
    CHECK_UINT(fault_hits(fault), 1);
    fault_free(fault);
    CHECK_LOG(directory, 1, 600);
    log = open_log(directory, &o);
    append_many(log, 601, 620);
    CHECK_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 620);
}

/* It does not go on for ever: nothing became durable since the last time. */
TEST(log_continue_gives_up)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = quiet_log(0);
    const char *directory = harness_path("log");

    o.flags |= QUIRE_LOG_CONTINUE;
    quire_log *log = fault_open_log(fault, directory, &o);
    REQUIRE_OK(append_next(log, 1));
    REQUIRE_OK(quire_log_sync(log, 0));
    REQUIRE_OK(append_next(log, 2));
    fault_ever(fault, FAULT_WRITE, 1, -EIO);
    CHECK_CODE(quire_log_flush(log), -EIO);
    CHECK_CODE(quire_log_sync(log, 0), -EIO);
    CHECK_CODE(quire_log_append(log, "x", 1, NULL), -EIO);
    CHECK_CODE(quire_log_close(log), -EIO);
    fault_free(fault);
    CHECK_LOG(directory, 1, 1);
}

struct beside_large {
    struct fault *fault;
    quire_log *log;
};

static void sync_or_append_large(void *argument, uint32_t number)
{
    static const unsigned char large[6 * PAGE];
    struct beside_large *beside = argument;

    if (number == 0) {
        REQUIRE_OK(quire_log_sync(beside->log, 0));
        return;
    }
    fault_await(beside->fault, FAULT_SYNC, 1);
    uint64_t before = fault_calls(beside->fault, FAULT_WRITE);
    REQUIRE_OK(quire_log_append(beside->log, large, sizeof large, NULL));
    CHECK_UINT(fault_calls(beside->fault, FAULT_WRITE), before);
    fault_release(beside->fault, FAULT_SYNC);
}

/* A record larger than a buffer is sealed, and none of it is written, when another thread's flush fails: its header must be
 * of the place that it goes to then. */
TEST(log_continue_beside_large)
{
    struct beside_large beside = {.fault = fault_new((struct fault_setup){.align = 512})};
    struct quire_log_options o = quiet_log(QUIRE_METHOD_PAGED);
    const char *directory = harness_path("log");
    uint64_t records, lost, last;

    o.flags |= QUIRE_LOG_CONTINUE;
    o.block_count = 8;
    beside.log = fault_open_log(beside.fault, directory, &o);
    for (uint64_t i = 1; i <= 2; i++) {
        REQUIRE_OK(append_next(beside.log, i));
        REQUIRE_OK(quire_log_flush(beside.log));
        if (i == 1)
            REQUIRE_OK(quire_log_sync(beside.log, 0));
    }
    fault_once(beside.fault, FAULT_SYNC, 1, -EIO);
    fault_hold(beside.fault, FAULT_SYNC);
    in_threads(2, sync_or_append_large, &beside);
    REQUIRE_OK(quire_log_sync(beside.log, 0));
    CHECK_UINT(log_stats(beside.log).continued, 1);
    CHECK_OK(quire_log_close(beside.log));
    fault_free(beside.fault);
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, 3);
    CHECK_UINT(last, 3);
}

/* A log of five records, closed. */
static void leave_log(const char *directory)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = open_log(directory, &o);

    append_many(log, 1, 5);
    REQUIRE_OK(quire_log_close(log));
}

/* The same, and its writer did not come to say so. */
static void leave_unsaid(const char *directory)
{
    char live[1024];

    leave_log(directory);
    snprintf(live, sizeof live, "%s/%s", directory, QUIRE__LIVE_NAME);
    REQUIRE_INT(unlink(live), 0);
}

/* If a flush fails that opening makes, it is not asked for again. */
static void check_open_fails(const char *directory, enum fault_op op, int call)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = small_log(0);
    struct quire_failure why = {0};
    quire_log *log = NULL;

    o.failure = &why;
    fault_once(fault, op, 1, -EIO);
    CHECK_CODE(quire__log_open_on(fault_io(fault), directory, &o, &log), -EIO);
    CHECK_INT(why.call, call);
    CHECK_UINT(fault_calls(fault, op), 1);
    fault_free(fault);
}

/* Opening flushes what it is going to believe. */
TEST(log_open_whose_sync_fails)
{
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");

    leave_log(directory);
    check_open_fails(directory, FAULT_SYNC, QUIRE_CALL_SYNC);
    quire_log *log = open_log(directory, &o);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, 5);
}

/* A segment's name may not be durable, and what is appended to it would be lost with it. */
TEST(log_open_whose_names_are_not_flushed)
{
    const char *directory = harness_path("log");

    leave_unsaid(directory);
    check_open_fails(directory, FAULT_SYNC_DIRECTORY, QUIRE_CALL_SYNC_DIRECTORY);
    CHECK_LOG(directory, 1, 5);
}

/* A name that comes back would say that what is cut off was durable. */
TEST(log_truncate_whose_names_are_not_flushed)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    const char *directory = harness_path("log");
    uint64_t records = 0;

    leave_unsaid(directory);
    fault_once(fault, FAULT_SYNC_DIRECTORY, 1, -EIO);
    CHECK_CODE(quire__truncate_on(fault_io(fault), directory, 3, &records), -EIO);
    CHECK_LOG(directory, 1, 5);
    CHECK_OK(quire__truncate_on(fault_io(fault), directory, 3, &records));
    CHECK_UINT(records, 2);
    fault_free(fault);
    CHECK_LOG(directory, 1, 3);
}

/* What is durable is not written again where the log goes on: there it would count, and a torn copy would hide it. */
TEST(log_continue_leaves_what_is_durable)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = quiet_log(QUIRE_METHOD_PAGED);
    const char *directory = harness_path("log");

    o.flags |= QUIRE_LOG_CONTINUE;
    quire_log *log = fault_open_log(fault, directory, &o);
    /* Of so little in a block half a write is all of it. */
    for (uint64_t i = 1; i < 20; i += 2) {
        append_many(log, i, i + 1);
        REQUIRE_OK(quire_log_flush(log));
    }
    /* Its segment is flushed by the keeper, and nobody asked for a sync. */
    REQUIRE_OK(quire_log_rotate(log));
    CHECK_UINT(log_marks(log).durable, 20);
    fault_add(fault, (struct fault_rule){.op = FAULT_WRITE, .kind = FAULT_SHORT, .code = -ENOSPC, .times = UINT64_MAX});
    REQUIRE_OK(append_next(log, 21));
    CHECK_CODE(quire_log_flush(log), -ENOSPC);
    CHECK_CODE(quire_log_close(log), -ENOSPC);
    fault_free(fault);

    log = open_log(directory, &o);
    uint64_t next = log_marks(log).appended + 1;
    CHECK(next > 20);
    append_many(log, next, next + 5);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, next + 5);
}

/* What an earlier session left without a flush is in no buffer, and cannot be written again. */
TEST(log_continue_not_with_what_was_there_before)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = quiet_log(QUIRE_METHOD_PAGED);
    const char *directory = harness_path("log");

    o.sync_policy = QUIRE_SYNC_NONE;
    o.flags |= QUIRE_LOG_CONTINUE;
    quire_log *log = fault_open_log(fault, directory, &o);
    append_many(log, 1, 10);
    REQUIRE_OK(quire_log_close(log));
    log = fault_open_log(fault, directory, &o);
    CHECK_UINT(log_marks(log).durable, 0);
    append_many(log, 11, 12);
    fault_once(fault, FAULT_SYNC, 1, -EIO);
    CHECK_CODE(quire_log_sync(log, 12), -EIO);
    CHECK_UINT(log_stats(log).continued, 0);
    CHECK_CODE(quire_log_close(log), -EIO);
    fault_free(fault);
}
