/* Waiting for one's place in a log, behind a record larger than all buffers.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "fault_log.h"

enum { BIG = 60 * PAGE, SMALL = 100, APPENDERS = 2 };

static unsigned char big[BIG];

static struct quire_log_options options_of(uint32_t method)
{
    struct quire_log_options o = small_log(method);

    o.segment_bytes = 256 * PAGE;
    o.sync_policy = QUIRE_SYNC_NONE;
    o.flags = QUIRE_LOG_NO_LIVE;
    return o;
}

struct crowd {
    struct fault *fault;
    quire_log *log;
    struct sleepers sleepers;
    uint64_t sequence[APPENDERS + 1];
};

/* Thread 0 appends the large record, and stops within it; the others come then; the last one lets it go on. */
static void append_in_turn(void *argument, uint32_t number)
{
    struct crowd *crowd = argument;

    if (number == 0) {
        CHECK_OK(quire_log_append(crowd->log, big, sizeof big, &crowd->sequence[0]));
        return;
    }
    fault_await(crowd->fault, FAULT_WRITE, 1);
    if (number <= APPENDERS) {
        note_sleeper(&crowd->sleepers, number - 1);
        CHECK_OK(quire_log_append(crowd->log, big, SMALL, &crowd->sequence[number]));
        return;
    }
    await_asleep(&crowd->sleepers, APPENDERS);
    fault_release(crowd->fault, FAULT_WRITE);
}

/* Whoever comes while it is under way gets a place behind it. */
TEST(behind_a_large_record)
{
    static struct crowd crowd;
    struct quire_log_options o = options_of(QUIRE_METHOD_PAGED);
    struct quire_record record;
    quire_reader *reader = NULL;
    const char *directory = harness_path("log");

    fill(big, sizeof big, 1);
    crowd.fault = fault_new((struct fault_setup){.align = 512});
    crowd.log = fault_open_log(crowd.fault, directory, &o);
    fault_hold(crowd.fault, FAULT_WRITE);
    in_threads(APPENDERS + 2, append_in_turn, &crowd);
    CHECK_UINT(crowd.sequence[0], 1);
    CHECK_UINT(crowd.sequence[1] + crowd.sequence[2], 2 + 3);
    REQUIRE_OK(quire_log_close(crowd.log));
    fault_free(crowd.fault);
    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    for (uint64_t i = 1; i <= 3; i++) {
        REQUIRE_INT(quire_reader_next(reader, &record), 1);
        CHECK_UINT(record.sequence, i);
        CHECK_UINT(record.length, i == 1 ? BIG : SMALL);
        CHECK_BYTES(record.data, big, record.length);
    }
    CHECK_INT(quire_reader_next(reader, &record), 0);
    REQUIRE_OK(quire_reader_close(reader));
}

/* Closes while no write comes to its end, and then they do. */
static void close_in_turn(void *argument, uint32_t number)
{
    struct crowd *crowd = argument;

    if (number == 0) {
        note_sleeper(&crowd->sleepers, 0);
        CHECK_OK(quire_log_close(crowd->log));
        return;
    }
    await_asleep(&crowd->sleepers, 1);
    fault_release(crowd->fault, FAULT_WRITE);
}

/* What was dropped is declared at the end, although no buffer is free for that at first. */
TEST(dropped_and_closed)
{
    static struct crowd crowd;
    struct quire_log_options o = options_of(QUIRE_METHOD_PAGED);
    const char *directory = harness_path("log");
    uint64_t accepted = 0;
    uint64_t dropped = 0;
    uint64_t records, lost, last;

    o.on_full = QUIRE_FULL_DROP;
    crowd.fault = fault_new((struct fault_setup){.align = 512});
    crowd.log = fault_open_log(crowd.fault, directory, &o);
    fault_hold(crowd.fault, FAULT_WRITE);
    while (dropped < 10) {
        int rc = quire_log_append(crowd.log, big, PAGE, NULL);
        CHECK(rc == 0 || rc == QUIRE_E_DROPPED);
        accepted += rc == 0;
        dropped += rc == QUIRE_E_DROPPED;
    }
    in_threads(2, close_in_turn, &crowd);
    fault_free(crowd.fault);
    CHECK_OK(count_log(directory, &records, &lost, &last));
    CHECK_UINT(records, accepted);
    CHECK_UINT(lost, dropped);
    CHECK_UINT(last, accepted + dropped);
}

/* How many records there are, each of them whole. */
static uint64_t count_whole(const char *directory)
{
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t count = 0;

    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    for (; quire_reader_next(reader, &record) > 0; count++) {
        CHECK_UINT(record.length, sizeof big);
        CHECK_BYTES(record.data, big, record.length);
    }
    REQUIRE_OK(quire_reader_close(reader));
    return count;
}

/* It needs a segment, and there is none to be had: nothing was taken. Later there is. */
TEST(no_segment_for_a_large_record)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = options_of(QUIRE_METHOD_PAGED);
    const char *directory = harness_path("log");
    uint64_t sequence = 77;
    int rc;

    fill(big, sizeof big, 1);
    o.segment_bytes = 100 * PAGE;
    quire_log *log = fault_open_log(fault, directory, &o);
    fault_ever(fault, FAULT_ALLOCATE, 1, -ENOSPC);
    /* One here, and one in the segment that is ready. */
    CHECK_OK(quire_log_append(log, big, sizeof big, NULL));
    CHECK_OK(quire_log_append(log, big, sizeof big, NULL));
    CHECK_CODE(quire_log_append(log, big, sizeof big, &sequence), -ENOSPC);
    CHECK_UINT(sequence, 77);
    fault_clear(fault);
    /* What is told may be from before there was space. */
    while ((rc = quire_log_append(log, big, sizeof big, &sequence)) == -ENOSPC)
        continue;
    CHECK_OK(rc);
    CHECK_UINT(sequence, 3);
    CHECK_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_UINT(count_whole(directory), 3);
}

/* A write within it fails: that comes out, and nothing of it is ever read. */
TEST_EACH(large_record_fails, struct method, log_methods)
{
    const char *directory = harness_path("log");
    uint64_t taken = 0;

    fill(big, sizeof big, 1);
    for (uint64_t nth = 1; nth < 12; nth++) {
        struct fault *fault = fault_new((struct fault_setup){.align = 512, .lazy = true});
        struct quire_log_options o = options_of(it->method);
        uint64_t sequence = 77;

        quire_log *log = fault_open_log(fault, directory, &o);
        uint64_t before = log_marks(log).appended;
        fault_ever(fault, it->method == QUIRE_METHOD_URING ? FAULT_COMPLETION : FAULT_WRITE, nth, -EIO);
        int rc = quire_log_append(log, big, sizeof big, &sequence);
        if (fault_hits(fault) > 0 && it->method != QUIRE_METHOD_MMAP) {
            CHECK_CODE(rc, -EIO);
            CHECK_UINT(sequence, 77);
            CHECK_CODE(quire_log_append(log, big, SMALL, NULL), -EIO);
            CHECK_CODE(quire_log_close(log), -EIO);
        } else {
            CHECK_OK(rc);
            CHECK_UINT(sequence, before + 1);
            taken++;
            quire_log_close(log); /* its footer may be what fails */
        }
        fault_free(fault);
    }
    CHECK_UINT(count_whole(directory), taken);
}
