/* Lanes: several threads, each with its own way into one file. An append is a bounds check and a copy; records stay
 * whole, and each thread's stay in its order.
 *
 *     lanes [path]
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

#include <pthread.h>
#include <stdint.h>

enum { THREADS = 4, PER_THREAD = 50000 };

struct record {
    uint32_t thread, number;
};

struct worker {
    pthread_t id;
    quire_writer *writer;
    uint32_t thread;
};

static void *append_all(void *argument)
{
    struct worker *worker = argument;
    quire_lane *lane;
    uint64_t end;

    MUST(quire_lane_open(worker->writer, &lane));
    for (uint32_t i = 0; i < PER_THREAD; i++) {
        struct record record = {worker->thread, i};
        MUST(quire_lane_append(lane, &record, sizeof record));
    }
    MUST(quire_lane_flush(lane, &end));
    MUST(quire_writer_wait_durable(worker->writer, end)); /* everything of this thread's is safe now */
    MUST(quire_lane_close(lane));
    return NULL;
}

static void verify(const char *path)
{
    uint32_t next[THREADS] = {0};
    size_t length;
    unsigned char *bytes = read_back(path, &length);
    must_be(length == (size_t)THREADS * PER_THREAD * sizeof(struct record), "its length");
    for (size_t at = 0; at < length; at += sizeof(struct record)) {
        struct record record;
        memcpy(&record, bytes + at, sizeof record);
        must_be(record.thread < THREADS && record.number == next[record.thread]++, "each thread's order");
    }
    free(bytes);
}

int main(int count, char **arguments)
{
    const char *path = begin_example(count, arguments);
    struct quire_writer_options options = {.size = sizeof options, .flags = count > 1 ? QUIRE_OPEN_EXCLUSIVE : 0};
    struct quire_writer_stats stats = {.size = sizeof stats};
    struct worker workers[THREADS];
    quire_writer *writer;

    MUST(quire_writer_open(path, &options, &writer));
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.writer = writer, .thread = i};
        must_be(pthread_create(&workers[i].id, NULL, append_all, &workers[i]) == 0, "a thread can be had");
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].id, NULL);
    MUST(quire_writer_stats(writer, &stats));
    MUST(quire_writer_close(writer));
    verify(path);
    printf("%s: %llu records from %d threads, handed over in %llu batches, %llu syncs\n", path,
           (unsigned long long)stats.appends, THREADS, (unsigned long long)stats.hand_overs,
           (unsigned long long)stats.syncs);
    return end_example();
}
