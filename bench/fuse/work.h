/* What the process behind job.h does, from its first look at the counters to the removal of its file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_WORK_H
#define BENCH_FUSE_WORK_H

#include <stdatomic.h>
#include <stdint.h>

#include "fuse/job.h"

/* Memory of both processes. */
struct bench_fuse_shared {
    struct bench_fuse_done done;
    _Atomic uint64_t at; /* bytes appended; then, bytes read back on top of that: whoever waits sees that it goes on */
    int rc;
};

/* 0 or as bench_fuse_job_run has it. */
int bench_fuse_work(const struct bench_fuse_job *job, struct bench_fuse_shared *shared);

#endif
