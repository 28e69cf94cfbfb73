/* One thread, a flag, and a condition. See worker.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/worker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"

struct quire__worker {
    void (*work)(void *argument);
    void *argument;
    uint32_t every_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool poked, stop;
};

/* With the lock, which is given up meanwhile. */
static void sleep_until_asked(struct quire__worker *worker)
{
    struct timespec until = quire__clock_after_ms(worker->every_ms);

    while (!worker->poked && !worker->stop) {
        if (worker->every_ms == 0)
            pthread_cond_wait(&worker->changed, &worker->lock);
        else if (pthread_cond_timedwait(&worker->changed, &worker->lock, &until) == ETIMEDOUT)
            return;
    }
}

static void *run(void *argument)
{
    struct quire__worker *worker = argument;

    pthread_mutex_lock(&worker->lock);
    for (;;) {
        sleep_until_asked(worker);
        if (worker->stop)
            break;
        worker->poked = false;
        pthread_mutex_unlock(&worker->lock);
        worker->work(worker->argument);
        pthread_mutex_lock(&worker->lock);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static void release(struct quire__worker *worker)
{
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

int quire__worker_start(void (*work)(void *argument), void *argument, uint32_t every_ms, struct quire__worker **worker)
{
    struct quire__worker *w = calloc(1, sizeof *w);

    if (!w)
        return -ENOMEM;
    w->work = work;
    w->argument = argument;
    w->every_ms = every_ms;
    quire__cond_init(&w->changed); /* neither fails on Linux */
    pthread_mutex_init(&w->lock, NULL);
    int rc = quire__thread_start(&w->thread, run, w);
    if (rc < 0) {
        release(w);
        return rc;
    }
    *worker = w;
    return 0;
}

void quire__worker_poke(struct quire__worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->poked = true;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

void quire__worker_stop(struct quire__worker *worker)
{
    if (!worker)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->stop = true;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    release(worker);
}
