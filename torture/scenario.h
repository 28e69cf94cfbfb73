/* What a run does, drawn from a seed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_SCENARIO_H
#define QUIRE_TORTURE_SCENARIO_H

#include "torture/check.h"
#include "torture/disk.h"

/* What is not left to the seed. */
struct torture_given {
    const struct quire_log_options *options; /* NULL, or what somebody asked for: what is not 0 there */
    bool sync;                               /* options->sync_policy was asked for, whatever it is */
};

/* Larger sizes are tried as these: a run's few records come to no end of a larger segment. */
#define TORTURE_SEGMENT_MOST (UINT64_C(1) << 20)
#define TORTURE_BLOCK_MOST (UINT64_C(64) << 10)
enum { TORTURE_BLOCKS_MOST = 8 };

struct torture_scenario {
    uint64_t seed;
    struct quire_log_options options;
    struct torture_rules rules;
    uint32_t sessions;     /* the log is closed and opened again in between, by another method */
    uint32_t threads;      /* that append */
    uint32_t records;      /* that each of them appends in a session */
    uint32_t sync_every;   /* on average; 0: never */
    uint32_t rotate_every; /* 0: never */
    uint32_t trim_every;   /* 0: never */
    uint32_t batch_most;   /* records appended at once; 1: no batches */
    bool claims;           /* records are built in place */
    bool lanes;            /* each thread has its own */
    enum torture_fault fault;
    uint64_t fault_at; /* which write or flush fails */
    int fault_code;
    bool stale; /* what was allocated and not written holds whatever was on the disk before */
};

/* method: enum quire_method; 0: any. */
void torture_scenario_draw(uint64_t seed, uint32_t method, const struct torture_given *given,
                           struct torture_scenario *scenario);
/* In one line. */
void torture_scenario_print(const struct torture_scenario *scenario, char *line, uint64_t room);

#endif
