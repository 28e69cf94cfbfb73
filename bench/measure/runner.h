/* One run of one row: open, append from one thread or many, finish, close, read back.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include "measure/results.h"

enum bench_outcome {
    BENCH_RAN,
    BENCH_UNAVAILABLE, /* this machine, file system or workload does not have it: text says what is missing */
    BENCH_FAILED,      /* text says what failed */
    BENCH_STOPPED      /* the program was told to stop */
};

struct bench_run {
    enum bench_outcome outcome;
    struct bench_sample sample;
    uint64_t buffer_bytes;
    double due_seconds; /* in an open loop, when the last append was due: seconds from the start of the clock */
    char text[300];
};

/* The file at job->path may exist afterwards; the caller removes it. */
void bench_run_row(const struct bench_job *job, struct bench_run *run);

#endif
