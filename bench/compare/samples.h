/* The values that are compared: a figure of one row, as it is or beside what the machine did in the same rounds.
 *
 * With one report of each side a sample has the rounds; with several it has the median of each report, because rounds
 * of one run share what that run met, and only runs are independent of each other.
 *
 * The machine's pace in a round is the median over the rows that quire is no part of (limits and peers, of the same
 * workload) of what each had in this round as a multiple of its own median over everything. Beside it, what slowed
 * everything for a while, or between two runs, is no change.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include "compare/match.h"

enum bench_scale {
    BENCH_AS_IT_IS,
    BENCH_BESIDE_MACHINE, /* divided by the machine's pace in the round */
    BENCH_BESIDE_ROW      /* divided by one row's figure in the round */
};

struct bench_sampler {
    const struct bench_reports *reports;
    const struct bench_match *match;
    const char *beside; /* the row of BENCH_BESIDE_ROW */
    /* The machine's pace for one figure of one workload; kept while the next row is of the same. */
    double *pace[BENCH_SIDES];
    const struct bench_pair *pace_of; /* any row of the workload */
    unsigned pace_figure;
    bool has_pace;
    struct bench_yardstick {
        const struct bench_pair *pair; /* a row of the machine's */
        double median;                 /* over all rounds of both sides */
    } * yardsticks;
    double *scratch;
    size_t room; /* values that a sample can have at most */
};

/* 0 or -ENOMEM. What it points at must live as long. */
int bench_sampler_make(struct bench_sampler *sampler, const struct bench_reports *reports,
                       const struct bench_match *match, const char *beside);
void bench_sampler_free(struct bench_sampler *sampler);

/* Writes the sample of one side to values (sampler->room of them) and its size to *count. False where the figure was
 * not measured in every round, or what it is to be divided by was not, or is 0. */
bool bench_sample_take(struct bench_sampler *sampler, const struct bench_pair *pair, unsigned figure,
                       enum bench_side side, enum bench_scale scale, double *values, size_t *count);

#endif
