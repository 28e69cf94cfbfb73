/* Periodic sync: a thread of the writer's makes everything durable every 20 ms, so that appends stay fast and a power
 * cut costs no more than the last moment. Who must know that one record is safe waits for it.
 *
 *     periodic_sync [path]
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

#include <stdint.h>

enum { RECORDS = 20000 };

int main(int count, char **arguments)
{
    const char *path = begin_example(count, arguments);
    struct quire_writer_options options = {
        .size = sizeof options,
        .sync_policy = QUIRE_SYNC_INTERVAL,
        .sync_interval_ms = 20,
    };
    quire_writer *writer;
    struct quire_watermarks marks;
    struct quire_writer_stats stats = {.size = sizeof stats};
    uint64_t offset = 0;
    char record[64] = {0};

    MUST(quire_writer_open(path, &options, &writer));
    for (int i = 0; i < RECORDS; i++) {
        snprintf(record, sizeof record, "event %d", i);
        MUST(quire_writer_append(writer, record, sizeof record, &offset));
    }
    MUST(quire_writer_watermarks(writer, &marks));
    printf("appended %llu, written %llu, durable %llu\n", (unsigned long long)marks.appended,
           (unsigned long long)marks.written, (unsigned long long)marks.durable);

    MUST(quire_writer_wait_durable(writer, offset + sizeof record)); /* the last record, and so all before it */
    MUST(quire_writer_watermarks(writer, &marks));
    MUST(quire_writer_stats(writer, &stats));
    printf("after waiting: durable %llu, by %llu syncs that nobody asked for\n", (unsigned long long)marks.durable,
           (unsigned long long)stats.syncs);
    must_be(marks.durable == offset + sizeof record && stats.syncs > 0, "it became durable");
    MUST(quire_writer_close(writer));

    size_t length;
    unsigned char *bytes = read_back(path, &length);
    must_be(length >= sizeof record && memcmp(bytes + length - sizeof record, record, sizeof record) == 0,
            "the last record");
    free(bytes);
    return end_example();
}
