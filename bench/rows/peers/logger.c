/* Peers: loggers, which write records as they are, without a time or an end of line. None of them has a sync, so the
 * benchmark syncs their file.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/peers/logger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "rows/peers/peers.h"
#include "rows/verify.h"

struct logger_state {
    const struct bench_logger *logger;
    void *log;
    int fd; /* of the same file */
    enum bench_sync sync;
};

static int open_log(const struct bench_job *job, const struct bench_logger *logger, void **state)
{
    struct logger_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct logger_state){.logger = logger, .sync = job->sync};
    int rc = logger->open(job->path, &s->log);
    if (rc < 0) {
        free(s);
        return rc;
    }
    s->fd = open(job->path, O_WRONLY | O_CLOEXEC);
    if (s->fd < 0) {
        rc = -errno;
        logger->close(s->log);
        free(s);
        return rc;
    }
    *state = s;
    return 0;
}

static int make_durable(struct logger_state *s)
{
    int rc = s->logger->flush(s->log);
    return rc == 0 && s->sync != BENCH_SYNC_NONE && fdatasync(s->fd) != 0 ? -errno : rc;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct logger_state *s = thread;
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor))) {
        s->logger->append(s->log, record, cursor->record_bytes);
        if (s->sync == BENCH_SYNC_EACH)
            rc = make_durable(s);
    }
    return rc;
}

static int finish(void *state)
{
    return make_durable(state);
}

static int close_log(void *state)
{
    struct logger_state *s = state;
    s->logger->close(s->log);
    int rc = close(s->fd) == 0 ? 0 : -errno;
    free(s);
    return rc;
}

static uint64_t buffer_bytes(void *state)
{
    (void)state;
    return 0;
}

#define OPERATIONS \
    .append = append, .finish = finish, .close = close_log, .verify = bench_verify_records, .buffer_bytes = buffer_bytes

#define HOW_SYNC                                                                                        \
    {                                                                                                   \
        [BENCH_SYNC_NONE] = "flushed in the end",                                                       \
        [BENCH_SYNC_END] = "flushed in the end, then fdatasync by the benchmark: it has no sync",       \
        [BENCH_SYNC_EACH] = "flush, then fdatasync by the benchmark, after each record: it has no sync" \
    }

#ifdef BENCH_HAVE_SPDLOG
static int open_spdlog(const struct bench_job *job, void **state)
{
    return open_log(job, &bench_logger_spdlog, state);
}

static int open_spdlog_async(const struct bench_job *job, void **state)
{
    return open_log(job, &bench_logger_spdlog_async, state);
}

const struct bench_adapter bench_peer_spdlog = {.open = open_spdlog, OPERATIONS, .how = HOW_SYNC};

const struct bench_adapter bench_peer_spdlog_async = {
    .open = open_spdlog_async,
    OPERATIONS,
    .how = {[BENCH_SYNC_NONE] = "its queue emptied and flushed in the end",
            [BENCH_SYNC_END] = "its queue emptied and flushed in the end, then fdatasync by the benchmark"},
};
#endif

#ifdef BENCH_HAVE_BOOST_LOG
static int open_boost(const struct bench_job *job, void **state)
{
    return open_log(job, &bench_logger_boost, state);
}

const struct bench_adapter bench_peer_boost = {.open = open_boost, OPERATIONS, .how = HOW_SYNC};
#endif
