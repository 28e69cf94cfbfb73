/* What an append costs while a buffer is free. See staging.h.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <quire/quire.h>

#include "base/cost.h"
#include "base/stop.h"

enum { BATCH_BYTES = 60 << 10, BATCHES = 500, POOL_BYTES = 64 << 10, BUFFER_BYTES = 64 << 10 };

/* Everything a stage may need; each uses its part. */
struct bench {
    uint64_t record_bytes, records; /* of one batch */
    const char *pool;
    uint64_t slots;
    char *buffer;
    int fd;
    quire_writer *writer;
    quire_lane *lane;
};

static int copy_batch(struct bench *b)
{
    char *buffer = b->buffer;
    uint64_t length = b->record_bytes, used = 0;
    for (uint64_t i = 0, slot = 0; i < b->records; i++, used += length) {
        memcpy(buffer + used, b->pool + slot * length, length);
        /* The copies must really be made, one by one. */
        __asm__ volatile("" : : "r"(buffer) : "memory");
        slot = slot + 1 == b->slots ? 0 : slot + 1;
    }
    return 0;
}

static int lane_batch(struct bench *b)
{
    quire_lane *lane = b->lane;
    uint64_t length = b->record_bytes;
    int rc = 0;
    for (uint64_t i = 0, slot = 0; i < b->records && rc == 0; i++) {
        rc = quire_lane_append(lane, b->pool + slot * length, length);
        slot = slot + 1 == b->slots ? 0 : slot + 1;
    }
    return rc;
}

static int shared_batch(struct bench *b)
{
    quire_writer *writer = b->writer;
    uint64_t length = b->record_bytes;
    int rc = 0;
    for (uint64_t i = 0, slot = 0; i < b->records && rc == 0; i++) {
        rc = quire_writer_append(writer, b->pool + slot * length, length, NULL);
        slot = slot + 1 == b->slots ? 0 : slot + 1;
    }
    return rc;
}

static int write_buffer(struct bench *b)
{
    return write(b->fd, b->buffer, b->record_bytes * b->records) < 0 ? -errno : 0;
}

static int flush_writer(struct bench *b)
{
    int rc = b->lane ? quire_lane_flush(b->lane, NULL) : 0;
    return rc == 0 ? quire_writer_flush(b->writer) : rc;
}

static const struct stage {
    const char *name;
    int (*append)(struct bench *b);
    int (*empty)(struct bench *b);
} stages[BENCH_STAGES] = {
    [BENCH_STAGE_MEMCPY] = {"memcpy", copy_batch, write_buffer},
    [BENCH_STAGE_LANE] = {"lane", lane_batch, flush_writer},
    [BENCH_STAGE_SHARED] = {"shared lane", shared_batch, flush_writer},
};

const char *bench_stage_name(enum bench_stage stage)
{
    return stages[stage].name;
}

static int open_stage(struct bench *b, enum bench_stage stage, const char *path)
{
    if (stage == BENCH_STAGE_MEMCPY) {
        b->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        return b->fd < 0 ? -errno : 0;
    }
    struct quire_writer_options options = {.size = sizeof options, .sync_policy = QUIRE_SYNC_NONE};
    int rc = quire_writer_open(path, &options, &b->writer);
    return rc == 0 && stage == BENCH_STAGE_LANE ? quire_lane_open(b->writer, &b->lane) : rc;
}

static int close_stage(struct bench *b)
{
    int rc = 0;
    if (b->fd >= 0)
        close(b->fd);
    if (b->lane)
        rc = quire_lane_close(b->lane);
    if (b->writer) {
        int closed = quire_writer_close(b->writer);
        rc = rc == 0 ? closed : rc;
    }
    b->fd = -1;
    b->lane = NULL;
    b->writer = NULL;
    return rc;
}

/* The median batch of one stage in one round, less what reading the clock costs by itself. */
static int measure_once(struct bench *b, enum bench_stage stage, struct bench_place *place, double *nanoseconds)
{
    double batch[BATCHES], clock[BATCHES];
    int rc = open_stage(b, stage, place->file);
    for (int i = 0; rc == 0 && i < BATCHES; i++) {
        double start = bench_now();
        rc = stages[stage].append(b);
        double end = bench_now();
        batch[i] = end - start;
        clock[i] = bench_now() - end;
        if (rc == 0)
            rc = bench_stop_signal ? -EINTR : stages[stage].empty(b);
    }
    int closed = close_stage(b);
    bench_place_remove_file(place);
    if (rc == 0)
        rc = closed;
    if (rc == 0)
        *nanoseconds = (bench_median(batch, BATCHES) - bench_median(clock, BATCHES)) * 1e9 / (double)b->records;
    return rc;
}

int bench_staging_measure(struct bench_staging *staging, struct bench_place *place, uint64_t record_bytes,
                          unsigned rounds)
{
    void *pool = NULL, *buffer = NULL;
    int rc = 0;
    if (posix_memalign(&pool, 4096, POOL_BYTES) != 0 || posix_memalign(&buffer, 4096, BUFFER_BYTES) != 0)
        rc = -ENOMEM;
    if (rc == 0) {
        bench_fill(pool, POOL_BYTES, 0);
        bench_fill(buffer, BUFFER_BYTES, 1);
        struct bench b = {
            .record_bytes = record_bytes,
            .records = BATCH_BYTES / record_bytes,
            .pool = pool,
            .slots = POOL_BYTES / record_bytes,
            .buffer = buffer,
            .fd = -1,
        };
        *staging = (struct bench_staging){.record_bytes = record_bytes};
        for (unsigned round = 0; rc == 0 && round < rounds; round++) {
            bench_place_settle(place);
            for (unsigned i = 0; rc == 0 && i < BENCH_STAGES; i++) {
                enum bench_stage stage = (round + i) % BENCH_STAGES;
                rc = measure_once(&b, stage, place, &staging->nanoseconds[stage][round]);
            }
            staging->rounds += rc == 0;
        }
    }
    free(buffer);
    free(pool);
    return rc;
}

struct bench_spread bench_staging_cost(const struct bench_staging *staging, enum bench_stage stage)
{
    double values[BENCH_ROUNDS_MOST];
    memcpy(values, staging->nanoseconds[stage], sizeof values);
    return bench_spread_of(values, staging->rounds);
}

struct bench_spread bench_staging_ratio(const struct bench_staging *staging, enum bench_stage above,
                                        enum bench_stage below)
{
    double values[BENCH_ROUNDS_MOST];
    for (unsigned i = 0; i < staging->rounds; i++)
        values[i] = staging->nanoseconds[above][i] / staging->nanoseconds[below][i];
    return bench_spread_of(values, staging->rounds);
}
