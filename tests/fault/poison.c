/* The first failed write or sync is final: every later call says so, nothing is tried again on that file, what was
 * durable stays, and close says it once more.
 *
 * The failure is injected once only: a call that was tried again would succeed, and be seen.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "fault.h"

enum { RECORD = 500 };

struct failure {
    const char *name;
    uint32_t method;
    enum fault_op op;
    int call;
};

#define BY_WRITING                                                                    \
    {"write_by_write", QUIRE_METHOD_WRITE, FAULT_WRITE, QUIRE_CALL_WRITE},            \
        {"stdio_by_write", QUIRE_METHOD_STDIO, FAULT_WRITE, QUIRE_CALL_WRITE},        \
        {"paged_by_write", QUIRE_METHOD_PAGED, FAULT_WRITE, QUIRE_CALL_WRITE},        \
        {"uring_by_write", QUIRE_METHOD_URING, FAULT_WRITE, QUIRE_CALL_WRITE},        \
    {                                                                                 \
        "uring_by_completion", QUIRE_METHOD_URING, FAULT_COMPLETION, QUIRE_CALL_WRITE \
    }

#define BY_SYNC                                                             \
    {"write_by_sync", QUIRE_METHOD_WRITE, FAULT_SYNC, QUIRE_CALL_SYNC},     \
        {"stdio_by_sync", QUIRE_METHOD_STDIO, FAULT_SYNC, QUIRE_CALL_SYNC}, \
        {"paged_by_sync", QUIRE_METHOD_PAGED, FAULT_SYNC, QUIRE_CALL_SYNC}, \
        {"mmap_by_sync", QUIRE_METHOD_MMAP, FAULT_SYNC, QUIRE_CALL_SYNC},   \
    {                                                                       \
        "uring_by_sync", QUIRE_METHOD_URING, FAULT_SYNC, QUIRE_CALL_SYNC    \
    }

#define BY_OTHERS                                                                 \
    {"mmap_by_populate", QUIRE_METHOD_MMAP, FAULT_POPULATE, QUIRE_CALL_MAP},      \
    {                                                                             \
        "uring_by_queue", QUIRE_METHOD_URING, FAULT_QUEUE_WRITE, QUIRE_CALL_WRITE \
    }

static const struct failure failures[] = {
    BY_WRITING, BY_SYNC, BY_OTHERS, {"uring_by_reap", QUIRE_METHOD_URING, FAULT_QUEUE_REAP, QUIRE_CALL_WRITE}};
static const struct failure holdable[] = {BY_WRITING, BY_SYNC, BY_OTHERS};
static const struct failure writing[] = {BY_WRITING};
static const struct method buffered[] = {
    {"paged", QUIRE_METHOD_PAGED}, {"mmap", QUIRE_METHOD_MMAP}, {"uring", QUIRE_METHOD_URING}};

/* They write; mmap only stores. */
static const struct method unmapped[] = {{"write", QUIRE_METHOD_WRITE},
                                         {"stdio", QUIRE_METHOD_STDIO},
                                         {"paged", QUIRE_METHOD_PAGED},
                                         {"uring", QUIRE_METHOD_URING}};

static const int codes[] = {-EIO, -ENOSPC, -EDQUOT, -EFBIG, -EROFS};

static struct fault *new_fault(void)
{
    return fault_new((struct fault_setup){.align = 512, .watch_durable = 1 << 18});
}

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, PAGE, 3);
    o.claim_timeout_ms = 50;
    return o;
}

struct calls {
    uint64_t writes, queued, syncs, allocates, maps;
};

static struct calls calls_of(struct fault *fault)
{
    return (struct calls){fault_calls(fault, FAULT_WRITE), fault_calls(fault, FAULT_QUEUE_WRITE),
                          fault_calls(fault, FAULT_SYNC), fault_calls(fault, FAULT_ALLOCATE),
                          fault_calls(fault, FAULT_MAP)};
}

static void check_no_more(struct fault *fault, const struct calls *before)
{
    struct calls now = calls_of(fault);
    CHECK_UINT(now.writes, before->writes);
    CHECK_UINT(now.queued, before->queued);
    CHECK_UINT(now.syncs, before->syncs);
    CHECK_UINT(now.allocates, before->allocates);
    CHECK_UINT(now.maps, before->maps);
}

