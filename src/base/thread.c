/* Starting a thread that stays out of the program's signals; conditions by the clock that never goes back.
 *
 * SPDX-License-Identifier: MIT */
#include "base/thread.h"

#include <signal.h>
#include <time.h>

int quire__thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    /* A new thread inherits the mask, so there is no moment in which it could be interrupted. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

int quire__cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    int rc = pthread_condattr_init(&attributes);
    if (rc != 0)
        return -rc;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    rc = pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
    return -rc;
}
