/* What a few seconds of trying tell about a place.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PROBES_H
#define BENCH_PROBES_H

#include <stdbool.h>

/* A durable append of 4 KiB. */
struct bench_probe_durable {
    bool known;
    double per_second, p50_seconds, p99_seconds;
    double flushes; /* of the device, for each; below 0: cannot be counted */
};

struct bench_probes {
    bool made;                          /* false: nothing was tried */
    struct bench_probe_durable append;  /* a growing file, fdatasync */
    struct bench_probe_durable written; /* blocks written before, O_DIRECT and O_DSYNC; or fdatasync without O_DIRECT */
    double cache_mib_per_s;             /* 1 MiB writes and one fdatasync; 0: not known */
    double direct_mib_per_s;            /* O_DIRECT, several under way, into fresh space; 0: not known */
    double direct_written_mib_per_s;    /* the same into blocks written before; 0: not known */
    int uring;                          /* what a writer by the method uring said when it was opened */
};

/* Tries in a private directory, which is gone afterwards, for about that many seconds. 0; -EINTR when told to stop; or
 * -errno, and failure says in a sentence what failed. */
int bench_probes_make(struct bench_probes *probes, const char *directory, double seconds, char failure[400]);

#endif
