/* What every example needs: a path to work on, a way out when a call fails, and the file read back.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <quire/quire.h>

/* Leaves with a sentence if rc is an error. */
static inline void must(int rc, const char *what)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, quire_strerror(rc));
    exit(1);
}

/* The first argument, or name. Each example begins with a file of its own. */
static inline const char *example_path(int argc, char **argv, const char *name)
{
    const char *path = argc > 1 ? argv[1] : name;

    unlink(path);
    return path;
}

/* The whole file in memory, to be freed. */
static inline char *example_read(const char *path, uint64_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    size_t capacity = 0;
    size_t size = 0;
    size_t got;

    if (!file) {
        perror(path);
        exit(1);
    }
    do {
        if (capacity - size < 65536) {
            char *more = realloc(bytes, capacity += 1 << 20);
            if (!more)
                exit(1);
            bytes = more;
        }
        got = fread(bytes + size, 1, capacity - size, file);
        size += got;
    } while (got > 0);
    fclose(file);
    *length = size;
    return bytes;
}

/* Leaves with a sentence unless it is so. */
static inline void check(int is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "not as it should be: %s\n", what);
    exit(1);
}

#endif
