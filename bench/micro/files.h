/* Appending in files of bounded size: after each 64 MiB the clock stands while the file is closed, removed and made
 * anew. So a benchmark of any length needs little room, and never writes into blocks that hold something already.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MICRO_FILES_H
#define BENCH_MICRO_FILES_H

#include "micro/micro.h"
#include "workload/workload.h"

/* A way of appending. All but append are called by one thread while the clock stands, finish excepted: it is in the
 * time, and returns when the kernel has everything. Calls return 0 or an error of quire_strerror's. */
struct bench_micro_file {
    int (*open)(const struct bench_micro *benchmark, const char *path, void **state);
    int (*thread_open)(void *state, void **thread); /* NULL: each thread gets the state itself */
    int (*append)(const struct bench_micro *benchmark, void *thread, struct bench_cursor *cursor);
    int (*thread_flush)(void *thread); /* NULL, or what each thread does at its end, in the time */
    int (*finish)(void *state);
    int (*thread_close)(void *thread); /* NULL together with thread_open */
    int (*close)(void *state);
};

/* Does trial->operations appends of benchmark->record_bytes, shared out among its threads. */
int bench_micro_in_files(const struct bench_micro *benchmark, struct bench_trial *trial,
                         const struct bench_micro_file *file);

/* The bodies of the table. */
bench_micro_body bench_micro_writer; /* libquire, in any way but lanes */
bench_micro_body bench_micro_lane;
bench_micro_body bench_micro_libc;
bench_micro_body bench_micro_memcpy; /* no file at all */

#endif
