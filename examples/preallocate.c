/* Pre-allocation: space is made ready at open, so that appends into it cannot meet a full disk and a durable append
 * costs one device flush instead of two. What was not used is given back at close.
 *
 *     preallocate [path]
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

#include <stdint.h>
#include <sys/stat.h>

enum { PREPARED = 8 << 20, RECORDS = 200 };

static unsigned long long allocated(const char *path)
{
    struct stat st;
    must_be(stat(path, &st) == 0, "it is there");
    return (unsigned long long)st.st_blocks * 512;
}

int main(int count, char **arguments)
{
    const char *path = begin_example(count, arguments);
    struct quire_writer_options options = {
        .size = sizeof options,
        .prepare = QUIRE_PREPARE_WRITTEN, /* or QUIRE_PREPARE_ALLOCATED: quicker to open, slower to sync */
        .prepare_bytes = PREPARED,
        .sync_policy = QUIRE_SYNC_EACH,
    };
    char record[100];
    quire_writer *writer;
    struct stat before, after;

    if (stat(path, &before) != 0)
        before.st_size = 0; /* open will make it */
    MUST(quire_writer_open(path, &options, &writer));
    printf("open:  %llu bytes allocated\n", allocated(path));
    must_be(allocated(path) >= PREPARED, "space was prepared");
    for (int i = 0; i < RECORDS; i++) {
        memset(record, 'a' + i % 26, sizeof record);
        MUST(quire_writer_append(writer, record, sizeof record, NULL)); /* durable when it returns */
    }
    MUST(quire_writer_close(writer));
    must_be(stat(path, &after) == 0 && after.st_size == before.st_size + RECORDS * (long)sizeof record,
            "its true length");
    must_be(allocated(path) < PREPARED, "unused space was given back");
    printf("close: %llu bytes allocated, %lld in the file\n", allocated(path), (long long)after.st_size);
    return end_example();
}
