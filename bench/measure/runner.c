/* One run of one row. See runner.h.
 *
 * Threads are started, and have opened what is theirs, before the clock starts; the clock stops when the last of them
 * has handed over its bytes and the final sync has returned.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/runner.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <quire/error.h>

#include "base/cost.h"
#include "base/stop.h"
#include "base/trace.h"
#include "measure/series.h"
#include "workload/watch.h"

enum order { ORDER_WAIT, ORDER_APPEND, ORDER_LEAVE };

/* The threads of one run, and how they and the one who holds the clock meet. */
struct crew {
    struct worker *workers;
    unsigned count, started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned ready, done; /* how many threads are */
    enum order order;
};

struct worker {
    const struct bench_adapter *adapter;
    struct crew *crew;
    void *state;
    void *thread; /* its own part of the state */
    struct bench_cursor cursor;
    struct bench_watch watch;
    struct bench_arrival arrival;
    struct bench_histogram *timed; /* its appends; NULL: not timed */
    pthread_t id;
    bool opened;
    int rc; /* the first thing that failed */
};

static void worker_open(struct worker *w)
{
    w->thread = w->state;
    w->rc = w->adapter->thread_open ? w->adapter->thread_open(w->state, &w->thread) : 0;
    w->opened = w->rc == 0;
}

static void worker_append(struct worker *w)
{
    if (!w->opened)
        return;
    w->rc = w->adapter->append(w->thread, &w->cursor);
    if (w->rc == 0 && w->adapter->thread_flush)
        w->rc = w->adapter->thread_flush(w->thread);
}

