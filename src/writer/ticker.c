/* The thread behind QUIRE_SYNC_INTERVAL. See commit.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "writer/commit.h"

struct quire__ticker {
    quire_writer *writer;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stop;
};

/* True unless it is to stop. The lock is held only while waiting. */
static bool sleep_an_interval(struct quire__ticker *ticker)
{
    struct timespec until = quire__clock_after_ms(ticker->writer->options.sync_interval_ms);

    pthread_mutex_lock(&ticker->lock);
    while (!ticker->stop)
        if (pthread_cond_timedwait(&ticker->stopped, &ticker->lock, &until) == ETIMEDOUT)
            break;
    bool go_on = !ticker->stop;
    pthread_mutex_unlock(&ticker->lock);
    return go_on;
}

static void *tick(void *argument)
{
    struct quire__ticker *ticker = argument;
    quire_writer *writer = ticker->writer;

    while (sleep_an_interval(ticker)) {
        /* A failure is the writer's from then on, and everybody hears of it; an open claim is tried again. */
        quire__writer_gather(writer);
        quire__commit(writer, writer->method->appended(writer), true);
    }
    return NULL;
}

int quire__ticker_start(quire_writer *writer)
{
    struct quire__ticker *ticker = calloc(1, sizeof *ticker);

    if (!ticker)
        return -ENOMEM;
    ticker->writer = writer;
    quire__cond_init(&ticker->stopped); /* neither fails on Linux */
    pthread_mutex_init(&ticker->lock, NULL);
    int rc = quire__thread_start(&ticker->thread, tick, ticker);
    if (rc < 0) {
        pthread_mutex_destroy(&ticker->lock);
        pthread_cond_destroy(&ticker->stopped);
        free(ticker);
        return rc;
    }
    writer->ticker = ticker;
    return 0;
}

void quire__ticker_stop(quire_writer *writer)
{
    struct quire__ticker *ticker = writer->ticker;

    if (!ticker)
        return;
    pthread_mutex_lock(&ticker->lock);
    ticker->stop = true;
    pthread_cond_signal(&ticker->stopped);
    pthread_mutex_unlock(&ticker->lock);
    pthread_join(ticker->thread, NULL);
    pthread_mutex_destroy(&ticker->lock);
    pthread_cond_destroy(&ticker->stopped);
    free(ticker);
    writer->ticker = NULL;
}