/* What each function says to a poisoned writer. */
static void check_every_call(quire_writer *w, quire_lane *lane, int code)
{
    struct iovec piece = {(void *)(uintptr_t) "v", 1};
    struct quire_claim another;
    uint64_t offset = 77;
    quire_lane *late = NULL;
    CHECK_CODE(quire_writer_append(w, "x", 1, &offset), code);
    CHECK_CODE(quire_writer_append(w, NULL, 0, NULL), code);
    CHECK_CODE(quire_writer_appendv(w, &piece, 1, &offset), code);
    CHECK_UINT(offset, 77);
    CHECK_CODE(quire_writer_claim(w, 1, &another), code);
    CHECK_CODE(quire_writer_flush(w), code);
    CHECK_CODE(quire_writer_sync(w), code);
    CHECK_CODE(quire_writer_sync(w), code);
    CHECK_CODE(quire_writer_wait_durable(w, 0), code);
    CHECK_CODE(quire_lane_open(w, &late), code);
    CHECK_CODE(quire_lane_append(lane, "x", 1), code);
    CHECK_CODE(quire_lane_appendv(lane, &piece, 1), code);
    CHECK_CODE(quire_lane_claim(lane, 1, &another), code);
    CHECK_CODE(quire_lane_flush(lane, NULL), code);
    CHECK_CODE(quire_lane_close(lane), code);
}

static void check_failure(quire_writer *w, int code, int call)
{
    struct quire_failure failure = {0};
    CHECK_OK(quire_writer_failure(w, &failure));
    CHECK_INT(failure.code, code);
    CHECK_INT(failure.call, call);
    CHECK_INT(failure.os_error, -code);
}

static void check_durable(struct fault *fault, const char *path, const struct bytes *model, uint64_t durable)
{
    struct bytes left = fault_durable(fault), is = read_file(path);
    REQUIRE(left.length >= durable && is.length >= durable);
    CHECK_BYTES(left.data, model->data, durable);
    CHECK_BYTES(is.data, model->data, durable);
    CHECK(fault_name_durable(fault));
    bytes_free(&left);
    bytes_free(&is);
}

/* Appends and syncs until the failure comes out. */
static int run_into_failure(quire_writer *w, struct bytes *model)
{
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < 20000; i++) {
        rc = quire_writer_append(w, bytes_add_filled(model, RECORD, i), RECORD, NULL);
        if (rc == 0 && i % 40 == 39)
            rc = quire_writer_sync(w);
    }
    return rc;
}

static void poison_once(const struct failure *it, int code, const char *path)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    quire_writer *w = fault_open_writer(fault, path, &o);
    quire_lane *lane = NULL;
    struct bytes model = {0};
    REQUIRE_OK(quire_lane_open(w, &lane));
    for (uint64_t i = 0; i < 30; i++)
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, RECORD, i), RECORD, NULL));
    REQUIRE_OK(quire_writer_sync(w));
    uint64_t durable = watermarks_of(w).durable;
    CHECK_UINT(durable, model.length);

    fault_once(fault, it->op, 1, code);
    CHECK_CODE(run_into_failure(w, &model), code);
    CHECK_UINT(fault_hits(fault), 1);

    struct calls before = calls_of(fault);
    durable = watermarks_of(w).durable;
    check_every_call(w, lane, code);
    check_failure(w, code, it->call);
    CHECK_UINT(watermarks_of(w).durable, durable);
    CHECK_CODE(quire_writer_close(w), code);
    check_no_more(fault, &before);
    check_durable(fault, path, &model, durable);
    REQUIRE_INT(unlink(path), 0);
    fault_free(fault);
    bytes_free(&model);
}

TEST_EACH(poison, struct failure, failures)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        poison_once(it, codes[i], harness_path("file"));
}

/* A kernel that takes nothing and gives no reason must not be asked for ever. */
TEST_EACH(poison_no_progress, struct failure, writing)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    struct bytes model = {0};
    fault_ever(fault, FAULT_WRITE, 1, 0);
    fault_ever(fault, FAULT_COMPLETION, 1, 0);
    CHECK_CODE(run_into_failure(w, &model), QUIRE_E_NO_PROGRESS);
    CHECK_CODE(quire_writer_close(w), QUIRE_E_NO_PROGRESS);
    fault_free(fault);
    bytes_free(&model);
}

/* A claim that was open when the writer failed. */
TEST_EACH(poison_with_a_claim_open, struct method, buffered)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    struct quire_claim claim;
    REQUIRE_OK(quire_writer_append(w, "abc", 3, NULL));
    REQUIRE_OK(quire_writer_claim(w, 3, &claim));
    fault_once(fault, FAULT_SYNC, 1, -EIO);
    CHECK_CODE(quire_writer_wait_durable(w, 3), -EIO);
    CHECK_CODE(quire_writer_publish(w, &claim), -EIO);
    CHECK_CODE(quire_writer_close(w), -EIO);
    fault_free(fault);
}

enum { WAITERS = 5 };

struct waiting {
    quire_writer *writer;
    struct sleepers sleepers;
    struct fault *fault;
    enum fault_op op;
    int should;
};

