/* Benchmarks of libquire: one record handed to a writer or a lane, in each of the ways there are.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <quire/quire.h>

#include "base/stop.h"
#include "micro/files.h"

enum { HEAD_BYTES = 16, TAIL_BYTES = 16 };

static int open_writer(const struct bench_micro *benchmark, const char *path, void **state)
{
    struct quire_writer_options options = {
        .size = sizeof options,
        .method = benchmark->method,
        .flags = QUIRE_OPEN_EXCLUSIVE,
        .buffer_bytes = benchmark->buffer_bytes,
        .sync_policy = benchmark->durable ? QUIRE_SYNC_EACH : QUIRE_SYNC_NONE,
    };
    quire_writer *writer;
    int rc = quire_writer_open(path, &options, &writer);
    if (rc == 0)
        *state = writer;
    return rc;
}

static int append(quire_writer *writer, struct bench_cursor *cursor)
{
    uint64_t length = cursor->record_bytes;
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor)))
        rc = quire_writer_append(writer, record, length, NULL);
    return rc;
}

/* A record takes milliseconds: too many of them would pass before the cursor looks whether to stop. */
static int append_durably(quire_writer *writer, struct bench_cursor *cursor)
{
    uint64_t length = cursor->record_bytes;
    const void *record;
    int rc = 0;
    while (rc == 0 && !bench_stop_signal && (record = bench_cursor_next(cursor)))
        rc = quire_writer_append(writer, record, length, NULL);
    return rc;
}

static int append_pieces(quire_writer *writer, struct bench_cursor *cursor)
{
    uint64_t length = cursor->record_bytes;
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor))) {
        char *at = (char *)(uintptr_t)record; /* iovec has no const, and nobody writes there */
        struct iovec pieces[] = {
            {at, HEAD_BYTES},
            {at + HEAD_BYTES, length - HEAD_BYTES - TAIL_BYTES},
            {at + length - TAIL_BYTES, TAIL_BYTES},
        };
        rc = quire_writer_appendv(writer, pieces, 3, NULL);
    }
    return rc;
}

static int claim(quire_writer *writer, struct bench_cursor *cursor)
{
    uint64_t length = cursor->record_bytes;
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor))) {
        struct quire_claim claim;
        rc = quire_writer_claim(writer, length, &claim);
        if (rc < 0)
            break;
        memcpy(claim.memory, record, length);
        rc = quire_writer_publish(writer, &claim);
    }
    return rc;
}

static int append_writer(const struct bench_micro *benchmark, void *writer, struct bench_cursor *cursor)
{
    if (benchmark->durable)
        return append_durably(writer, cursor);
    if (benchmark->way == BENCH_MICRO_APPENDV)
        return append_pieces(writer, cursor);
    if (benchmark->way == BENCH_MICRO_CLAIM)
        return claim(writer, cursor);
    return append(writer, cursor);
}

static int open_lane(void *state, void **thread)
{
    quire_lane *lane;
    int rc = quire_lane_open(state, &lane);
    if (rc == 0)
        *thread = lane;
    return rc;
}

static int append_to_lane(quire_lane *lane, struct bench_cursor *cursor)
{
    uint64_t length = cursor->record_bytes;
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor)))
        rc = quire_lane_append(lane, record, length);
    return rc;
}

static int claim_in_lane(quire_lane *lane, struct bench_cursor *cursor)
{
    uint64_t length = cursor->record_bytes;
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor))) {
        struct quire_claim claim;
        rc = quire_lane_claim(lane, length, &claim);
        if (rc < 0)
            break;
        memcpy(claim.memory, record, length);
        rc = quire_lane_publish(lane, &claim, length);
    }
    return rc;
}

static int append_lane(const struct bench_micro *benchmark, void *lane, struct bench_cursor *cursor)
{
    return benchmark->way == BENCH_MICRO_LANE_CLAIM ? claim_in_lane(lane, cursor) : append_to_lane(lane, cursor);
}

static int flush_lane(void *lane)
{
    return quire_lane_flush(lane, NULL);
}

static int close_lane(void *lane)
{
    return quire_lane_close(lane);
}

static int flush_writer(void *writer)
{
    return quire_writer_flush(writer);
}

static int close_writer(void *writer)
{
    return quire_writer_close(writer);
}

int bench_micro_writer(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    static const struct bench_micro_file file = {
        .open = open_writer,
        .append = append_writer,
        .finish = flush_writer,
        .close = close_writer,
    };
    return bench_micro_in_files(benchmark, trial, &file);
}

int bench_micro_lane(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    static const struct bench_micro_file file = {
        .open = open_writer,
        .thread_open = open_lane,
        .append = append_lane,
        .thread_flush = flush_lane,
        .finish = flush_writer,
        .thread_close = close_lane,
        .close = close_writer,
    };
    return bench_micro_in_files(benchmark, trial, &file);
}
