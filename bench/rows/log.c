/* quire_log behind the adapter: the log itself, in one total order, and a lane per thread.
 *
 * When the clock starts the next segment is ready, as it is in a log that has been running for a while.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/log.h"

#include <errno.h>
#include <stdlib.h>

#include "base/trace.h"
#include "rows/events.h"

struct log_state {
    quire_log *log;
    enum bench_sync sync;
    struct bench_latency *latency; /* NULL: nobody asks */
};

static void observe(void *context, const struct quire_event *event)
{
    struct log_state *s = context;
    bench_event_note(s->latency, s->sync, event);
}

static int open_handle(const struct bench_job *job, struct log_state *s)
{
    static const uint32_t policies[] = {
        [BENCH_SYNC_NONE] = QUIRE_SYNC_NONE,
        [BENCH_SYNC_END] = QUIRE_SYNC_REQUEST,
        [BENCH_SYNC_EACH] = QUIRE_SYNC_EACH,
    };
    const struct bench_row *row = job->row;
    struct quire_log_options options = {
        .size = sizeof options,
        .method = row->quire_method,
        .flags = QUIRE_LOG_EXCLUSIVE,
        .block_bytes = row->buffer_bytes,
        .sync_policy = policies[job->sync],
        .observe = job->latency || bench_trace_on() ? observe : NULL,
        .observe_context = s,
    };
    if (row->recycled) {
        struct bench_log_recycling recycling = bench_log_recycling_for(job->work->size);
        options.segment_bytes = recycling.segment_bytes;
        options.keep_segments = recycling.keep_segments;
        options.prepare = QUIRE_LOG_PREPARE_WRITTEN;
    }
    return quire_log_open(job->path, &options, &s->log);
}

/* Records of the right size and of no run, until every segment to come was another before. */
static int warm_up(const struct bench_job *job, quire_log *log)
{
    const struct bench_pool *pool = &job->work->pools[0];
    uint64_t records = bench_log_recycling_for(job->work->size).warm_up_records;
    int rc = 0;
    for (uint64_t i = 0; i < records && rc == 0; i++)
        rc = quire_log_append(log, pool->memory + i % pool->slots * pool->stride, job->work->size.record_bytes, NULL);
    return rc == 0 ? quire_log_sync(log, 0) : rc;
}

static struct quire_log_stats stats_of(quire_log *log)
{
    struct quire_log_stats stats = {.size = sizeof stats};
    /* It cannot fail for a handle that is open and a size of its own. */
    quire_log_stats(log, &stats);
    return stats;
}

static int prepare(const struct bench_job *job, quire_log *log)
{
    int rc = job->row->recycled ? warm_up(job, log) : 0;
    if (rc == 0)
        rc = bench_log_await_ready(log, job->path);
    /* The row would not be what its name says. */
    if (rc == 0 && job->row->recycled && stats_of(log).recycled == 0)
        rc = -EPROTO;
    return rc;
}

static int open_log(const struct bench_job *job, void **state)
{
    struct log_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->sync = job->sync;
    int rc = open_handle(job, s);
    if (rc == 0) {
        rc = prepare(job, s->log);
        if (rc < 0)
            quire_log_close(s->log);
    }
    if (rc < 0) {
        free(s);
        return rc;
    }
    s->latency = job->latency;
    *state = s;
    return 0;
}

static int append_log(void *thread, struct bench_cursor *cursor)
{
    quire_log *log = ((struct log_state *)thread)->log;
    uint64_t length = cursor->record_bytes;
    const void *record;
    while ((record = bench_cursor_next(cursor))) {
        int rc = quire_log_append(log, record, length, NULL);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int open_lane(void *state, void **thread)
{
    quire_log_lane *lane;
    int rc = quire_log_lane_open(((struct log_state *)state)->log, &lane);
    if (rc == 0)
        *thread = lane;
    return rc;
}

static int append_lane(void *thread, struct bench_cursor *cursor)
{
    quire_log_lane *lane = thread;
    uint64_t length = cursor->record_bytes;
    const void *record;
    while ((record = bench_cursor_next(cursor))) {
        int rc = quire_log_lane_append(lane, record, length);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int flush_lane(void *thread)
{
    return quire_log_lane_flush(thread, NULL);
}

static int close_lane(void *thread)
{
    return quire_log_lane_close(thread);
}

static int finish(void *state)
{
    struct log_state *s = state;
    return s->sync ? quire_log_sync(s->log, 0) : quire_log_flush(s->log);
}

static int close_log(void *state)
{
    struct log_state *s = state;
    int rc = quire_log_close(s->log);
    free(s);
    return rc;
}

static uint64_t buffer_bytes(void *state)
{
    return stats_of(((struct log_state *)state)->log).block_bytes;
}

static void use(void *state, struct bench_use *use)
{
    struct quire_log_stats stats = stats_of(((struct log_state *)state)->log);
    use->writes = stats.writes;
    use->memory_bytes = stats.memory_bytes;
}

const struct bench_adapter bench_quire_log = {
    .open = open_log,
    .append = append_log,
    .finish = finish,
    .close = close_log,
    .verify = bench_log_verify,
    .buffer_bytes = buffer_bytes,
    .use = use,
};

const struct bench_adapter bench_quire_log_lane = {
    .open = open_log,
    .thread_open = open_lane,
    .append = append_lane,
    .thread_flush = flush_lane,
    .finish = finish,
    .thread_close = close_lane,
    .close = close_log,
    .verify = bench_log_verify,
    .buffer_bytes = buffer_bytes,
    .use = use,
};
