/* A log on the faulty file system.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FAULT_LOG_H
#define QUIRE_TESTS_FAULT_LOG_H

#include <time.h>

#include "fault.h"
#include "log/log.h"
#include "log_support.h"

static inline quire_log *fault_open_log(struct fault *fault, const char *directory,
                                        const struct quire_log_options *options)
{
    quire_log *log = NULL;
    REQUIRE_OK(quire__log_open_on(fault_io(fault), directory, options, &log));
    /* The keeper's calls are not among those that a test makes fail from here on. */
    while (!atomic_load(&log->keeper.ready))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    return log;
}

#endif
