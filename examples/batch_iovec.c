/* Batch writing from pieces: a record whose header and body lie in different places, and many records in one call.
 *
 * One call takes one place in the order, so nobody else's bytes come in between.
 *
 *     batch_iovec [path]
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

#include <stdint.h>

enum { RECORDS = 1000, BATCH = 100 };

struct header {
    uint32_t number;
    uint32_t length; /* of the text that follows */
};

static char texts[RECORDS][32];
static struct header headers[RECORDS];

static void make_records(void)
{
    for (uint32_t i = 0; i < RECORDS; i++) {
        int length = snprintf(texts[i], sizeof texts[i], "event number %u", i);
        headers[i] = (struct header){.number = i, .length = (uint32_t)length};
    }
}

static void append_batch(quire_writer *writer, int first)
{
    struct iovec pieces[2 * BATCH];
    uint64_t offset;

    for (int i = 0; i < BATCH; i++) {
        pieces[2 * i] = (struct iovec){&headers[first + i], sizeof(struct header)};
        pieces[2 * i + 1] = (struct iovec){texts[first + i], headers[first + i].length};
    }
    MUST(quire_writer_appendv(writer, pieces, 2 * BATCH, &offset));
    if (first == 0)
        printf("the first batch begins at offset %llu\n", (unsigned long long)offset);
}

static void verify(const char *path)
{
    size_t length, at = 0;
    unsigned char *bytes = read_back(path, &length);
    for (uint32_t i = 0; i < RECORDS; i++) {
        must_be(length - at >= sizeof(struct header) && memcmp(bytes + at, &headers[i], sizeof(struct header)) == 0,
                "a header");
        at += sizeof(struct header);
        must_be(length - at >= headers[i].length && memcmp(bytes + at, texts[i], headers[i].length) == 0, "a text");
        at += headers[i].length;
    }
    must_be(at == length, "nothing behind the last record");
    printf("%s: %d records in %zu bytes, %d calls\n", path, RECORDS, length, RECORDS / BATCH);
    free(bytes);
}

int main(int count, char **arguments)
{
    const char *path = begin_example(count, arguments);
    struct quire_writer_options options = {.size = sizeof options};
    quire_writer *writer;

    make_records();
    MUST(quire_writer_open(path, &options, &writer));
    for (int i = 0; i < RECORDS; i += BATCH)
        append_batch(writer, i);
    MUST(quire_writer_close(writer));
    verify(path);
    return end_example();
}
