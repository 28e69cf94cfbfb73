/* What an append costs while a buffer is free: nothing but getting the record into memory.
 *
 * Batches of 60 KiB are appended to memory that has room for them, and only that is timed; after each batch, untimed,
 * the bytes go to the kernel, so that the next batch finds room again. Beside a lane and the shared lane (one thread,
 * nobody else there) the same is done with a bare memcpy into a buffer of 64 KiB, which is written out after each batch
 * too. The median over the batches of a round is the round's figure.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_STAGING_H
#define BENCH_STAGING_H

#include "base/statistics.h"
#include "machine/place.h"
#include "rows/settings.h"

enum bench_stage { BENCH_STAGE_MEMCPY, BENCH_STAGE_LANE, BENCH_STAGE_SHARED, BENCH_STAGES };

struct bench_staging {
    uint64_t record_bytes;
    unsigned rounds;
    double nanoseconds[BENCH_STAGES][BENCH_ROUNDS_MOST]; /* per append */
};

/* "memcpy", "lane", "shared lane". */
const char *bench_stage_name(enum bench_stage stage);

/* Measures rounds rounds, the three in turn. 0, or the code of what failed; -EINTR when told to stop. */
int bench_staging_measure(struct bench_staging *staging, struct bench_place *place, uint64_t record_bytes,
                          unsigned rounds);

struct bench_spread bench_staging_cost(const struct bench_staging *staging, enum bench_stage stage);
struct bench_spread bench_staging_ratio(const struct bench_staging *staging, enum bench_stage above,
                                        enum bench_stage below);

#endif
