/* The Go benchmark text format, as benchstat reads it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MICRO_LINE_H
#define BENCH_MICRO_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "micro/trial.h"

/* One benchmark's outcome. */
struct bench_micro_result {
    uint64_t operations;
    uint64_t elapsed_ns; /* of all of them */
    uint64_t bytes;      /* of one; 0: no MB/s */
    bool counted;
    struct bench_micro_allocations allocated; /* by all of them */
};

/* The machine and the package: what stands above the lines. */
struct bench_micro_header {
    const char *goos, *goarch; /* Go's names */
    const char *cpu;           /* "": left out */
};

/* The names that Go has for what this program was built for. */
const char *bench_micro_goos(void);
const char *bench_micro_goarch(void);

enum { BENCH_MICRO_NAME_ROOM = 96 };

/* "Benchmark" + name + "-" + cpus; the last two are left out for one. */
const char *bench_micro_full_name(const char *name, unsigned cpus, char text[BENCH_MICRO_NAME_ROOM]);

void bench_micro_print_header(FILE *out, const struct bench_micro_header *header);

/* A number of some unit with four significant digits, its decimal point in the same column whatever its size. */
void bench_micro_print_value(FILE *out, double value, const char *unit);

/* A line: the name filled up to width columns, and the figures. */
void bench_micro_print_line(FILE *out, const char *full_name, int width, const struct bench_micro_result *result);

/* Instead of a line. */
void bench_micro_print_fail(FILE *out, const char *full_name, const char *reason);
void bench_micro_print_skip(FILE *out, const char *full_name, const char *reason);

/* The end: PASS or FAIL, and how long all of it took. */
void bench_micro_print_end(FILE *out, bool passed, double seconds);

#endif