static void worker_close(struct worker *w)
{
    if (!w->opened || !w->adapter->thread_close)
        return;
    int rc = w->adapter->thread_close(w->thread);
    if (w->rc == 0)
        w->rc = rc;
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct crew *crew = w->crew;
    pthread_setname_np(pthread_self(), "append");
    worker_open(w);
    pthread_mutex_lock(&crew->lock);
    crew->ready++;
    pthread_cond_broadcast(&crew->changed);
    while (crew->order == ORDER_WAIT)
        pthread_cond_wait(&crew->changed, &crew->lock);
    enum order order = crew->order;
    pthread_mutex_unlock(&crew->lock);
    if (order == ORDER_LEAVE)
        return NULL;
    worker_append(w);
    pthread_mutex_lock(&crew->lock);
    crew->done++;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static void give_order(struct crew *crew, enum order order)
{
    pthread_mutex_lock(&crew->lock);
    crew->order = order;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

static void wait_until(struct crew *crew, const unsigned *number)
{
    pthread_mutex_lock(&crew->lock);
    while (*number < crew->count)
        pthread_cond_wait(&crew->changed, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

/* Starts a thread for each worker and waits until all have opened what is theirs. 0, or why one could not be had. */
static int crew_start(struct crew *crew)
{
    int rc = 0;
    while (crew->started < crew->count && rc == 0) {
        struct worker *w = &crew->workers[crew->started];
        rc = -pthread_create(&w->id, NULL, work, w);
        crew->started += rc == 0;
    }
    if (rc == 0)
        wait_until(crew, &crew->ready);
    else
        give_order(crew, ORDER_LEAVE);
    return rc;
}

/* All workers open, the clock starts, all append. The one worker of a run without concurrency is the calling thread. */
static int crew_append(struct crew *crew, struct bench_cost *start)
{
    if (crew->count == 1) {
        worker_open(crew->workers);
        *start = bench_reading();
        worker_append(crew->workers);
        return 0;
    }
    int rc = crew_start(crew);
    if (rc < 0)
        return rc;
    *start = bench_reading();
    give_order(crew, ORDER_APPEND);
    wait_until(crew, &crew->done);
    return 0;
}

/* Ends the threads, closes what was theirs; the first error of any of them. */
static int crew_close(struct crew *crew)
{
    int rc = 0;
    for (unsigned i = 0; i < crew->started; i++)
        pthread_join(crew->workers[i].id, NULL);
    for (unsigned i = 0; i < crew->count; i++) {
        worker_close(&crew->workers[i]);
        if (rc == 0)
            rc = crew->workers[i].rc;
    }
    return rc;
}

static int crew_error(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->count; i++)
        if (crew->workers[i].rc < 0)
            return crew->workers[i].rc;
    return 0;
}

__attribute__((format(printf, 3, 4))) static void tell(struct bench_run *run, enum bench_outcome outcome,
                                                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->text, sizeof run->text, format, arguments);
    va_end(arguments);
    run->outcome = outcome;
}

/* What was being done, and its result. The first failure is told; the rest is likely to follow from it. */
static void step(struct bench_run *run, const char *what, int rc)
{
    if (rc < 0 && run->outcome == BENCH_RAN)
        tell(run, BENCH_FAILED, "%s failed: %s", what, quire_strerror(rc));
}

/* Who samples while the row runs, or draws a timeline, wants to see it move. */
static uint64_t stretch_of(const struct bench_job *job)
{
    enum { FINE = 64 << 10 };
    if (!job->series && !bench_trace_on())
        return 0;
    return job->sync == BENCH_SYNC_EACH ? 1 : FINE;
}

/* A worker before its thread starts: its records, and what is watched of it. */
static int worker_make(struct worker *w, struct crew *crew, const struct bench_job *job, void *state)
{
    unsigned number = (unsigned)(w - crew->workers);
    *w = (struct worker){
        .adapter = job->row->adapter,
        .crew = crew,
        .state = state,
        .cursor = bench_cursor_start(job->work, job->run, number, crew->count),
        .watch = {.handicap = job->handicap,
                  .record_bytes = job->work->size.record_bytes,
                  .stretch_bytes = stretch_of(job)},
    };
    if (job->latency) {
        w->timed = malloc(sizeof *w->timed);
        if (!w->timed)
            return -ENOMEM;
        bench_histogram_reset(w->timed);
        w->watch.append = w->timed;
    }
    if (job->rate > 0) {
        w->arrival = bench_arrival_make(job->rate / crew->count, job->poisson, number, crew->count, job->run);
        w->watch.arrival = &w->arrival;
    }
    w->cursor.watch = &w->watch;
    return 0;
}

static int crew_make(struct crew *crew, const struct bench_job *job, void *state)
{
    int rc = 0;
    for (unsigned i = 0; i < crew->count; i++) {
        int made = worker_make(&crew->workers[i], crew, job, state);
        rc = rc == 0 ? made : rc;
    }
    return rc;
}

static double last_due(const struct crew *crew)
{
    double last = 0;
    for (unsigned i = 0; i < crew->count; i++)
        last = crew->workers[i].arrival.due_ns > last ? crew->workers[i].arrival.due_ns : last;
    return last * 1e-9;
}

/* What the workers have seen goes to where it was asked for. */
static void crew_tell(struct crew *crew, struct bench_latency *latency)
{
    for (unsigned i = 0; i < crew->count; i++) {
        if (crew->workers[i].timed)
            bench_histogram_merge(&latency->of[BENCH_APPEND], crew->workers[i].timed);
        free(crew->workers[i].timed);
    }
}

/* Makes durable, or gives to the kernel, what the row holds back. Who cannot see its own syncs has this one noted. */
static void finish(const struct bench_job *job, void *state, struct bench_run *run)
{
    uint64_t begun = bench_now_ns();
    step(run, job->sync ? "the sync" : "the flush", job->row->adapter->finish(state));
    bench_trace_span(job->sync ? "final sync" : "final flush", begun, bench_now_ns(), UINT64_MAX, UINT64_MAX);
    if (job->latency && job->sync == BENCH_SYNC_END && !job->row->adapter->no_sync)
        bench_latency_note(job->latency, BENCH_SYNC, bench_now_ns() - begun);
}

/* From the first append until the sync or flush has returned. */
static void run_clocked(const struct bench_job *job, struct crew *crew, void *state, struct bench_run *run)
{
    struct bench_counters before, after;
    struct bench_cost start = {0};
    const struct bench_watch *watches[BENCH_THREADS_MOST];
    for (unsigned i = 0; i < crew->count; i++)
        watches[i] = &crew->workers[i].watch;
    struct bench_perf perf;
    if (job->perf)
        bench_perf_open(&perf);
    bench_counters_read(job->counters, &before);
    bench_series_begin(job->series, &(struct bench_series_row){
                                        .name = job->row->name,
                                        .record_bytes = job->work->size.record_bytes,
                                        .run = job->run,
                                        .path = job->path,
                                        .counters = job->counters,
                                        .watches = watches,
                                        .watch_count = crew->count,
                                    });
    if (job->perf)
        bench_perf_start(&perf);
    step(run, "starting threads", crew_append(crew, &start));
    if (crew_error(crew) == -ENOEXEC)
        tell(run, BENCH_UNAVAILABLE, "its program failed");
    step(run, "appending", crew_error(crew));
    double appended = bench_now();
    bench_series_sync(job->series);
    if (run->outcome == BENCH_RAN && !bench_stop_signal)
        finish(job, state, run);
    struct bench_cost cost = bench_difference(start, bench_reading());
    if (job->perf) {
        bench_perf_stop(&perf, &run->sample.perf);
        bench_perf_close(&perf);
    }
    bench_series_end(job->series);
    bench_counters_read(job->counters, &after);
    run->sample.final_seconds = start.seconds + cost.seconds - appended;
    run->sample.seconds = cost.seconds;
    run->due_seconds = job->rate > 0 ? last_due(crew) - start.seconds : 0;
    run->sample.user_seconds = cost.user_seconds;
    run->sample.system_seconds = cost.system_seconds;
    run->sample.counted = bench_counters_difference(&before, &after);
    run->sample.cache_known = bench_page_cache_read(job->path, &run->sample.cache) == 0;
}

/* From open to close, with the clock around the middle. */
static void run_opened(const struct bench_job *job, struct crew *crew, void *state, struct bench_run *run)
{
    const struct bench_adapter *adapter = job->row->adapter;
    step(run, "starting threads", crew_make(crew, job, state));
    if (run->outcome == BENCH_RAN)
        run_clocked(job, crew, state, run);
    run->buffer_bytes = adapter->buffer_bytes(state);
    run->sample.use.bytes = job->work->bytes;
    if (adapter->use)
        adapter->use(state, &run->sample.use);
    if (run->sample.use.seconds > 0)
        run->sample.seconds = run->sample.use.seconds;
    double closing = bench_now();
    step(run, "closing", crew_close(crew));
    crew_tell(crew, job->latency);
    step(run, "closing", adapter->close(state));
    run->sample.close_seconds = bench_now() - closing;
}

void bench_run_row(const struct bench_job *job, struct bench_run *run)
{
    struct worker workers[BENCH_THREADS_MOST];
    struct crew crew = {
        .workers = workers,
        .count = job->row->threads,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    *run = (struct bench_run){.outcome = BENCH_RAN};
    if (crew.count > 1 && !job->work->identified) {
        tell(run, BENCH_UNAVAILABLE, "records under %d bytes cannot carry which thread they are of",
             BENCH_IDENTITY_BYTES);
        return;
    }
    if (job->rate > 0 && job->row->adapter->no_records) {
        tell(run, BENCH_UNAVAILABLE, "it has no records, and so no rate");
        return;
    }
    if (job->row->family == BENCH_PEERS && !job->row->adapter->how[job->sync]) {
        tell(run, BENCH_UNAVAILABLE, "it does not have this kind of sync");
        return;
    }
    void *state;
    double opening = bench_now();
    int rc = job->row->adapter->open(job, &state);
    run->sample.open_seconds = bench_now() - opening;
    if (rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING) {
        tell(run, BENCH_UNAVAILABLE, "%s", quire_strerror(rc));
        return;
    }
    if (rc == -ENOENT && job->row->family == BENCH_PEERS) {
        tell(run, BENCH_UNAVAILABLE, "its program is not installed");
        return;
    }
    step(run, "opening", rc);
    if (run->outcome == BENCH_RAN)
        run_opened(job, &crew, state, run);
    if (bench_stop_signal) {
        run->outcome = BENCH_STOPPED;
        return;
    }
    const char *why = run->outcome == BENCH_RAN ? job->row->adapter->verify(job) : NULL;
    if (why)
        tell(run, BENCH_FAILED, "reading back: the file %s", why);
}