static void append_and_sync(void *argument, uint32_t number)
{
    struct waiting *it = argument;
    if (number == WAITERS) {
        fault_await(it->fault, it->op, 1);
        await_asleep(&it->sleepers, WAITERS);
        fault_release(it->fault, it->op);
        return;
    }
    note_sleeper(&it->sleepers, number);
    int rc = 0;
    uint8_t record[RECORD];
    fill(record, sizeof record, number);
    for (int i = 0; rc == 0 && i < 100; i++)
        rc = quire_writer_append(it->writer, record, sizeof record, NULL);
    if (rc == 0)
        rc = quire_writer_sync(it->writer);
    CHECK_CODE(rc, it->should);
}

/* One of them meets the failure while all others wait: for a buffer, for a turn, or for its flush. */
TEST_EACH(poison_reaches_every_waiter, struct failure, holdable)
{
    struct waiting all = {.fault = new_fault(), .op = it->op, .should = -EIO};
    struct quire_writer_options o = small(it->method);
    all.writer = fault_open_writer(all.fault, harness_path("file"), &o);
    fault_hold(all.fault, it->op);
    fault_once(all.fault, it->op, 1, -EIO);
    in_threads(WAITERS + 1, append_and_sync, &all);
    CHECK_CODE(quire_writer_close(all.writer), -EIO);
    CHECK_UINT(fault_hits(all.fault), 1);
    fault_free(all.fault);
}

/* With a thread of the writer's that syncs, those who wait for it hear what it met. */
TEST_EACH(poison_by_the_ticker, struct method, methods)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    o.sync_policy = QUIRE_SYNC_INTERVAL;
    o.sync_interval_ms = 1;
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    fault_once(fault, FAULT_SYNC, 1, -EIO);
    int rc = quire_writer_append(w, "x", 1, NULL);
    if (rc == 0)
        rc = quire_writer_wait_durable(w, 1);
    CHECK_CODE(rc, -EIO);
    CHECK_CODE(quire_writer_close(w), -EIO);
    CHECK_UINT(fault_calls(fault, FAULT_SYNC), 1);
    fault_free(fault);
}

/* The thread that syncs may be far from its next turn: who waits for it hears of a failed write at once. */
static void wait_or_fail(void *argument, uint32_t number)
{
    struct waiting *it = argument;
    if (number == 0) {
        note_sleeper(&it->sleepers, 0);
        CHECK_CODE(quire_writer_wait_durable(it->writer, 3), it->should);
        return;
    }
    await_asleep(&it->sleepers, 1);
    fault_once(it->fault, it->op, 1, it->should);
    int rc = quire_writer_append(it->writer, "x", 1, NULL);
    CHECK_CODE(rc < 0 ? rc : quire_writer_flush(it->writer), it->should);
}

TEST_EACH(poison_between_two_ticks, struct method, unmapped)
{
    struct waiting both = {.fault = new_fault(), .op = FAULT_WRITE, .should = -EIO};
    struct quire_writer_options o = small(it->method);
    o.sync_policy = QUIRE_SYNC_INTERVAL;
    o.sync_interval_ms = 3600000;
    both.writer = fault_open_writer(both.fault, harness_path("file"), &o);
    REQUIRE_OK(quire_writer_append(both.writer, "abc", 3, NULL));
    in_threads(2, wait_or_fail, &both);
    CHECK_CODE(quire_writer_close(both.writer), -EIO);
    fault_free(both.fault);
}

/* A second failure, another one, does not take the place of the first. */
TEST_EACH(poison_the_first_stays, struct method, methods)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    REQUIRE_OK(quire_writer_append(w, "abc", 3, NULL));
    fault_once(fault, FAULT_SYNC, 1, -EIO);
    fault_ever(fault, FAULT_CLOSE, 1, -ENOSPC);
    CHECK_CODE(quire_writer_sync(w), -EIO);
    CHECK_CODE(quire_writer_close(w), -EIO);
    CHECK(fault_hits(fault) > 1);
    fault_free(fault);
}

/* Errors that only closing meets. */
TEST_EACH(poison_at_close, struct method, methods)
{
    static const enum fault_op ops[] = {FAULT_SYNC, FAULT_CLOSE, FAULT_TRUNCATE, FAULT_WRITE};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        struct fault *fault = new_fault();
        struct quire_writer_options o = small(it->method);
        quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
        REQUIRE_OK(quire_writer_append(w, "abc", 3, NULL));
        fault_ever(fault, ops[i], 1, -EIO);
        int rc = quire_writer_close(w);
        CHECK_CODE(rc, fault_hits(fault) ? -EIO : 0);
        if (ops[i] == FAULT_SYNC || ops[i] == FAULT_CLOSE)
            CHECK(fault_hits(fault) > 0);
        REQUIRE_INT(unlink(harness_path("file")), 0);
        fault_free(fault);
    }
}
