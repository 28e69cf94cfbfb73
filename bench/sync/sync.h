/* quire bench sync: what it costs here that an append survives a power cut.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SYNC_H
#define BENCH_SYNC_H

#include <stdint.h>
#include <stdio.h>

#include "machine/place.h"
#include "sync/matrix.h"

enum { BENCH_SYNC_RECORD_MOST = 1 << 20, BENCH_SYNC_COUNT_MOST = 10000000 };

struct bench_sync_settings {
    const char *directory;
    uint64_t record_bytes; /* 1 to BENCH_SYNC_RECORD_MOST */
    uint64_t count;        /* appends in each cell, over all rounds; 0: as many as the time allows */
    double seconds;        /* in each cell, over all rounds */
    unsigned rounds;       /* BENCH_SYNC_ROUNDS_LEAST to BENCH_SYNC_ROUNDS_MOST */
    struct bench_sync_choice choice;
};

/* 4096 bytes, 1 second, 5 rounds, everything. */
struct bench_sync_settings bench_sync_settings_default(void);

/* Measures in a private directory, which is removed again, and prints: text, csv and json are where to, or NULL. The
 * exit code: 0; 1 after one sentence on stderr; 128 + n after signal n. */
int bench_sync(const struct bench_sync_settings *settings, FILE *text, FILE *csv, FILE *json);

/* The kinds of files and the ways that settings choose, by name. */
void bench_sync_list(const struct bench_sync_settings *settings, FILE *out);

#endif
