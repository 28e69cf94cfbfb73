/* Appending in files of bounded size, by one thread or many. See files.h.
 *
 * SPDX-License-Identifier: MIT */
#include "micro/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <quire/error.h>

#include "base/stop.h"
#include "machine/place.h"

static const uint64_t file_bytes = 64 << 20;

_Static_assert((int)BENCH_MICRO_CPU_MOST <= (int)BENCH_THREADS_MOST, "each thread has a pool of records");

/* Where threads wait for the clock to start. */
enum gate_state { GATE_SHUT, GATE_OPEN, GATE_GIVEN_UP };

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum gate_state state;
    unsigned waiting; /* threads that have come to it */
};

struct worker {
    const struct bench_micro *benchmark;
    const struct bench_micro_file *file;
    struct gate *gate;
    struct bench_cursor cursor;
    void *thread; /* what append gets */
    pthread_t id;
    int rc;
};

/* One file's worth of appends. */
struct stretch {
    const struct bench_micro *benchmark;
    const struct bench_micro_file *file;
    struct bench_trial *trial;
    const struct bench_workload *work;
    struct worker *workers;
    unsigned threads;
    void *state;
};

static enum gate_state gate_wait(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->waiting++;
    pthread_cond_broadcast(&gate->changed);
    while (gate->state == GATE_SHUT)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    enum gate_state state = gate->state;
    pthread_mutex_unlock(&gate->mutex);
    return state;
}

static void gate_await(struct gate *gate, unsigned threads)
{
    pthread_mutex_lock(&gate->mutex);
    while (gate->waiting < threads)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static void gate_set(struct gate *gate, enum gate_state state)
{
    pthread_mutex_lock(&gate->mutex);
    gate->state = state;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

static void work(struct worker *worker)
{
    /* On this thread's own stack: the neighbours' would lie in the same cache lines. */
    struct bench_cursor cursor = worker->cursor;
    worker->rc = worker->file->append(worker->benchmark, worker->thread, &cursor);
    if (worker->rc == 0 && worker->file->thread_flush)
        worker->rc = worker->file->thread_flush(worker->thread);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    if (gate_wait(worker->gate) == GATE_OPEN)
        work(worker);
    return NULL;
}

static int finish(struct stretch *s)
{
    int rc = 0;
    for (unsigned i = 0; i < s->threads && rc == 0; i++)
        rc = s->workers[i].rc;
    if (rc == 0)
        rc = s->file->finish(s->state);
    bench_trial_stop(s->trial);
    return rc < 0 ? bench_trial_fail(s->trial, rc, "appending to the file: %s", quire_strerror(rc)) : 0;
}

static int append_alone(struct stretch *s)
{
    bench_trial_start(s->trial);
    work(&s->workers[0]);
    return finish(s);
}

/* The threads are there, and wait, before the clock starts; that they wake up is in the time. */
static int append_together(struct stretch *s)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, GATE_SHUT, 0};
    unsigned started = 0;
    int rc = 0;
    while (started < s->threads && rc == 0) {
        struct worker *worker = &s->workers[started];
        worker->gate = &gate;
        rc = -pthread_create(&worker->id, NULL, worker_main, worker);
        started += rc == 0;
    }
    if (rc == 0) {
        gate_await(&gate, s->threads);
        bench_trial_start(s->trial);
    }
    gate_set(&gate, rc == 0 ? GATE_OPEN : GATE_GIVEN_UP);
    for (unsigned i = 0; i < started; i++)
        pthread_join(s->workers[i].id, NULL);
    if (rc < 0)
        return bench_trial_fail(s->trial, rc, "cannot start %u threads: %s", s->threads, quire_strerror(rc));
    return finish(s);
}

/* Opens what each thread appends with; *opened says how many there are to close. */
static int open_threads(struct stretch *s, unsigned *opened)
{
    for (unsigned i = 0; i < s->threads; i++) {
        struct worker *worker = &s->workers[i];
        *worker = (struct worker){.benchmark = s->benchmark, .file = s->file, .thread = s->state};
        worker->cursor = bench_cursor_start(s->work, s->trial->number, i, s->threads);
        int rc = s->file->thread_open ? s->file->thread_open(s->state, &worker->thread) : 0;
        if (rc < 0)
            return bench_trial_fail(s->trial, rc, "cannot open a lane: %s", quire_strerror(rc));
        *opened = i + 1;
    }
    return 0;
}

static int open_file(struct stretch *s)
{
    int rc = s->file->open(s->benchmark, s->trial->place->file, &s->state);
    if (rc == 0)
        return 0;
    s->trial->skipped = rc == QUIRE_E_NO_URING || rc == QUIRE_E_NO_DIRECT;
    return bench_trial_fail(s->trial, rc, "cannot open the file: %s", quire_strerror(rc));
}

static int append_stretch(struct stretch *s)
{
    unsigned opened = 0;
    int rc = open_file(s);
    if (rc < 0)
        return rc;
    rc = open_threads(s, &opened);
    if (rc == 0)
        rc = s->threads == 1 ? append_alone(s) : append_together(s);
    int end = 0;
    for (unsigned i = 0; i < opened && s->file->thread_close; i++) {
        int closed = s->file->thread_close(s->workers[i].thread);
        end = end < 0 ? end : closed;
    }
    int closed = s->file->close(s->state);
    end = end < 0 ? end : closed;
    if (rc == 0 && end < 0)
        rc = bench_trial_fail(s->trial, end, "closing the file: %s", quire_strerror(end));
    bench_place_remove_file(s->trial->place);
    return rc;
}

int bench_micro_in_files(const struct bench_micro *benchmark, struct bench_trial *trial,
                         const struct bench_micro_file *file)
{
    unsigned threads = benchmark->threads ? benchmark->threads : trial->cpus;
    uint64_t most = file_bytes / benchmark->record_bytes;
    struct bench_workload workload;
    int rc = bench_workload_make(&workload, (struct bench_size){benchmark->record_bytes, most}, threads);
    if (rc < 0)
        return bench_trial_fail(trial, rc, "cannot make the records: %s", quire_strerror(rc));
    struct stretch stretch = {benchmark, file, trial, &workload, calloc(threads, sizeof *stretch.workers),
                              threads,   NULL};
    if (!stretch.workers)
        rc = bench_trial_fail(trial, -ENOMEM, "no memory for %u threads", threads);
    trial->bytes = benchmark->record_bytes;
    for (uint64_t left = trial->operations; left > 0 && rc == 0 && !bench_stop_signal; left -= workload.size.records) {
        workload.size.records = left < most ? left : most;
        rc = append_stretch(&stretch);
    }
    free(stretch.workers);
    bench_workload_free(&workload);
    return rc;
}
