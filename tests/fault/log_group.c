/* Who leads a log's group commit where a ticker is: those who leave the flush to it must not keep it from hearing that
 * it is wanted. What goes wrong here is that somebody sleeps for ever.
 *
 * SPDX-License-Identifier: MIT */
#include "fault_log.h"

struct crowd {
    struct fault *fault;
    quire_log *log;
    struct sleepers sleepers;
};

static quire_log *open_ticking(struct fault *fault, uint32_t interval_ms)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_PAGED);

    o.segment_bytes = 1024 * PAGE;
    o.flags = QUIRE_LOG_NO_LIVE;
    o.sync_policy = QUIRE_SYNC_INTERVAL;
    o.sync_interval_ms = interval_ms;
    return fault_open_log(fault, harness_path("log"), &o);
}

/* Behind the waiter in the futex's queue, or, if its tick came early, before it: then nothing is shown, and nothing is
 * wrong. */
static void await_the_ticker(quire_log *log)
{
    while (atomic_load(&log->commit.waiters) < 2)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void wait_beside_a_sync(void *argument, uint32_t number)
{
    struct crowd *c = argument;
    uint64_t sequence = 0;

    if (number == 0) {
        REQUIRE_OK(quire_log_append(c->log, "first", 5, &sequence));
        REQUIRE_OK(quire_log_flush(c->log)); /* else the write itself might be the flush */
        REQUIRE_OK(quire_log_sync(c->log, sequence));
        return;
    }
    fault_await(c->fault, FAULT_SYNC, 1);
    if (number == 1) {
        REQUIRE_OK(quire_log_append(c->log, "second", 6, &sequence));
        note_sleeper(&c->sleepers, 0);
        REQUIRE_OK(quire_log_wait_durable(c->log, sequence));
        CHECK(log_marks(c->log).durable >= sequence);
        return;
    }
    await_asleep(&c->sleepers, 1);
    await_the_ticker(c->log);
    fault_release(c->fault, FAULT_SYNC);
}

/* A sync is under way, and two wait for the round after it: one that leaves flushes to the ticker, and the ticker. The
 * end of the round wakes one of them to lead. */
TEST(log_group_ticker_is_told)
{
    struct crowd c = {.fault = fault_new((struct fault_setup){.align = 512})};

    c.log = open_ticking(c.fault, 100);
    fault_hold(c.fault, FAULT_SYNC);
    in_threads(3, wait_beside_a_sync, &c);
    CHECK_OK(quire_log_close(c.log));
    fault_free(c.fault);
}
