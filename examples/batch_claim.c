/* Batch writing in place: many records are built in the writer's own memory, with no copy, and published at once.
 *
 *     batch_claim [path]
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

#include <stdint.h>

enum { RECORDS = 1000, BATCH = 50 };

/* A record of a fixed size, so that a batch of them is an array. */
struct sample {
    uint64_t number;
    double value;
};

static struct sample sample_of(uint64_t number)
{
    return (struct sample){.number = number, .value = (double)number / 7};
}

static void append_batch(quire_writer *writer, uint64_t first)
{
    struct quire_claim claim;

    /* From here on the place in the file is ours: build quickly, and do not fail in between. */
    MUST(quire_writer_claim(writer, BATCH * sizeof(struct sample), &claim));
    for (uint64_t i = 0; i < BATCH; i++) {
        struct sample sample = sample_of(first + i);
        /* The memory is not aligned, so it is stored into bytewise. */
        memcpy((unsigned char *)claim.memory + i * sizeof sample, &sample, sizeof sample);
    }
    MUST(quire_writer_publish(writer, &claim));
}

static void verify(const char *path)
{
    size_t length;
    unsigned char *bytes = read_back(path, &length);
    must_be(length == RECORDS * sizeof(struct sample), "its length");
    for (uint64_t i = 0; i < RECORDS; i++) {
        struct sample is, should = sample_of(i);
        memcpy(&is, bytes + i * sizeof is, sizeof is);
        must_be(is.number == should.number && is.value >= should.value && is.value <= should.value, "a sample");
    }
    printf("%s: %d records in %d claims\n", path, RECORDS, RECORDS / BATCH);
    free(bytes);
}

int main(int count, char **arguments)
{
    const char *path = begin_example(count, arguments);
    quire_writer *writer;

    MUST(quire_writer_open(path, NULL, &writer));
    for (uint64_t i = 0; i < RECORDS; i += BATCH)
        append_batch(writer, i);
    MUST(quire_writer_close(writer));
    verify(path);
    return end_example();
}
