/* Opening when something fails: the code that says what, nothing left behind, what was there untouched; fallback; and
 * two who open the same path at the same moment.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"

enum { CODE = -EIO, PREPARED = 200 * 1000 };

static const char before[] = "what was there before";

static struct quire_writer_options small(uint32_t method, uint32_t prepare)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 2);
    o.prepare = prepare;
    o.prepare_bytes = prepare ? PREPARED : 0;
    return o;
}

static int call_of(enum fault_op op)
{
    switch (op) {
    case FAULT_OPEN:
        return QUIRE_CALL_OPEN;
    case FAULT_FACTS:
    case FAULT_IDENTIFY:
        return QUIRE_CALL_STAT;
    case FAULT_LOCK:
        return QUIRE_CALL_LOCK;
    case FAULT_SYNC_DIRECTORY:
        return QUIRE_CALL_SYNC_DIRECTORY;
    case FAULT_QUEUE_OPEN:
        return QUIRE_CALL_QUEUE;
    default:
        return QUIRE_CALL_ALLOCATE; /* all that prepares space */
    }
}

/* Opens with the nth call of op failing. False when there is no nth call any more. */
static bool open_with_failure(const struct quire_writer_options *given, enum fault_op op, uint64_t nth, bool existing)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    const char *path = harness_path("file");
    struct quire_failure failure = {.code = 1};
    struct quire_writer_options o = *given;
    quire_writer *marker = (quire_writer *)(uintptr_t)0x1234, *w = marker;
    o.failure = &failure;
    if (existing)
        write_file(path, before, sizeof before);
    fault_once(fault, op, nth, CODE);
    int rc = quire__writer_open_on(fault_io(fault), path, &o, &w);
    bool hit = fault_hits(fault) > 0;
    if (rc == 0) {
        CHECK(!hit);
        CHECK_INT(failure.code, 1); /* untouched on success */
        REQUIRE_OK(quire_writer_close(w));
    } else {
        CHECK(w == marker);
        CHECK_CODE(rc, CODE);
        CHECK_INT(failure.code, CODE);
        CHECK_INT(failure.os_error, -CODE);
        /* The second open of a file that uring makes may be told apart by name only. */
        CHECK_INT(failure.call,
                  o.method == QUIRE_METHOD_URING && op == FAULT_FACTS && nth > 1 ? QUIRE_CALL_OPEN : call_of(op));
    }
    CHECK_INT(file_size(path), existing ? (int64_t)sizeof before : rc == 0 ? 0 : -1);
    if (existing)
        CHECK_FILE(path, &((struct bytes){.data = (uint8_t *)(uintptr_t)before, .length = sizeof before}));
    unlink(path);
    fault_free(fault);
    return hit;
}

TEST_EACH(opening_fails, struct method, methods)
{
    static const enum fault_op ops[] = {FAULT_OPEN,       FAULT_FACTS,    FAULT_LOCK,
                                        FAULT_IDENTIFY,   FAULT_ALLOCATE, FAULT_SYNC_DIRECTORY,
                                        FAULT_QUEUE_OPEN, FAULT_WRITE,    FAULT_SYNC};
    uint64_t failures = 0;
    for (int existing = 0; existing < 2; existing++)
        for (uint32_t prepare = 0; prepare <= QUIRE_PREPARE_WRITTEN; prepare++)
            for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
                struct quire_writer_options o = small(it->method, prepare);
                o.sync_policy = ops[i] == FAULT_SYNC ? QUIRE_SYNC_NONE : QUIRE_SYNC_REQUEST;
                for (uint64_t nth = 1; open_with_failure(&o, ops[i], nth, existing); nth++)
                    failures++;
            }
    CHECK(failures >= 20);
}

/* Advice, and what is done on the way out of a failure, changes nothing. */
TEST_EACH(opening_fails_twice, struct method, methods)
{
    static const enum fault_op second[] = {FAULT_CLOSE, FAULT_TRUNCATE, FAULT_DROP_CACHE};
    for (size_t i = 0; i < sizeof second / sizeof second[0]; i++) {
        struct fault *fault = fault_new((struct fault_setup){.align = 512});
        struct quire_writer_options o = small(it->method, QUIRE_PREPARE_WRITTEN);
        quire_writer *w = NULL;
        fault_once(fault, FAULT_SYNC, 1, CODE);
        fault_ever(fault, second[i], 1, -ENOSPC);
        CHECK_CODE(quire__writer_open_on(fault_io(fault), harness_path("file"), &o, &w), CODE);
        CHECK_INT(file_size(harness_path("file")), -1);
        fault_free(fault);
    }
}

/* The name of a new file is durable before anybody can be told that its bytes are; who asks for no sync gets none. */
TEST_EACH(opening_makes_the_name_durable, struct method, methods)
{
    for (uint32_t policy = QUIRE_SYNC_REQUEST; policy <= QUIRE_SYNC_EACH; policy++) {
        struct fault *fault = fault_new((struct fault_setup){.align = 512});
        struct quire_writer_options o = small(it->method, 0);
        o.sync_policy = policy;
        quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
        CHECK_INT(fault_name_durable(fault), policy != QUIRE_SYNC_NONE);
        REQUIRE_OK(quire_writer_append(w, "x", 1, NULL));
        REQUIRE_OK(quire_writer_close(w));
        REQUIRE_INT(unlink(harness_path("file")), 0);
        fault_free(fault);
    }
}

struct refusal {
    const char *name;
    struct fault_setup setup;
    struct fault_rule rule;
    int code;
    bool falls_back;
};

