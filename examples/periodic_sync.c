/* Periodic sync: a thread of the writer's makes everything durable every 20 ms, and whoever needs to know waits for
 * the offset of its own record.
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

enum { RECORDS = 5000 };

int main(int argc, char **argv)
{
    const char *path = example_path(argc, argv, "periodic_sync.log");
    struct quire_writer_options options = {
        .size = sizeof options,
        .sync_policy = QUIRE_SYNC_INTERVAL,
        .sync_interval_ms = 20,
    };
    struct quire_watermarks marks;
    quire_writer *writer;
    uint64_t offset = 0;

    must(quire_writer_open(path, &options, &writer), path);
    for (int i = 0; i < RECORDS; i++)
        must(quire_writer_append(writer, "something happened\n", 19, &offset), "append");

    must(quire_writer_watermarks(writer, &marks), "watermarks");
    printf("%s: %llu bytes appended, %llu durable so far\n", path, (unsigned long long)marks.appended,
           (unsigned long long)marks.durable);
    /* The last record matters: wait for the tick that covers it. Nobody has to ask for a sync. */
    must(quire_writer_wait_durable(writer, offset + 19), "wait");
    must(quire_writer_watermarks(writer, &marks), "watermarks");
    check(marks.durable == (uint64_t)RECORDS * 19, "everything is durable");
    printf("%s: %llu bytes durable\n", path, (unsigned long long)marks.durable);

    must(quire_writer_close(writer), "close");
    uint64_t length;
    free(example_read(path, &length));
    check(length == (uint64_t)RECORDS * 19, path);
    return 0;
}
