/* A report from its file. See document.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const bench_document_traits[BENCH_TRAITS] = {
    "cpu", "cores", "kernel", "filesystem", "mount_options", "device", "write_cache", "scheduler",
};

/* Everything up to the end, or one byte more than a report may have. */
static int read_all(int fd, char **text, size_t *length)
{
    size_t room = 64 << 10, have = 0;
    char *bytes = malloc(room);
    while (bytes) {
        ssize_t got = read(fd, bytes + have, room - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        have += (size_t)got;
        if (got == 0 || have > BENCH_DOCUMENT_BYTES_MOST) {
            *text = bytes;
            *length = have;
            return 0;
        }
        if (have < room)
            continue;
        room *= 2;
        char *larger = realloc(bytes, room);
        if (!larger)
            break;
        bytes = larger;
    }
    int failure = errno;
    free(bytes);
    return -failure;
}

static int cannot_read(char why[BENCH_DOCUMENT_WHY], int failure)
{
    snprintf(why, BENCH_DOCUMENT_WHY, "cannot be read: %s", strerror(failure));
    return -1;
}

int bench_document_read(struct bench_document *document, const char *path, char why[BENCH_DOCUMENT_WHY])
{
    char *text = NULL;
    size_t length = 0;
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cannot_read(why, errno);
    int rc = read_all(fd, &text, &length);
    if (!standard)
        close(fd);
    if (rc < 0)
        return cannot_read(why, -rc);
    if (length == 0)
        rc = snprintf(why, BENCH_DOCUMENT_WHY, "is empty");
    else if (length > BENCH_DOCUMENT_BYTES_MOST)
        rc = snprintf(why, BENCH_DOCUMENT_WHY, "is larger than %d MiB: no report of `quire bench --json` is",
                      BENCH_DOCUMENT_BYTES_MOST >> 20);
    else
        rc = bench_document_parse(document, text, length, why);
    free(text);
    document->path = standard ? "standard input" : path;
    return rc == 0 ? 0 : -1;
}

void bench_document_free(struct bench_document *document)
{
    for (size_t i = 0; i < document->count; i++)
        free(document->rows[i].figures);
    free(document->rows);
    document->rows = NULL;
    document->count = 0;
}

const struct bench_document_row *bench_document_find(const struct bench_document *document, const char *name,
                                                     uint64_t record_bytes, uint64_t records)
{
    for (size_t i = 0; i < document->count; i++) {
        const struct bench_document_row *row = &document->rows[i];
        if (row->record_bytes == record_bytes && row->records == records && strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}
