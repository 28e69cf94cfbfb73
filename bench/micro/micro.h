/* quire bench micro: what one operation costs, in the text format of Go's benchmarks.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MICRO_H
#define BENCH_MICRO_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "micro/trial.h"

/* How the bytes of a record get in. */
enum bench_micro_way {
    BENCH_MICRO_APPEND,     /* quire_writer_append */
    BENCH_MICRO_APPENDV,    /* quire_writer_appendv, in three pieces */
    BENCH_MICRO_CLAIM,      /* quire_writer_claim, a copy, quire_writer_publish */
    BENCH_MICRO_LANE,       /* quire_lane_append, a lane for each thread */
    BENCH_MICRO_LANE_CLAIM, /* quire_lane_claim, a copy, quire_lane_publish */
};

/* A benchmark. run is asked with it, and reads what it needs of the rest. */
struct bench_micro {
    const char *name; /* without "Benchmark" */
    bench_micro_body *run;
    uint64_t record_bytes;
    uint64_t buffer_bytes; /* 0: the method's default */
    uint32_t method;       /* enum quire_method */
    enum bench_micro_way way;
    unsigned threads; /* 0: as many as --cpu says */
    bool durable;     /* each record before the next */
    bool unlocked;    /* of libc's two calls, the one without a lock */
};

enum {
    BENCH_MICRO_CPUS_MOST = 16, /* numbers that --cpu takes */
    BENCH_MICRO_CPU_MOST = 256, /* the largest of them */
    BENCH_MICRO_COUNT_MOST = 1000,
};

struct bench_micro_settings {
    const char *directory;
    struct bench_micro_goal goal;
    unsigned count; /* how often each is measured */
    unsigned cpus[BENCH_MICRO_CPUS_MOST];
    size_t cpu_count;
    const regex_t *filter; /* NULL: all. Of names without "Benchmark" */
    bench_micro_count *counter;
};

/* One second each, once, as many threads as this process may use processors at a time. */
struct bench_micro_settings bench_micro_settings_default(void);

/* "1,2,4". False, and nothing changed, for anything but numbers from 1 to BENCH_MICRO_CPU_MOST. */
bool bench_micro_parse_cpus(const char *text, struct bench_micro_settings *settings);

/* The benchmarks there are. */
extern const struct bench_micro bench_micro_table[];
extern const size_t bench_micro_table_count;

/* The names that the filter lets through, a line each; out may be NULL. Returns how many. */
size_t bench_micro_list(const struct bench_micro *table, size_t count, const regex_t *filter, FILE *out);

/* Measures what the filter lets through in a private directory, which is removed on every way out, and prints a line as
 * soon as it is known. Returns the exit code: 0; 1 after a failure (of a benchmark: said in the report; of anything
 * else: said on standard error); 128 + signal when stopped. */
int bench_micro_run(const struct bench_micro *table, size_t count, const struct bench_micro_settings *settings,
                    FILE *out);

#endif
