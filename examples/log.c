/* A log: records appended durably, the process gone before it could close, what recovery finds, and reading it back.
 *
 *     log [directory]
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

#include <inttypes.h>
#include <sys/wait.h>

enum { DURABLE = 100, MORE = 50 };

/* Appends, waits for what must be safe, and dies with some records in memory. */
static void write_and_die(const char *directory)
{
    quire_log *log;
    uint64_t sequence = 0;

    MUST(quire_log_open(directory, NULL, &log));
    for (int i = 1; i <= DURABLE; i++)
        MUST(quire_log_append(log, "precious", 8, &sequence));
    MUST(quire_log_sync(log, sequence)); /* these are safe from now on */
    for (int i = 1; i <= MORE; i++)
        MUST(quire_log_append(log, "in memory", 9, NULL));
    _exit(0);
}

/* Opening recovers: what was durable is there, and the next record comes behind it. */
static void go_on(const char *directory)
{
    struct quire_recovery recovery = {.size = sizeof recovery};
    struct quire_log_options options = {.size = sizeof options, .recovery = &recovery};
    quire_log *log;

    MUST(quire_log_open(directory, &options, &log));
    printf("%" PRIu64 " records are there, %" PRIu64 " bytes were torn\n", recovery.last_sequence, recovery.torn_bytes);
    must_be(recovery.last_sequence >= DURABLE, "what was durable is there");
    MUST(quire_log_append(log, "the last", 8, NULL));
    MUST(quire_log_close(log));
}

static void read_all(const char *directory)
{
    struct quire_record record;
    quire_reader *reader;
    uint64_t expected = 1;
    int rc;

    MUST(quire_reader_open(directory, NULL, &reader));
    while ((rc = quire_reader_next(reader, &record)) > 0)
        must_be(record.sequence == expected++, "the records are in order");
    MUST(rc);
    MUST(quire_reader_previous(reader, &record));
    must_be(record.length == 8 && memcmp(record.data, "the last", 8) == 0, "the last record is the last");
    printf("%" PRIu64 " records read; the last one, at %" PRIu64 " ns, is \"%.*s\"\n", record.sequence, record.time,
           (int)record.length, (const char *)record.data);
    MUST(quire_reader_close(reader));
}

int main(int count, char **arguments)
{
    const char *directory = count > 1 ? arguments[1] : "log.example";
    int status = 0;

    pid_t child = fork(); /* before a log is open: a handle is not for both */
    if (child == 0)
        write_and_die(directory);
    must_be(child > 0 && waitpid(child, &status, 0) == child && status == 0, "the writer did its work");
    go_on(directory);
    read_all(directory);
    return 0;
}
