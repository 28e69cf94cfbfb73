/* The segment that failed, where a log went on in another: it is not flushed again, and what is in front of it does not go
 * without it.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "fault_log.h"

/* One segment is finished, and in the next a record is not durable yet. */
static quire_log *open_second(struct fault *fault, const char *directory)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_PAGED);

    o.flags = QUIRE_LOG_NO_LIVE | QUIRE_LOG_CONTINUE;
    quire_log *log = fault_open_log(fault, directory, &o);
    append_many(log, 1, 5);
    REQUIRE_OK(quire_log_sync(log, 0));
    REQUIRE_OK(quire_log_rotate(log));
    REQUIRE_OK(append_next(log, 6));
    await_keeper(log);
    return log;
}

/* While the keeper is held up at making the segment after the next, the one that failed is not let go. */
static quire_log *open_failed(struct fault *fault, const char *directory)
{
    quire_log *log = open_second(fault, directory);

    fault_hold(fault, FAULT_ALLOCATE);
    fault_add(fault, (struct fault_rule){.op = FAULT_WRITE_DURABLY, .kind = FAULT_AFTER, .code = -EIO});
    REQUIRE_OK(quire_log_sync(log, 0));
    CHECK_UINT(fault_hits(fault), 1);
    CHECK_UINT(log_stats(log).continued, 1);
    CHECK_UINT(log_marks(log).durable, 6);
    fault_await(fault, FAULT_ALLOCATE, 1);
    return log;
}

static void let_go(struct fault *fault, quire_log *log)
{
    fault_release(fault, FAULT_ALLOCATE);
    await_keeper(log);
}

/* The seam fails the case where a flush of the same file is asked for again. */
TEST(log_go_on_flushes_nothing_again)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    quire_log *log = open_failed(fault, harness_path("log"));

    append_many(log, 7, 10);
    CHECK_OK(quire_log_flush(log));
    CHECK_OK(quire_log_sync(log, 0));
    let_go(fault, log);
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(harness_path("log"), 1, 10);
}

/* Of what was not durable there a power cut may leave anything. If it were the first in the log, that would be damage. */
TEST(log_go_on_keeps_what_is_in_front)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    const char *directory = harness_path("log");
    quire_log *log = open_failed(fault, directory);
    uint64_t segments = 77;

    CHECK_OK(quire_log_trim(log, 6, &segments));
    CHECK_UINT(segments, 0);
    CHECK(file_size(segment_name(directory, 1)) > 0);
    let_go(fault, log);
    CHECK_OK(quire_log_trim(log, 6, &segments));
    CHECK_UINT(segments, 2);
    CHECK_INT(file_size(segment_name(directory, 1)), -1);
    CHECK_INT(file_size(segment_name(directory, 2)), -1);
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(directory, 6, 6);
}

/* Where a segment cannot be finished, what it holds is durable nowhere yet: the one in front has the last that is. */
TEST(log_go_on_keeps_what_is_durable)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    const char *directory = harness_path("log");
    quire_log *log = open_second(fault, directory);
    uint64_t segments = 77;

    /* The footer's. */
    fault_add(fault, (struct fault_rule){.op = FAULT_WRITE, .code = -EIO, .from_offset = 2 * PAGE});
    REQUIRE_OK(quire_log_rotate(log));
    await_keeper(log);
    CHECK_UINT(fault_hits(fault), 1);
    CHECK_OK(quire_log_trim(log, 6, &segments));
    CHECK_UINT(segments, 0);
    CHECK_OK(quire_log_sync(log, 0));
    CHECK_UINT(log_stats(log).continued, 1);
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(directory, 1, 6);
}
