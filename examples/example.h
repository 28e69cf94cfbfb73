/* What the examples share and is not their subject: a path, an end when something fails, and reading back.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_EXAMPLES_EXAMPLE_H
#define QUIRE_EXAMPLES_EXAMPLE_H

#include <quire/quire.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file to write: the first argument, which is kept, or a temporary one, which end_example removes. */
static char example_path[4096];
static int example_is_temporary;

static inline const char *begin_example(int count, char **arguments)
{
    if (count > 1) {
        snprintf(example_path, sizeof example_path, "%s", arguments[1]);
        return example_path;
    }
    const char *directory = getenv("TMPDIR");
    snprintf(example_path, sizeof example_path, "%s/quire-example-XXXXXX", directory ? directory : "/tmp");
    int file = mkstemp(example_path);
    if (file < 0) {
        perror(example_path);
        exit(1);
    }
    close(file);
    example_is_temporary = 1;
    return example_path;
}

static inline int end_example(void)
{
    if (example_is_temporary)
        unlink(example_path);
    return 0;
}

/* Ends the program if a call of quire's failed, and says which and why. */
#define MUST(call) must((call), #call)

static inline void must(int rc, const char *call)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "%s: %s\n", call, quire_strerror(rc));
    end_example();
    exit(1);
}

static inline void must_be(int truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "the file is not as it should be: %s\n", what);
    end_example();
    exit(1);
}

/* The whole file in memory of *length bytes. */
static inline unsigned char *read_back(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    must_be(file && fseek(file, 0, SEEK_END) == 0, "it can be opened");
    long size = ftell(file);
    must_be(size >= 0, "it has a size");
    unsigned char *bytes = malloc((size_t)size + 1);
    rewind(file);
    must_be(bytes && fread(bytes, 1, (size_t)size, file) == (size_t)size, "it can be read");
    fclose(file);
    *length = (size_t)size;
    return bytes;
}

#endif
