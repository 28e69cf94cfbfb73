/* Batches from pieces: a header, a body and a newline that lie in different places become one record, and a hundred
 * records become one append.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "example.h"

enum { BATCHES = 100, RECORDS = 100 };

int main(int argc, char **argv)
{
    const char *path = example_path(argc, argv, "batch_iovec.log");
    static char bodies[RECORDS][32];
    struct iovec pieces[3 * RECORDS];
    quire_writer *writer;

    must(quire_writer_open(path, NULL, &writer), path);
    for (int batch = 0; batch < BATCHES; batch++) {
        int count = 0;
        for (int i = 0; i < RECORDS; i++) {
            int length = snprintf(bodies[i], sizeof bodies[i], "%d", batch * RECORDS + i);
            pieces[count++] = (struct iovec){"event ", 6};
            pieces[count++] = (struct iovec){bodies[i], (size_t)length};
            pieces[count++] = (struct iovec){"\n", 1};
        }
        /* All of it lands back to back, whatever other threads append at the same time. */
        must(quire_writer_appendv(writer, pieces, count, NULL), "appendv");
    }
    struct quire_writer_stats stats = {.size = sizeof stats};
    must(quire_writer_stats(writer, &stats), "stats");
    must(quire_writer_close(writer), "close");

    uint64_t length;
    char *bytes = example_read(path, &length);
    char *at = bytes;
    for (int i = 0; i < BATCHES * RECORDS; i++) {
        char expected[32];
        int size = snprintf(expected, sizeof expected, "event %d\n", i);
        check(at + size <= bytes + length && memcmp(at, expected, (size_t)size) == 0, expected);
        at += size;
    }
    check(at == bytes + length && stats.appends == BATCHES, path);
    printf("%s: %d records in %llu appends\n", path, BATCHES * RECORDS, (unsigned long long)stats.appends);
    free(bytes);
    return 0;
}
