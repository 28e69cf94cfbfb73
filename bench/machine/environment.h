/* The machine that figures come from: without it they mean nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ENVIRONMENT_H
#define BENCH_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

struct bench_paper;

/* What cannot be found out is "" or 0. */
struct bench_environment {
    char cpu[128];
    unsigned cores; /* online */
    char kernel[128];
    uint64_t memory_bytes;
    char directory[256];
    char file_system[32];
    char mount_options[256];
    char device[128];
    char write_cache[32]; /* "write back" (a flush costs) or "write through", as the kernel sees the device */
    char scheduler[64];
    char slow_build[64]; /* why this build is slower than a release: "without optimisation"; "" if it is not */
    double clock_ns;     /* what one look at the clock takes */
    char peers[200];     /* libraries measured beside quire, with their versions; "" for none */
    double load;         /* of the last minute, before the measurement began */
    char date[32];       /* UTC */
    bool memory_only;    /* tmpfs or ramfs: not a disk */
};

/* directory exists. */
void bench_environment_read(struct bench_environment *environment, const char *directory);

/* The text, or "unknown" for "". */
const char *bench_known(const char *text);

/* Prints the machine and the directory, each behind its label, as a report's first lines say them. */
void bench_environment_print(const struct bench_environment *environment, const struct bench_paper *paper);

#endif
