/* A log on a queue, and on files past the page cache, that are not to be had or not for now.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "fault_log.h"

enum { RECORDS = 300 };

static int open_on(struct fault *fault, const struct quire_log_options *o, quire_log **log)
{
    return quire__log_open_on(fault_io(fault), harness_path("log"), o, log);
}

/* The queue is full sooner than it should be: one write must come to its end first, and nobody hears of it. */
TEST(log_queue_busy)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_URING);
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .order = FAULT_SHUFFLED, .lazy = true});
    quire_log *log = fault_open_log(fault, harness_path("log"), &o);

    fault_once(fault, FAULT_QUEUE_WRITE, 2, -EBUSY);
    append_many(log, 1, RECORDS);
    CHECK_UINT(fault_hits(fault), 1);
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(harness_path("log"), 1, RECORDS);
}

/* It stays full though nothing is under way: that is a failure, and what had been written before is there. */
TEST(log_queue_stuck)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_URING);
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .lazy = true});
    quire_log *log = fault_open_log(fault, harness_path("log"), &o);
    uint64_t next = 1;
    int rc = 0;

    fault_ever(fault, FAULT_QUEUE_WRITE, 4, -EBUSY);
    for (; rc == 0 && next <= RECORDS; next++)
        rc = append_next(log, next);
    CHECK_CODE(rc, -EBUSY);
    CHECK_CODE(quire_log_close(log), -EBUSY);
    fault_free(fault);
    uint64_t records = 0, lost = 0, last = 0;
    CHECK_OK(count_log(harness_path("log"), &records, &lost, &last));
    CHECK(records > 0 && records == last && lost == 0 && last < next);
}

struct unavailable {
    const char *name;
    uint32_t align;
    struct fault_rule rule;
    int code;
};

static const struct unavailable unavailable[] = {
    {"not_stated", 0, {.times = 0}, QUIRE_E_NO_DIRECT},
    {"too_coarse", 2 * PAGE, {.times = 0}, QUIRE_E_NO_DIRECT},
    {"no_queue", 512, {.op = FAULT_QUEUE_OPEN, .code = QUIRE_E_NO_URING, .times = UINT64_MAX}, QUIRE_E_NO_URING},
};

/* Said so, with no segment left behind; or the other method takes its place, where that was allowed. */
TEST_EACH(log_unavailable, struct unavailable, unavailable)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_URING);
    struct fault *fault = fault_new((struct fault_setup){.align = it->align});
    quire_log *log = NULL;

    if (it->rule.times > 0)
        fault_add(fault, it->rule);
    CHECK_CODE(open_on(fault, &o, &log), it->code);
    CHECK(log == NULL);
    CHECK_INT(file_size(segment_name(harness_path("log"), 1)), -1);
    o.flags = QUIRE_LOG_ALLOW_FALLBACK;
    REQUIRE_OK(open_on(fault, &o, &log));
    struct quire_log_stats stats = log_stats(log);
    CHECK_UINT(stats.method, QUIRE_METHOD_PAGED);
    CHECK_UINT(stats.method_asked, QUIRE_METHOD_URING);
    CHECK_CODE(stats.fallback_reason, it->code);
    append_many(log, 1, RECORDS);
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(harness_path("log"), 1, RECORDS);
}

/* After the first failure every way in says what it was, and a lane can still be closed. */
TEST_EACH(log_failed_for_all, struct method, log_methods)
{
    struct quire_log_options o = small_log(it->method);
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_claim claim = {.memory = NULL};
    struct quire_log_claim late;
    quire_log_lane *lane = NULL;
    quire_log_lane *none = NULL;
    struct iovec piece = {"x", 1};
    uint64_t number = 77;

    quire_log *log = fault_open_log(fault, harness_path("log"), &o);
    append_many(log, 1, 3);
    REQUIRE_OK(quire_log_lane_open(log, &lane));
    REQUIRE_OK(quire_log_lane_claim(lane, 1, &claim));
    fault_ever(fault, FAULT_SYNC, 1, -EIO);
    fault_ever(fault, FAULT_WRITE_DURABLY, 1, -EIO);
    CHECK_CODE(quire_log_sync(log, 0), -EIO);
    CHECK_CODE(quire_log_append(log, "x", 1, NULL), -EIO);
    CHECK_CODE(quire_log_appendv(log, &piece, 1, NULL), -EIO);
    CHECK_CODE(quire_log_append_batch(log, &piece, 1, NULL), -EIO);
    CHECK_CODE(quire_log_claim(log, 1, &late), -EIO);
    CHECK_CODE(quire_log_rotate(log), -EIO);
    CHECK_CODE(quire_log_trim(log, 1, &number), -EIO);
    CHECK_CODE(quire_log_lane_open(log, &none), -EIO);
    CHECK_CODE(quire_log_lane_append(lane, "x", 1), -EIO);
    CHECK_CODE(quire_log_lane_appendv(lane, &piece, 1), -EIO);
    CHECK_CODE(quire_log_lane_claim(lane, 1, &late), -EIO);
    CHECK_CODE(quire_log_lane_publish(lane, &claim, 1), -EIO);
    CHECK_CODE(quire_log_lane_flush(lane, &number), -EIO);
    CHECK_CODE(quire_log_lane_close(lane), -EIO);
    CHECK(none == NULL);
    CHECK_UINT(number, 77);
    CHECK_CODE(quire_log_close(log), -EIO);
    fault_free(fault);
}

/* Under a policy that never waits, what no buffer can hold is refused, and the log goes on. */
TEST(log_large_without_waiting)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_PAGED);
    static unsigned char large[200000];
    struct iovec halves[] = {{large, sizeof large / 2}, {large, sizeof large / 2}};
    quire_log *log = NULL;

    o.on_full = QUIRE_FULL_AGAIN;
    REQUIRE_OK(quire_log_open(harness_path("log"), &o, &log));
    REQUIRE(log_stats(log).block_bytes < sizeof large / 2);
    CHECK_CODE(quire_log_append(log, large, sizeof large, NULL), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_log_append_batch(log, halves, 2, NULL), QUIRE_E_TOO_LARGE);
    append_many(log, 1, 5);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(harness_path("log"), 1, 5);
}
