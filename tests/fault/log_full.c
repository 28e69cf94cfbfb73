/* No room: on the disk, and in the buffers.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fault_log.h"

/* Appends until it is refused; the last sequence. */
static uint64_t append_until(quire_log *log, uint64_t next, int refusal)
{
    int rc = 0;

    for (; next < 100000 && rc == 0; next++)
        rc = append_next(log, next);
    CHECK_CODE(rc, refusal);
    return next - 2;
}

/* A full disk is met before anything is accepted, and it works again once there is space. */
TEST_EACH(log_disk_full, struct method, log_methods)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");
    char reserve[300];

    snprintf(reserve, sizeof reserve, "%s/reserve.quire", directory);
    quire_log *log = fault_open_log(fault, directory, &o);
    REQUIRE_OK(append_next(log, 1));
    REQUIRE_OK(quire_log_rotate(log)); /* the keeper has made the next, and the reserve */
    fault_ever(fault, FAULT_ALLOCATE, 1, -ENOSPC);
    uint64_t last = append_until(log, 2, -ENOSPC);
    CHECK_CODE(append_next(log, last + 1), -ENOSPC);
    CHECK_INT(file_size(reserve), -1);
    /* What was accepted can be made durable. */
    REQUIRE_OK(quire_log_sync(log, 0));
    CHECK_UINT(log_marks(log).durable, last);
    fault_clear(fault);
    for (uint64_t i = last + 1; i <= last + 50; i++) {
        int rc = append_next(log, i);
        if (rc == -ENOSPC && i == last + 1) /* from before there was space */
            rc = append_next(log, i);
        REQUIRE_OK(rc);
    }
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(directory, 1, last + 50);
}

/* No free buffer, and nobody may wait: refused, or dropped and declared. */
struct refusal {
    const char *name;
    uint32_t on_full;
    int code;
};
static const struct refusal refusals[] = {{"again", QUIRE_FULL_AGAIN, -EAGAIN},
                                          {"drop", QUIRE_FULL_DROP, QUIRE_E_DROPPED}};

TEST_EACH(log_no_buffer, struct refusal, refusals)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");

    o.flags = QUIRE_LOG_NO_LIVE;
    o.on_full = it->on_full;
    quire_log *log = fault_open_log(fault, directory, &o);
    REQUIRE_OK(append_next(log, 1));
    REQUIRE_OK(quire_log_flush(log));
    fault_hold(fault, FAULT_WRITE);
    static const char filler[300] = "filler";
    uint64_t accepted = 1;
    uint64_t refused = 0;
    for (int i = 0; i < 1000; i++) {
        int rc = quire_log_append(log, "0123456789012345678901234567890123456789", 40, NULL);
        accepted += rc == 0;
        refused += rc == it->code;
        REQUIRE(rc == 0 || rc == it->code);
        rc = quire_log_append(log, filler, sizeof filler, NULL);
        accepted += rc == 0;
        refused += rc == it->code;
        REQUIRE(rc == 0 || rc == it->code);
    }
    CHECK(refused > 0);
    fault_release(fault, FAULT_WRITE);
    REQUIRE_OK(quire_log_flush(log));
    int rc;
    do
        rc = quire_log_append(log, "last", 4, NULL);
    while (rc == it->code && ++refused);
    REQUIRE_OK(rc);
    accepted++;
    struct quire_log_stats stats = log_stats(log);
    CHECK_UINT(it->on_full == QUIRE_FULL_DROP ? stats.drops : stats.agains, refused);
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    uint64_t records, lost, last;
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, accepted);
    CHECK_UINT(lost, it->on_full == QUIRE_FULL_DROP ? refused : 0);
    CHECK_UINT(last, records + lost);
}

/* What was dropped is declared also when nothing is appended any more. */
TEST(log_drops_at_the_end)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    static const char filler[300] = "filler";
    uint64_t accepted = 0;

    o.flags = QUIRE_LOG_NO_LIVE;
    o.on_full = QUIRE_FULL_DROP;
    quire_log *log = fault_open_log(fault, directory, &o);
    fault_hold(fault, FAULT_WRITE);
    for (int i = 0; i < 1000; i++)
        accepted += quire_log_append(log, filler, sizeof filler, NULL) == 0;
    CHECK(accepted < 1000);
    fault_release(fault, FAULT_WRITE);
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    uint64_t records, lost, last;
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, accepted);
    CHECK_UINT(records + lost, 1000);
    CHECK_UINT(last, 1000);
}

