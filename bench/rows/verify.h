/* Reading back what a run left in its file, after the clock has stopped, and comparing every byte.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_VERIFY_H
#define BENCH_VERIFY_H

#include "rows/adapter.h"

/* The file holds the records of all threads of the job: each exactly once, whole, none split by another, those of one
 * thread in its order, and nothing else. NULL, or why not; valid until the next call. */
const char *bench_verify_records(const struct bench_job *job);

/* The same for records that something else than a file gives back, one by one, in its order: start with the job and all
 * else zero. */
struct bench_verified {
    const struct bench_job *job;
    uint64_t count;
    uint64_t next[BENCH_THREADS_MOST];
};
const char *bench_verify_record(struct bench_verified *verified, const void *record, uint64_t length);
const char *bench_verify_end(const struct bench_verified *verified);

/* The file holds `bytes` bytes: those of image, again and again. longer: more may follow. */
const char *bench_verify_cycle(const char *path, uint64_t bytes, const char *image, uint64_t image_bytes, bool longer);

#endif
