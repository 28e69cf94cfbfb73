/* Following a log that another process writes by quire_log: every record once, in order, whatever the method, over
 * segments that end and begin meanwhile.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log_support.h"

enum { RECORDS = 3000 };

struct following {
    const char *name;
    uint32_t method, log_flags, sync_policy, read_flags;
};

static const struct following followings[] = {
    {"paged", QUIRE_METHOD_PAGED, 0, QUIRE_SYNC_REQUEST, 0},
    {"write", QUIRE_METHOD_WRITE, 0, QUIRE_SYNC_REQUEST, 0},
    {"mmap", QUIRE_METHOD_MMAP, 0, QUIRE_SYNC_REQUEST, 0},
    {"uring", QUIRE_METHOD_URING, 0, QUIRE_SYNC_REQUEST, 0},
    {"durable", QUIRE_METHOD_PAGED, 0, QUIRE_SYNC_REQUEST, QUIRE_READ_DURABLE},
    {"each", QUIRE_METHOD_PAGED, 0, QUIRE_SYNC_EACH, QUIRE_READ_DURABLE},
    {"times", QUIRE_METHOD_PAGED, QUIRE_LOG_RECORD_TIMES, QUIRE_SYNC_NONE, 0},
    {"silent", QUIRE_METHOD_PAGED, QUIRE_LOG_NO_LIVE, QUIRE_SYNC_REQUEST, 0},
};

/* In a process of its own, which says by its exit status how it went. */
_Noreturn static void write_all(const char *directory, const struct following *it)
{
    struct quire_log_options o = small_log(it->method);
    unsigned char record[700];
    quire_log *log = NULL;

    o.flags = it->log_flags;
    o.sync_policy = it->sync_policy;
    int rc = quire_log_open(directory, &o, &log);
    uint64_t last = it->sync_policy == QUIRE_SYNC_EACH ? RECORDS / 10 : RECORDS;
    for (uint64_t i = 1; i <= last && rc == 0; i++) {
        record_fill(record, i);
        rc = quire_log_append(log, record, record_length(i), NULL);
        if (rc == 0 && i % 97 == 0)
            rc = quire_log_flush(log);
        if (rc == 0 && i % 501 == 0)
            rc = quire_log_sync(log, 0);
        /* Time for the reader to come to the end and sleep: whether it does is not seen from here, and nothing fails if
         * it does not. */
        if (i % 250 == 0)
            usleep(2000);
    }
    int end = rc == 0 ? quire_log_close(log) : rc;
    _exit(end == 0 ? 0 : 1);
}

static void check_record(const struct quire_record *record, uint64_t sequence)
{
    unsigned char should[700];

    REQUIRE_UINT(record->kind, QUIRE_RECORD_DATA);
    REQUIRE_UINT(record->sequence, sequence);
    REQUIRE_UINT(record->length, record_length(sequence));
    record_fill(should, sequence);
    REQUIRE(record->length == 0 || memcmp(record->data, should, record->length) == 0);
}

/* There is no log before the other process has made one. */
static quire_reader *await_reader(const char *directory, uint32_t flags, pid_t child, struct quire_damage *damage)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = flags, .damage = damage};
    quire_reader *reader = NULL;
    int status = 0;

    for (;;) {
        int rc = quire_reader_open(directory, &options, &reader);
        if (rc == 0)
            return reader;
        REQUIRE(rc == -ENOENT || rc == QUIRE_E_NOT_A_LOG);
        if (waitpid(child, &status, WNOHANG) == child) {
            FAIL("the writer ended before there was a log");
            harness_abandon();
        }
        usleep(1000); /* before it looks for the other process's log again */
    }
}

TEST_EACH(log_follow, struct following, followings)
{
    const char *directory = harness_path("log");
    uint64_t last = it->sync_policy == QUIRE_SYNC_EACH ? RECORDS / 10 : RECORDS;
    struct quire_damage damage = {0};
    struct quire_record record;
    uint64_t time = 0;
    uint64_t next = 1;
    int status = 0;

    /* Skips where the method is not to be had. */
    struct quire_log_options probe = small_log(it->method);
    CHECK_OK(quire_log_close(open_log(harness_path("probe"), &probe)));
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
        write_all(directory, it);
    quire_reader *reader = await_reader(directory, it->read_flags, child, &damage);
    while (next <= last) {
        int rc = quire_reader_next(reader, &record);
        if (rc == 0)
            rc = quire_reader_wait(reader, 20000);
        else if (rc == 1) {
            check_record(&record, next++);
            CHECK(record.time >= time);
            time = record.time;
        }
        if (rc < 0)
            FAIL("segment %" PRIu64 ", block %" PRIu64 " at %" PRIu64 ", sequences %" PRIu64 " to %" PRIu64,
                 damage.segment, damage.block, damage.offset, damage.first_sequence, damage.last_sequence);
        REQUIRE_CODE(rc, 1);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
    CHECK_INT(quire_reader_next(reader, &record), 0);
    CHECK_OK(quire_reader_close(reader));
}
