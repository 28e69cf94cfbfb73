/* Going on in a fresh segment after a failed write or flush, with what is not durable yet.
 *
 * Where the caller asked for it (QUIRE_LOG_CONTINUE) buffers are kept until they are durable. The segment that
 * failed is left as it is, nothing is tried again on it, and the blocks of those buffers are written to the next,
 * under the same sequences. A reader takes the later segment's word for them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_GO_ON_H
#define QUIRE_LOG_GO_ON_H

#include "log/log.h"

/* A write or a flush failed. Poisons, or remembers it for quire__log_go_on. Returns a code below 0. */
int quire__log_trouble(quire_log *log, int code, enum quire_call call, uint64_t offset);

/* With the drain lock, which may be given up meanwhile, and without the sync lock: after trouble, sees to it that all
 * that is not durable will be written again. 0: drain again. Else the log is poisoned: nothing became durable since the
 * last time, there is no other segment to be had, or what is not durable yet is from before this log was opened. */
int quire__log_go_on(quire_log *log);

/* What has failed anywhere, and was not survived yet; 0: nothing. */
static inline int quire__log_failure(quire_log *log)
{
    int rc = quire__log_code(log);

    return rc < 0 ? rc : atomic_load(&log->trouble);
}

static inline bool quire__log_is_in_trouble(quire_log *log)
{
    return atomic_load(&log->trouble) < 0 && quire__log_code(log) == 0;
}

#endif
