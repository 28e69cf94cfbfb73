/* A log on the faulty file system.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FAULT_LOG_H
#define QUIRE_TESTS_FAULT_LOG_H

#include <time.h>

#include "fault.h"
#include "log/log.h"
#include "log_support.h"

/* Returns when nothing is left for the keeper to do. */
static inline void await_keeper(quire_log *log)
{
    bool idle = false;

    while (!idle) {
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        pthread_mutex_lock(&log->keeper.lock);
        idle = !log->keeper.sealed && atomic_load(&log->keeper.ready);
        pthread_mutex_unlock(&log->keeper.lock);
    }
    /* It looks once more whether there is anything. */
    await_others_asleep();
}

static inline quire_log *fault_open_log(struct fault *fault, const char *directory,
                                        const struct quire_log_options *options)
{
    quire_log *log = NULL;
    REQUIRE_OK(quire__log_open_on(fault_io(fault), directory, options, &log));
    /* The keeper's calls are not among those that a test makes fail from here on. */
    await_keeper(log);
    return log;
}

#endif
