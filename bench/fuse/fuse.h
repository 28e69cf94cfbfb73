/* quire bench fuse: what appending costs through each mode of quire mount, beside the file system itself; and on a disk
 * made slower, from where on compression pays.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_H
#define BENCH_FUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fuse/matrix.h"

struct bench_fuse_settings {
    const char *directory;
    const char *program;  /* quire-mount's path; NULL: there is none */
    unsigned rounds;      /* 1 to BENCH_FUSE_ROUNDS_MOST */
    bool warm_up;         /* one round more, thrown away, before those of the matrix */
    uint64_t bytes;       /* of a file of the matrix at most */
    uint64_t appends;     /* to a file of the matrix at most: small appends get smaller files */
    uint64_t curve_bytes; /* of a file on a disk made slower */
    struct bench_fuse_choice choice;
};

/* In the current directory, 5 rounds, everything but a slower disk, files of 64 MiB or 16384 appends. */
struct bench_fuse_settings bench_fuse_settings_default(void);

/* Where the reports go: NULL for none. */
struct bench_fuse_outputs {
    FILE *text, *csv, *json, *plot;
};

/* Measures in a private directory, which is removed again with all that was mounted, and prints. The exit code: 0; 1
 * after one sentence on stderr; 128 + n after signal n. */
int bench_fuse(const struct bench_fuse_settings *settings, const struct bench_fuse_outputs *outputs);

/* The modes, payloads, sizes and limits that settings choose, by name. */
void bench_fuse_list(const struct bench_fuse_settings *settings, FILE *out);

#endif
