/* A kernel without threads, or without inotify, for those who ask: an error and nothing left behind, or the work is done
 * all the same.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <quire/check.h>

#include "kernel.h"
#include "log_support.h"

enum { RECORDS = 200 };

static const struct kernel_refusal threads[] = {{.call = SYS_clone3, .code = EAGAIN},
                                                {.call = SYS_clone, .code = EAGAIN}};

/* Segments of some blocks each. */
static void make_log(void)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = open_log(harness_path("log"), &o);

    for (uint64_t i = 1; i <= RECORDS; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % 50 == 0 && i < RECORDS)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
}

static void open_writer_refused(void *unused)
{
    struct quire_writer_options o = options_for(QUIRE_METHOD_PAGED);
    struct quire_failure failure = {0};
    quire_writer *writer = NULL;

    (void)unused;
    o.sync_policy = QUIRE_SYNC_INTERVAL;
    o.failure = &failure;
    CHECK_CODE(quire_writer_open(harness_path("file"), &o, &writer), -EAGAIN);
    CHECK_INT(failure.call, QUIRE_CALL_THREAD);
    CHECK(writer == NULL);
    CHECK_INT(count_files(), 0);
}

TEST(threads_of_a_writer)
{
    kernel_refusing(threads, 2, open_writer_refused, NULL);
}

/* Whatever threads a log would have beside its keeper. */
static const struct quire_log_options with_threads[] = {
    {.size = sizeof with_threads[0]},
    {.size = sizeof with_threads[0], .sync_policy = QUIRE_SYNC_INTERVAL},
    {.size = sizeof with_threads[0], .on_full = QUIRE_FULL_DROP}};

static void open_log_refused(void *unused)
{
    struct quire_failure failure = {0};
    quire_log *log = NULL;

    (void)unused;
    for (size_t i = 0; i < sizeof with_threads / sizeof with_threads[0]; i++) {
        struct quire_log_options o = with_threads[i];
        o.failure = &failure;
        CHECK_CODE(quire_log_open(harness_path("log"), &o, &log), -EAGAIN);
        CHECK_INT(failure.call, QUIRE_CALL_THREAD);
        CHECK(log == NULL);
    }
}

TEST(threads_of_a_log)
{
    make_log();
    kernel_refusing(threads, 2, open_log_refused, NULL);
    CHECK_LOG(harness_path("log"), 1, RECORDS);
}

static int see_record(void *context, uint32_t thread, const struct quire_record *record)
{
    CHECK_UINT(thread, 0);
    CHECK_INT(record->kind, QUIRE_RECORD_DATA);
    ++*(uint64_t *)context;
    return 0;
}

/* One does what four would have done. */
static void read_alone(void *unused)
{
    struct quire_verify_options o = {.size = sizeof o, .threads = 4};
    struct quire_verify_result result = {.size = sizeof result};
    uint64_t seen = 0;

    (void)unused;
    CHECK_OK(quire_scan(harness_path("log"), NULL, 4, see_record, &seen));
    CHECK_UINT(seen, RECORDS);
    CHECK_OK(quire_verify(harness_path("log"), &o, &result));
    CHECK_UINT(result.records, RECORDS);
}

TEST(threads_of_a_scan)
{
    make_log();
    kernel_refusing(threads, 2, read_alone, NULL);
}

/* Without inotify the look every second remains. */
static void wait_without(void *unused)
{
    struct quire_record record;
    quire_reader *reader = NULL;

    (void)unused;
    REQUIRE_OK(quire_reader_open(harness_path("log"), NULL, &reader));
    CHECK_INT(quire_reader_wait(reader, 1000), 1);
    for (uint64_t i = 1; i <= RECORDS; i++)
        REQUIRE_INT(quire_reader_next(reader, &record), 1);
    CHECK_INT(quire_reader_wait(reader, 20), 0);
    CHECK_OK(quire_reader_close(reader));
}

static void wait_without_memory(void *unused)
{
    quire_reader *reader = NULL;

    (void)unused;
    REQUIRE_OK(quire_reader_open(harness_path("log"), NULL, &reader));
    CHECK_CODE(quire_reader_wait(reader, 20), -ENOMEM);
    CHECK_OK(quire_reader_close(reader));
}

TEST(wait_without_inotify)
{
    const struct kernel_refusal none[] = {{.call = SYS_inotify_init1, .code = EMFILE}};
    const struct kernel_refusal no_watch[] = {{.call = SYS_inotify_add_watch, .code = ENOSPC}};
    const struct kernel_refusal no_memory[] = {{.call = SYS_inotify_init1, .code = ENOMEM}};

    make_log();
    kernel_refusing(none, 1, wait_without, NULL);
    kernel_refusing(no_watch, 1, wait_without, NULL);
    kernel_refusing(no_memory, 1, wait_without_memory, NULL);
}
