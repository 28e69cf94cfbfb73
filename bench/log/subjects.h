/* quire bench log: what cannot be seen in a table of ways to append: reading, opening, following, rotating.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LOG_H
#define BENCH_LOG_H

#include "log/report.h"

enum {
    BENCH_LOG_RECORD_LEAST = 8, /* they carry who they are */
    BENCH_LOG_RECORD_MOST = 1 << 16,
    BENCH_LOG_SEGMENTS_LEAST = 3,
    BENCH_LOG_SEGMENTS_MOST = 100000,
    BENCH_LOG_RECORDS_MOST = 100000000
};

struct bench_log_settings {
    const char *directory;
    struct bench_size size; /* of the log that is read; its records' size is that of all others too */
    unsigned segments;      /* of the log of many */
    unsigned rounds;        /* BENCH_LOG_ROUNDS_LEAST to BENCH_LOG_ROUNDS_MOST */
    bool quick;             /* fewer follows and paced appends in a round */
    bool chosen[BENCH_LOG_SUBJECTS];
};

/* 1 KiB x 200,000, 1000 segments, 5 rounds, everything. */
struct bench_log_settings bench_log_settings_default(void);

/* "read,follow": chooses these and no others. False, *culprit named and the choice left as it was, otherwise. */
bool bench_log_choose(struct bench_log_settings *settings, const char *list, const char **culprit);

/* Measures in a private directory, which is removed again, and prints: text and json are where to, or NULL. The exit
 * code: 0; 1 after one sentence on stderr; 128 + n after signal n. */
int bench_log(const struct bench_log_settings *settings, FILE *text, FILE *json);

/* The subjects that settings choose, by name. */
void bench_log_list(const struct bench_log_settings *settings, FILE *out);

#endif
