/* The highest rate at which a row still keeps its latency: found by trying.
 *
 * Each try is an open loop of its own, about a second long. A rate is kept up if the latency that was asked for holds,
 * counted from when each append was due, and the last append did not return long after it was due. What is not kept up
 * gets a second try, so that a single stall of the machine does not decide. From a start the rate is doubled as long as
 * it is kept up, or halved until it is, and what lies between the two is halved, in the logarithm, a few times: the
 * result is at most 3 % below the highest.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MAX_RATE_H
#define BENCH_MAX_RATE_H

#include "machine/place.h"
#include "measure/results.h"
#include "measure/runner.h"
#include "measure/slo.h"

/* One try: whether rate is kept up. 0, or a negative code that ends the search. */
typedef int bench_try(void *context, double rate, bool *kept);

/* The highest rate that was kept up; 0 if not even 100 a second were. 0, or what the try that ended it returned. */
int bench_max_rate_search(bench_try *attempt, void *context, double start, double *rate);

enum { BENCH_RATE_ROUNDS_MOST = 50 };

/* What was found for one row. */
struct bench_max_rate {
    const struct bench_row *row;
    double rate[BENCH_RATE_ROUNDS_MOST]; /* of each round; 0: none was kept up */
    struct bench_quantiles at;           /* the latencies of single appends at the highest rate of the last round */
    unsigned count;                      /* rounds */
    char unavailable[200];
};

struct bench_max_rates {
    struct bench_size size;
    struct bench_slo slo;
    enum bench_sync sync;
    bool poisson;
    unsigned rounds;
    unsigned count;
    struct bench_max_rate row[BENCH_ROWS_MOST];
};

/* What is to be found, of which rows and how. */
struct bench_max_rate_plan {
    const struct bench_rows *rows;
    struct bench_slo slo;
    enum bench_sync sync;
    bool poisson;
    unsigned rounds; /* BENCH_RATE_ROUNDS_MOST at most */
    void (*progress)(struct bench_size size, unsigned round, const char *row, double rate);
};

/* Rows that write bytes rather than records (limits) have no rate and are left out. run says how it went. */
void bench_max_rates_find(struct bench_max_rates *rates, const struct bench_max_rate_plan *plan,
                          struct bench_place *place, struct bench_workload *work, struct bench_run *run);

struct bench_spread bench_max_rate_spread(const struct bench_max_rate *rate);

#endif
