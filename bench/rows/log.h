/* The log behind the adapter: parts that its rows and `quire bench log` share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ROWS_LOG_H
#define BENCH_ROWS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <quire/log.h>

#include "rows/adapter.h"

/* Waits until the keeper of an open log has nothing to do: the next segment is ready, and what retention frees is gone.
 * 0, -ETIMEDOUT after ten seconds, -EINTR when the program was told to stop, or what could not be read. */
int bench_log_await_ready(quire_log *log, const char *directory);

/* How the log of a row that appends into recycled segments is laid out, so that the records of the workload are all
 * kept, and every segment that they go into was another before. */
struct bench_log_recycling {
    uint64_t segment_bytes;
    uint64_t keep_segments;
    uint64_t warm_up_records; /* of the workload's size, appended before the clock starts */
};
struct bench_log_recycling bench_log_recycling_for(struct bench_size size);

/* The log in job->path holds, behind what the warm-up appended, the records of all threads of the job: each exactly
 * once, whole, those of one thread in its order, and nothing else. Read by quire_reader. NULL, or why not. */
const char *bench_log_verify(const struct bench_job *job);

#endif
