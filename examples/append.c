/* The shortest program that appends: open, append, sync, close.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "example.h"

int main(int argc, char **argv)
{
    const char *path = example_path(argc, argv, "append.log");
    quire_writer *writer;
    uint64_t offset;

    must(quire_writer_open(path, NULL, &writer), path);
    must(quire_writer_append(writer, "hello\n", 6, NULL), "append");    /* in memory: fast, not yet safe */
    must(quire_writer_append(writer, "world\n", 6, &offset), "append"); /* where it went */
    must(quire_writer_sync(writer), "sync");                            /* safe from a power cut */
    must(quire_writer_close(writer), "close");

    uint64_t length;
    char *bytes = example_read(path, &length);
    check(length == 12 && offset == 6 && memcmp(bytes, "hello\nworld\n", 12) == 0, path);
    printf("%s: two records, the second at offset %llu\n", path, (unsigned long long)offset);
    free(bytes);
    return 0;
}
