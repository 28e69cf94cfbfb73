/* A workload: a log that is appended to in every way there is, by a profile, and what was acknowledged told to whoever
 * wants to know. One thread, so that sequences are known before they are given.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_WORK_H
#define DISK_WORK_H

#include "profile.h"
#include "witness.h"

struct disk_work {
    const char *directory; /* of the log */
    const struct disk_profile *profile;
    uint32_t method;
    uint64_t seed; /* of the records, and with the generation of what is done when */
    uint64_t generation;
    uint64_t records; /* so many, then the log is closed; UINT64_MAX: until killed */

    /* Called before an append begins, and after something was acknowledged. Other than 0 ends the work. */
    int (*tell)(void *context, enum disk_row_kind kind, uint64_t sequence, uint64_t segment);
    void *context;
    quire_observe *observe; /* NULL, or as in quire_log_options */
};

/* 0, or the code of the first call that failed. The log is closed, whatever is returned. */
int disk_work_run(const struct disk_work *work);

#endif
