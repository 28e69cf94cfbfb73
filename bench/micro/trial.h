/* One run of a benchmark with a given number of operations, the stopwatch that it starts and stops, and the choice of
 * that number: the rules of Go's testing package, so that benchstat's readers get what they know.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MICRO_TRIAL_H
#define BENCH_MICRO_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_MICRO_REASON_ROOM = 256 };

/* What the whole program has allocated since it started. */
struct bench_micro_allocations {
    uint64_t bytes; /* asked for, not what the allocator made of it */
    uint64_t count; /* calls that gave memory, realloc included */
};

/* Who counts. NULL stands for nobody: then there are no columns for it. */
typedef struct bench_micro_allocations bench_micro_count(void);

struct bench_place;

struct bench_trial {
    uint64_t operations;        /* how many to do: b.N */
    unsigned cpus;              /* threads of a benchmark whose name does not say how many */
    struct bench_place *place;  /* where files go */
    bench_micro_count *counter; /* or NULL */
    unsigned number;            /* of this run in the program, so that no two append the same records */

    /* For the benchmark to say. */
    uint64_t bytes;                       /* of one operation; 0: no MB/s */
    bool skipped;                         /* with an error: it cannot be had here, which is no failure */
    char reason[BENCH_MICRO_REASON_ROOM]; /* of an error: a sentence */

    /* The stopwatch's. */
    bool running;
    uint64_t begun_ns, elapsed_ns;
    struct bench_micro_allocations before, allocated;
};

/* The stopwatch: time and allocations between start and stop are the benchmark's. It stands when a run begins. Starting
 * one that runs, or stopping one that stands, does nothing. */
void bench_trial_start(struct bench_trial *trial);
void bench_trial_stop(struct bench_trial *trial);

/* Notes why, formatted, unless something is noted already. Returns code. */
__attribute__((format(printf, 3, 4))) int bench_trial_fail(struct bench_trial *trial, int code, const char *format,
                                                           ...);

/* How long one benchmark is measured. */
struct bench_micro_goal {
    uint64_t ns;         /* for at least so long, unless operations is set */
    uint64_t operations; /* exactly so many */
};

/* "2s", "500ms": up to an hour. "100x": 1 to 1e9 operations. False, and *goal untouched, for anything else. */
bool bench_micro_parse_goal(const char *text, struct bench_micro_goal *goal);

/* How many operations the next run has, after one of last operations took elapsed_ns: what would fill goal_ns and a
 * fifth more, at most 100 times last, at least last + 1, at most 1e9. */
uint64_t bench_micro_next(uint64_t goal_ns, uint64_t last, uint64_t elapsed_ns);

/* What a benchmark does: trial->operations of them. 0; -EINTR when the program was told to stop; or another negative
 * code, with trial->reason set. */
struct bench_micro;
typedef int bench_micro_body(const struct bench_micro *benchmark, struct bench_trial *trial);

/* Runs the benchmark with 1 operation, then with more and more until the goal is met; *trial is then the last run.
 * What it has on entry (cpus, place, counter, number) goes into every run. Returns what the benchmark did. */
int bench_micro_measure(const struct bench_micro *benchmark, struct bench_micro_goal goal, struct bench_trial *trial);

#endif
