/* A lane for each thread: appends at about the price of a memcpy. Each thread's records stay in its order, and whole; between
 * threads the order is that in which batches were handed over.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "example.h"

enum { THREADS = 4, RECORDS = 50000 };

struct record {
    uint32_t thread, number;
    unsigned char payload[24];
};

struct worker {
    pthread_t thread;
    quire_writer *writer;
    uint32_t number;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct record record = {.thread = worker->number};
    quire_lane *lane;

    must(quire_lane_open(worker->writer, &lane), "lane");
    for (uint32_t i = 0; i < RECORDS; i++) {
        record.number = i;
        must(quire_lane_append(lane, &record, sizeof record), "append");
    }
    must(quire_lane_close(lane), "lane");
    return NULL;
}

int main(int argc, char **argv)
{
    const char *path = example_path(argc, argv, "lanes.log");
    struct worker workers[THREADS];
    uint32_t seen[THREADS] = {0};
    quire_writer *writer;

    must(quire_writer_open(path, NULL, &writer), path);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.writer = writer, .number = i};
        must(-pthread_create(&workers[i].thread, NULL, work, &workers[i]), "thread");
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    must(quire_writer_close(writer), "close");

    uint64_t length;
    char *bytes = example_read(path, &length);
    check(length == sizeof(struct record) * THREADS * RECORDS, "every record is there");
    for (uint64_t at = 0; at < length; at += sizeof(struct record)) {
        const struct record *record = (const struct record *)(bytes + at);
        check(record->thread < THREADS && record->number == seen[record->thread]++, "each thread's order is kept");
    }
    printf("%s: %d records from %d threads\n", path, THREADS * RECORDS, THREADS);
    free(bytes);
    return 0;
}
