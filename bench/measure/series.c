/* What a run looked like while it ran. See series.h.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/series.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cost.h"
#include "machine/counters.h"
#include "machine/page_cache.h"

/* How far everything was at one moment. */
struct reading {
    double seconds;
    uint64_t records;
    struct bench_counters counters;
};

struct bench_series {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    double interval, begun;
    bool stopping;
    bool running; /* a row's clock runs */
    struct bench_series_row row;
    enum bench_phase phase;
    double row_begun, due; /* when the row's clock started; when the next sample is due */
    struct reading last;
    struct bench_series_sample *samples;
    size_t count, room, lost;
};

static uint64_t records_now(const struct bench_series_row *row)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < row->watch_count; i++)
        sum += atomic_load_explicit(&row->watches[i]->returned, memory_order_relaxed);
    return sum;
}

static void read_now(const struct bench_series_row *row, struct reading *now)
{
    bench_counters_read(row->counters, &now->counters);
    now->records = records_now(row);
    now->seconds = bench_now();
}

static struct bench_series_sample *new_sample(struct bench_series *s)
{
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 1024;
        struct bench_series_sample *more = reallocarray(s->samples, room, sizeof *more);
        if (!more) {
            s->lost++;
            return NULL;
        }
        s->samples = more;
        s->room = room;
    }
    return &s->samples[s->count++];
}

/* Keeps what has happened since the last reading. whole: the span is an interval, not the rest of one. */
static void take_sample(struct bench_series *s, bool whole)
{
    struct reading now;
    struct bench_page_cache cache = {0};
    read_now(&s->row, &now);
    bool cache_known = bench_page_cache_read(s->row.path, &cache) == 0;
    struct bench_counters moved = bench_counters_difference(&s->last.counters, &now.counters);
    struct bench_series_sample *sample = new_sample(s);
    if (!sample)
        return;
    double span = now.seconds - s->last.seconds, busy = (double)moved.busy_ms * 1e-3;
    *sample = (struct bench_series_sample){
        .run = s->row.run,
        .record_bytes = s->row.record_bytes,
        .phase = s->phase,
        .at_seconds = now.seconds - s->begun,
        .row_seconds = now.seconds - s->row_begun,
        .span_seconds = span,
        .records = now.records - s->last.records,
        .device_bytes = moved.written_bytes,
        .under_way = moved.in_flight,
        .busy = busy < span ? busy / span : 1,
        .device_known = moved.device_known,
        .cached_bytes = cache.cached_bytes,
        .dirty_bytes = cache.dirty_bytes + cache.writeback_bytes,
        .cache_known = cache_known,
        .stalled = whole && s->phase == BENCH_PHASE_APPEND && now.records == s->last.records,
    };
    snprintf(sample->row, sizeof sample->row, "%s", s->row.name);
    s->last = now;
}

/* Until somebody says that something has changed, or the next sample is due. */
static void wait_for_due(struct bench_series *s)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    double left = s->due - bench_now();
    if (left < 0)
        left = 0;
    uint64_t ns = (uint64_t)until.tv_nsec + (uint64_t)(left * 1e9);
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

static void *watch(void *argument)
{
    struct bench_series *s = argument;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping) {
        if (!s->running) {
            pthread_cond_wait(&s->changed, &s->lock);
        } else if (bench_now() < s->due) {
            wait_for_due(s);
        } else {
            take_sample(s, true);
            /* Intervals that have passed while nobody looked are one long one. */
            while (s->due <= s->last.seconds)
                s->due += s->interval;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct bench_series *bench_series_start(double interval_seconds)
{
    struct bench_series *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->interval = interval_seconds;
    s->begun = bench_now();
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&s->thread, NULL, watch, s) != 0) {
        bench_series_free(s);
        return NULL;
    }
    return s;
}

void bench_series_begin(struct bench_series *series, const struct bench_series_row *row)
{
    if (!series)
        return;
    pthread_mutex_lock(&series->lock);
    series->row = *row;
    series->phase = BENCH_PHASE_APPEND;
    series->running = true;
    read_now(row, &series->last);
    series->row_begun = series->last.seconds;
    series->due = series->row_begun + series->interval;
    pthread_cond_signal(&series->changed);
    pthread_mutex_unlock(&series->lock);
}

void bench_series_sync(struct bench_series *series)
{
    if (!series)
        return;
    pthread_mutex_lock(&series->lock);
    take_sample(series, false);
    series->phase = BENCH_PHASE_SYNC;
    pthread_mutex_unlock(&series->lock);
}

void bench_series_end(struct bench_series *series)
{
    if (!series)
        return;
    pthread_mutex_lock(&series->lock);
    take_sample(series, false);
    series->running = false;
    pthread_mutex_unlock(&series->lock);
}

const struct bench_series_sample *bench_series_stop(struct bench_series *series, size_t *count, size_t *lost)
{
    pthread_mutex_lock(&series->lock);
    series->stopping = true;
    pthread_cond_signal(&series->changed);
    pthread_mutex_unlock(&series->lock);
    pthread_join(series->thread, NULL);
    *count = series->count;
    *lost = series->lost;
    return series->samples;
}

void bench_series_free(struct bench_series *series)
{
    if (!series)
        return;
    pthread_cond_destroy(&series->changed);
    pthread_mutex_destroy(&series->lock);
    free(series->samples);
    free(series);
}
