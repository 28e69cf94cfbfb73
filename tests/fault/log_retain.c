/* Retention while nothing becomes durable: what a power cut would leave is still a log.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "fault_log.h"

/* Appends until one goes to that segment; that one is not synced. */
static void append_until(quire_log *log, uint64_t segment, bool durable)
{
    while (log_stats(log).segment < segment) {
        if (durable)
            REQUIRE_OK(quire_log_sync(log, 0));
        REQUIRE_OK(append_next(log, log_marks(log).appended + 1));
    }
}

TEST(log_retention_keeps_what_is_durable)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = small_log(QUIRE_METHOD_WRITE);
    const char *directory = harness_path("log");

    o.segment_bytes = o.block_bytes + 4 * PAGE;
    o.keep_segments = 2;
    quire_log *log = fault_open_log(fault, directory, &o);
    append_until(log, 2, true);
    await_keeper(log);

    /* From here on no flush returns. The keeper comes to one when it has retired what may go. */
    fault_hold(fault, FAULT_SYNC);
    uint64_t durable = log_marks(log).durable;
    append_until(log, 3, false);
    fault_await(fault, FAULT_SYNC, 1);
    CHECK_UINT(log_marks(log).durable, durable);
    CHECK(file_size(segment_name(directory, 1)) > 0);
    fault_release(fault, FAULT_SYNC);

    append_until(log, 5, true);
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_INT(file_size(segment_name(directory, 1)), -1);
}

enum { SEGMENTS = 5, EACH = 20, ALL = SEGMENTS * EACH };

static quire_log *make_log(struct fault *fault, uint64_t keep_ms)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_PAGED);

    o.keep_ms = keep_ms;
    quire_log *log = fault_open_log(fault, harness_path("log"), &o);
    for (uint64_t i = 1; i <= ALL; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % EACH == 0 && i < ALL)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_sync(log, 0));
    await_keeper(log);
    return log;
}

/* What is younger than keep_ms stays. */
TEST(log_retention_keeps_what_is_young)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});

    quire_log *log = make_log(fault, 3600 * 1000);
    CHECK_UINT(log_stats(log).trimmed, 0);
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(harness_path("log"), 1, ALL);
}

static const struct {
    enum fault_op op;
    int code;
} trim_failures[] = {{FAULT_OPEN, -EMFILE},
                     {FAULT_FACTS, -EIO},
                     {FAULT_READ, -ENOMEM},
                     {FAULT_UNLINK, -EACCES},
                     {FAULT_SYNC_DIRECTORY, -EIO}};

/* A trim that fails says so, the log goes on, and the trim can be asked for again. */
TEST(log_trim_refused)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    quire_log *log = make_log(fault, 0);
    uint64_t segments = 77;

    for (size_t i = 0; i < sizeof trim_failures / sizeof trim_failures[0]; i++) {
        fault_once(fault, trim_failures[i].op, 1, trim_failures[i].code);
        CHECK_CODE(quire_log_trim(log, 3 * EACH + 1, &segments), trim_failures[i].code);
        CHECK_UINT(segments, 77);
        fault_clear(fault);
    }
    REQUIRE_OK(append_next(log, ALL + 1));
    CHECK_OK(quire_log_trim(log, 2 * EACH + 1, NULL));
    CHECK_OK(quire_log_trim(log, 3 * EACH + 1, &segments));
    CHECK_UINT(segments, 1);
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(harness_path("log"), 3 * EACH + 1, ALL + 1);
}
