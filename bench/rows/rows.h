/* The rows of the table: every way of appending that is measured, by name.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "rows/settings.h"

enum { BENCH_ROWS_MOST = 128 };

struct bench_rows {
    struct bench_row row[BENCH_ROWS_MOST];
    unsigned count;
};

/* The rows that the settings ask for, in the order of the table. default_buffer is the size of libquire's own default
 * buffer, for the peer that gets one of the same size. */
void bench_rows_make(struct bench_rows *rows, const struct bench_settings *settings, uint64_t default_buffer);

#endif
