/* The least there is: open a file, append to it, make it durable, close it.
 *
 *     append [path]
 *
 * SPDX-License-Identifier: MIT */
#include <quire/quire.h>

#include <stdio.h>

int main(int count, char **arguments)
{
    const char *path = count > 1 ? arguments[1] : "append.example";
    quire_writer *writer;
    int rc = quire_writer_open(path, NULL, &writer);
    if (rc == 0) {
        rc = quire_writer_append(writer, "hello\n", 6, NULL); /* in memory: fast, not yet safe */
        if (rc == 0)
            rc = quire_writer_sync(writer); /* safe from a power cut */
        int end = quire_writer_close(writer);
        rc = rc < 0 ? rc : end;
    }
    printf("%s: %s\n", path, quire_strerror(rc));
    return rc < 0;
}
