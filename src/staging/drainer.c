/* One thread that waits to be asked, then drains and makes room. See drainer.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/drainer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/thread.h"
#include "staging/shared.h"

struct quire__drainer {
    struct quire__shared *shared;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t asked;
    bool work, stop;
    uint64_t end;  /* room is wanted up to here; 0: for nothing in particular */
    int room_code; /* how the last attempt to make room ended, until somebody was told */
};

/* Only a failure to make room is remembered: one that poisons is everybody's to see already. */
static int drain_once(struct quire__shared *shared, uint64_t end)
{
    pthread_mutex_lock(&shared->drain);
    int rc = quire__shared_drain(shared);
    if (rc == 0 && end > 0)
        rc = shared->sink->ops->room(shared->sink, end);
    pthread_mutex_unlock(&shared->drain);
    return rc;
}

static void *drain_until_stopped(void *argument)
{
    struct quire__drainer *drainer = argument;

    pthread_mutex_lock(&drainer->lock);
    for (;;) {
        while (!drainer->work && !drainer->stop)
            pthread_cond_wait(&drainer->asked, &drainer->lock);
        if (drainer->stop)
            break;
        uint64_t end = drainer->end;
        drainer->end = 0;
        drainer->work = false;
        pthread_mutex_unlock(&drainer->lock);
        int rc = drain_once(drainer->shared, end);
        pthread_mutex_lock(&drainer->lock);
        drainer->room_code = rc;
    }
    pthread_mutex_unlock(&drainer->lock);
    return NULL;
}

int quire__drainer_start(struct quire__shared *shared)
{
    struct quire__drainer *drainer = calloc(1, sizeof *drainer);

    if (!drainer)
        return -ENOMEM;
    drainer->shared = shared;
    pthread_mutex_init(&drainer->lock, NULL); /* neither fails on Linux */
    pthread_cond_init(&drainer->asked, NULL);
    int rc = quire__thread_start(&drainer->thread, drain_until_stopped, drainer);
    if (rc < 0) {
        pthread_cond_destroy(&drainer->asked);
        pthread_mutex_destroy(&drainer->lock);
        free(drainer);
        return rc;
    }
    shared->drainer = drainer;
    return 0;
}

void quire__drainer_stop(struct quire__shared *shared)
{
    struct quire__drainer *drainer = shared->drainer;

    if (!drainer)
        return;
    pthread_mutex_lock(&drainer->lock);
    drainer->stop = true;
    pthread_cond_signal(&drainer->asked);
    pthread_mutex_unlock(&drainer->lock);
    pthread_join(drainer->thread, NULL);
    pthread_cond_destroy(&drainer->asked);
    pthread_mutex_destroy(&drainer->lock);
    free(drainer);
    shared->drainer = NULL;
}

void quire__drainer_wake(struct quire__drainer *drainer)
{
    pthread_mutex_lock(&drainer->lock);
    drainer->work = true;
    pthread_cond_signal(&drainer->asked);
    pthread_mutex_unlock(&drainer->lock);
}

int quire__drainer_ask(struct quire__drainer *drainer, uint64_t end)
{
    pthread_mutex_lock(&drainer->lock);
    int rc = drainer->room_code < 0 ? drainer->room_code : -EAGAIN;
    drainer->room_code = 0;
    drainer->work = true;
    drainer->end = quire__max(drainer->end, end);
    pthread_cond_signal(&drainer->asked);
    pthread_mutex_unlock(&drainer->lock);
    return rc;
}
