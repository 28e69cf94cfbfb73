/* libquire behind the adapter: the writer itself (the shared lane), and a lane per thread.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <quire/quire.h>

#include "base/trace.h"
#include "rows/adapter.h"
#include "rows/events.h"
#include "rows/verify.h"

struct quire_state {
    quire_writer *writer;
    enum bench_sync sync;
    struct bench_latency *latency; /* NULL: nobody asks */
};

static void observe(void *context, const struct quire_event *event)
{
    struct quire_state *s = context;
    bench_event_note(s->latency, s->sync, event);
}

static int open_writer(const struct bench_job *job, void **state)
{
    struct quire_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    static const uint32_t policies[] = {
        [BENCH_SYNC_NONE] = QUIRE_SYNC_NONE,
        [BENCH_SYNC_END] = QUIRE_SYNC_REQUEST,
        [BENCH_SYNC_EACH] = QUIRE_SYNC_EACH,
    };
    const struct bench_row *row = job->row;
    struct quire_writer_options options = {
        .size = sizeof options,
        .method = row->quire_method,
        .flags = QUIRE_OPEN_EXCLUSIVE,
        .buffer_bytes = row->buffer_bytes,
        .prepare = row->prepared ? QUIRE_PREPARE_WRITTEN : QUIRE_PREPARE_NONE,
        .prepare_bytes = row->prepared ? job->work->bytes : 0,
        .sync_policy = policies[job->sync],
        .observe = job->latency || bench_trace_on() ? observe : NULL,
        .observe_context = s,
    };
    s->latency = job->latency;
    int rc = quire_writer_open(job->path, &options, &s->writer);
    if (rc < 0) {
        free(s);
        return rc;
    }
    s->sync = job->sync;
    *state = s;
    return 0;
}

static int append_writer(void *thread, struct bench_cursor *cursor)
{
    quire_writer *writer = ((struct quire_state *)thread)->writer;
    uint64_t length = cursor->record_bytes;
    const void *record;
    while ((record = bench_cursor_next(cursor))) {
        int rc = quire_writer_append(writer, record, length, NULL);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int open_lane(void *state, void **thread)
{
    quire_lane *lane;
    int rc = quire_lane_open(((struct quire_state *)state)->writer, &lane);
    if (rc == 0)
        *thread = lane;
    return rc;
}

static int append_lane(void *thread, struct bench_cursor *cursor)
{
    quire_lane *lane = thread;
    uint64_t length = cursor->record_bytes;
    const void *record;
    while ((record = bench_cursor_next(cursor))) {
        int rc = quire_lane_append(lane, record, length);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int flush_lane(void *thread)
{
    return quire_lane_flush(thread, NULL);
}

static int close_lane(void *thread)
{
    return quire_lane_close(thread);
}

static int finish(void *state)
{
    struct quire_state *s = state;
    return s->sync ? quire_writer_sync(s->writer) : quire_writer_flush(s->writer);
}

static int close_writer(void *state)
{
    struct quire_state *s = state;
    int rc = quire_writer_close(s->writer);
    free(s);
    return rc;
}

static struct quire_writer_stats stats_of(void *state)
{
    struct quire_writer_stats stats = {.size = sizeof stats};
    /* It cannot fail for a handle that is open and a size of its own. */
    quire_writer_stats(((struct quire_state *)state)->writer, &stats);
    return stats;
}

static uint64_t buffer_bytes(void *state)
{
    return stats_of(state).buffer_bytes;
}

static void use(void *state, struct bench_use *use)
{
    struct quire_writer_stats stats = stats_of(state);
    use->writes = stats.writes;
    use->memory_bytes = stats.memory_bytes;
}

const struct bench_adapter bench_quire_writer = {
    .open = open_writer,
    .append = append_writer,
    .finish = finish,
    .close = close_writer,
    .verify = bench_verify_records,
    .buffer_bytes = buffer_bytes,
    .use = use,
};

const struct bench_adapter bench_quire_lane = {
    .open = open_writer,
    .thread_open = open_lane,
    .append = append_lane,
    .thread_flush = flush_lane,
    .finish = finish,
    .thread_close = close_lane,
    .close = close_writer,
    .verify = bench_verify_records,
    .buffer_bytes = buffer_bytes,
    .use = use,
};