static const struct refusal refusals[] = {
    {"no_direct", {.align = 0}, {.op = FAULT_OPS}, QUIRE_E_NO_DIRECT, true},
    {"direct_refused", {.align = 512}, {.op = FAULT_OPEN, .nth = 3, .code = -EINVAL}, QUIRE_E_NO_DIRECT, true},
    {"align_8192", {.align = 8192}, {.op = FAULT_OPS}, QUIRE_E_NO_DIRECT, true},
    {"no_uring", {.align = 512}, {.op = FAULT_QUEUE_OPEN, .code = QUIRE_E_NO_URING}, QUIRE_E_NO_URING, true},
    {"queue_memory", {.align = 512}, {.op = FAULT_QUEUE_OPEN, .code = -ENOMEM}, -ENOMEM, false},
    {"queue_handles", {.align = 512}, {.op = FAULT_QUEUE_OPEN, .code = -EMFILE}, -EMFILE, false},
};

static void open_refused(const struct refusal *it, bool allow, bool existing, uint32_t prepare)
{
    struct fault *fault = fault_new(it->setup);
    struct quire_writer_options o = small(QUIRE_METHOD_URING, prepare);
    const char *path = harness_path("file");
    quire_writer *w = NULL;
    o.flags = allow ? QUIRE_OPEN_ALLOW_FALLBACK : 0;
    if (existing)
        write_file(path, before, sizeof before);
    if (it->rule.op != FAULT_OPS) {
        struct fault_rule rule = it->rule;
        if (rule.op == FAULT_OPEN && existing)
            rule.nth--; /* no first try that finds nothing */
        fault_add(fault, rule);
    }
    int rc = quire__writer_open_on(fault_io(fault), path, &o, &w);
    CHECK_CODE(rc, allow && it->falls_back ? 0 : it->code);
    if (rc == 0) {
        CHECK_UINT(stats_of(w).method, QUIRE_METHOD_PAGED);
        CHECK_UINT(stats_of(w).method_asked, QUIRE_METHOD_URING);
        CHECK_INT(stats_of(w).fallback_reason, it->code);
        REQUIRE_OK(quire_writer_append(w, "on", 2, NULL));
        REQUIRE_OK(quire_writer_close(w));
        CHECK_INT(file_size(path), (existing ? (int64_t)sizeof before : 0) + 2);
    } else {
        CHECK_INT(file_size(path), existing ? (int64_t)sizeof before : -1);
    }
    unlink(path);
    fault_free(fault);
}

TEST_EACH(opening_falls_back, struct refusal, refusals)
{
    for (uint32_t prepare = 0; prepare <= QUIRE_PREPARE_WRITTEN; prepare++)
        for (int existing = 0; existing < 2; existing++)
            for (int allow = 0; allow < 2; allow++)
                open_refused(it, allow, existing, prepare);
}

struct racing {
    struct fault *fault;
    const char *path;
    struct quire_writer_options options;
    int code;
    quire_writer *writer;
};

static void open_it(void *argument, uint32_t number)
{
    struct racing *it = argument;
    if (number == 0) {
        it->code = quire__writer_open_on(fault_io(it->fault), it->path, &it->options, &it->writer);
        return;
    }
    fault_await(it->fault, FAULT_LOCK, 1);
    struct quire_writer_options o = options_for(QUIRE_METHOD_PAGED);
    quire_writer *w = NULL;
    REQUIRE_OK(quire_writer_open(it->path, &o, &w));
    CHECK_OK(quire_writer_append(w, "theirs", 6, NULL));
    fault_release(it->fault, FAULT_LOCK);
    /* It is refused, or waits for nobody: the other one ends first. */
    while (fault_calls(it->fault, FAULT_CLOSE) == 0)
        ;
    CHECK_OK(quire_writer_close(w));
}

/* One makes the file, another comes first with the lock: it is the other's now, and must not be taken away. */
TEST_EACH(opening_lost_the_lock, struct method, methods)
{
    struct racing r = {fault_new((struct fault_setup){.align = 512}), harness_path("file"), small(it->method, 0), 0,
                       NULL};
    fault_hold(r.fault, FAULT_LOCK);
    in_threads(2, open_it, &r);
    CHECK_CODE(r.code, QUIRE_E_LOCKED);
    CHECK_FILE(r.path, &((struct bytes){.data = (uint8_t *)(uintptr_t) "theirs", .length = 6}));
    fault_free(r.fault);
}

static void replace_it(void *argument, uint32_t number)
{
    struct racing *it = argument;
    if (number == 0) {
        open_it(it, 0);
        return;
    }
    fault_await(it->fault, FAULT_LOCK, 1);
    REQUIRE_INT(unlink(it->path), 0);
    if (number == 1)
        write_file(it->path, "another", 7);
    fault_release(it->fault, FAULT_LOCK);
}

/* Between open and lock the path comes to name another file. Appending to the one without a name would lose it all. */
TEST_EACH(opening_was_replaced, struct method, methods)
{
    struct racing r = {fault_new((struct fault_setup){.align = 512}), harness_path("file"), small(it->method, 0), 0,
                       NULL};
    fault_hold(r.fault, FAULT_LOCK);
    in_threads(2, replace_it, &r);
    if (r.code == 0) {
        CHECK_OK(quire_writer_append(r.writer, "mine", 4, NULL));
        CHECK_OK(quire_writer_close(r.writer));
        CHECK_INT(file_size(r.path), 11);
    } else {
        CHECK_CODE(r.code, QUIRE_E_REPLACED);
        CHECK_INT(file_size(r.path), 7);
    }
    fault_free(r.fault);
}
