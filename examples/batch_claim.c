/* Batches without a copy: many records are built in the writer's own memory, under one claim.
 *
 * In a lane the claim may be larger than what comes of it, since nobody waits behind it: claim the most that the batch can
 * need, publish what was used.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "example.h"

enum { BATCHES = 200, RECORDS = 50, RECORD_MOST = 24 };

/* Builds one batch at to and returns its length. */
static uint64_t build_batch(char *to, int batch)
{
    char *at = to;

    for (int i = 0; i < RECORDS; i++)
        at += snprintf(at, RECORD_MOST, "%d squared %d\n", i, (batch + i) * (batch + i));
    return (uint64_t)(at - to);
}

int main(int argc, char **argv)
{
    const char *path = example_path(argc, argv, "batch_claim.log");
    struct quire_claim claim;
    quire_writer *writer;
    quire_lane *lane;

    must(quire_writer_open(path, NULL, &writer), path);
    must(quire_lane_open(writer, &lane), "lane");
    for (int batch = 0; batch < BATCHES; batch++) {
        must(quire_lane_claim(lane, RECORDS * RECORD_MOST, &claim), "claim");
        must(quire_lane_publish(lane, &claim, build_batch(claim.memory, batch)), "publish");
    }
    must(quire_lane_close(lane), "lane");

    /* The shared lane gives the claim its place in the file at once, so there its length is exact. */
    must(quire_writer_claim(writer, 4, &claim), "claim");
    memcpy(claim.memory, "end\n", 4);
    must(quire_writer_publish(writer, &claim), "publish");
    must(quire_writer_close(writer), "close");

    uint64_t length;
    char *bytes = example_read(path, &length);
    char *at = bytes;
    for (int batch = 0; batch < BATCHES; batch++) {
        char expected[RECORDS * RECORD_MOST];
        uint64_t size = build_batch(expected, batch);
        check(at + size <= bytes + length && memcmp(at, expected, size) == 0, "a batch");
        at += size;
    }
    check(at + 4 == bytes + length && memcmp(at, "end\n", 4) == 0, path);
    printf("%s: %d records in %d claims\n", path, BATCHES * RECORDS, BATCHES);
    free(bytes);
    return 0;
}