/* An open that fails leaves no log behind. */
TEST(log_failed_open_leaves_nothing)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = small_log(QUIRE_METHOD_URING);
    const char *directory = harness_path("log");
    quire_log *log = NULL;

    fault_once(fault, FAULT_QUEUE_OPEN, 1, QUIRE_E_NO_URING);
    CHECK_CODE(quire__log_open_on(fault_io(fault), directory, &o, &log), QUIRE_E_NO_URING);
    CHECK_INT(file_size(segment_name(directory, 1)), -1);
    fault_once(fault, FAULT_QUEUE_OPEN, 1, QUIRE_E_NO_URING);
    o.flags = QUIRE_LOG_ALLOW_FALLBACK | QUIRE_LOG_EXCLUSIVE;
    log = fault_open_log(fault, directory, &o);
    CHECK_UINT(log_stats(log).method, QUIRE_METHOD_PAGED);
    CHECK_INT(log_stats(log).fallback_reason, QUIRE_E_NO_URING);
    REQUIRE_OK(append_next(log, 1));
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(directory, 1, 1);
}

struct hiccup {
    const char *name;
    uint32_t method;
    struct fault_rule rule;
};
static const struct hiccup hiccups[] = {
    {"write_short", QUIRE_METHOD_PAGED, {.op = FAULT_WRITE, .kind = FAULT_SHORT, .times = UINT64_MAX}},
    {"write_interrupted", QUIRE_METHOD_PAGED, {.op = FAULT_WRITE, .code = -EINTR, .times = 7}},
    {"completion_short", QUIRE_METHOD_URING, {.op = FAULT_COMPLETION, .kind = FAULT_SHORT, .times = UINT64_MAX}},
    {"completion_again", QUIRE_METHOD_URING, {.op = FAULT_COMPLETION, .code = -EAGAIN, .times = UINT64_MAX}},
    {"durably_short", QUIRE_METHOD_PAGED, {.op = FAULT_WRITE_DURABLY, .kind = FAULT_SHORT, .times = UINT64_MAX}},
    {"durably_short_uring", QUIRE_METHOD_URING, {.op = FAULT_WRITE_DURABLY, .kind = FAULT_SHORT, .times = UINT64_MAX}},
    {"durably_interrupted", QUIRE_METHOD_PAGED, {.op = FAULT_WRITE_DURABLY, .code = -EINTR, .times = 7}},
    {"allocate_interrupted", QUIRE_METHOD_PAGED, {.op = FAULT_ALLOCATE, .code = -EINTR, .times = 3}},
    {"read_short", QUIRE_METHOD_PAGED, {.op = FAULT_READ, .kind = FAULT_SHORT, .times = UINT64_MAX}},
    {"read_interrupted", QUIRE_METHOD_PAGED, {.op = FAULT_READ, .code = -EINTR, .times = 5}},
    {"open_interrupted", QUIRE_METHOD_PAGED, {.op = FAULT_OPEN, .code = -EINTR, .times = 5}},
};

/* Short and interrupted calls are no failure, and lose nothing. */
TEST_EACH(log_hiccup, struct hiccup, hiccups)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .order = FAULT_SHUFFLED});
    struct quire_log_options o = small_log(it->method);
    const char *directory = harness_path("log");
    uint64_t next = 1;

    fault_add(fault, it->rule);
    for (int round = 0; round < 2; round++) {
        quire_log *log = fault_open_log(fault, directory, &o);
        for (int i = 0; i < 700; i++) {
            REQUIRE_OK(append_next(log, next++));
            if (i % 50 == 0)
                REQUIRE_OK(quire_log_sync(log, 0));
        }
        CHECK_OK(quire_log_close(log));
    }
    CHECK(fault_hits(fault) > 0);
    fault_free(fault);
    CHECK_LOG(directory, 1, next - 1);
}
