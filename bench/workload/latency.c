/* How long things took. See latency.h.
 *
 * SPDX-License-Identifier: MIT */
#include "workload/latency.h"

#include <stdlib.h>

static const struct {
    const char *name;
    double share;
} quantiles[BENCH_QUANTILES] = {
    [BENCH_P50] = {"p50", 0.5},      [BENCH_P90] = {"p90", 0.9},         [BENCH_P99] = {"p99", 0.99},
    [BENCH_P999] = {"p99.9", 0.999}, [BENCH_P9999] = {"p99.99", 0.9999}, [BENCH_MOST] = {"max", 1},
};

const char *bench_moment_name(enum bench_moment moment)
{
    static const char *const names[BENCH_MOMENTS] = {"append", "hand_over", "sync"};
    return names[moment];
}

const char *bench_quantile_name(enum bench_quantile quantile)
{
    return quantiles[quantile].name;
}

double bench_quantile_least(enum bench_quantile quantile)
{
    double beyond = 1 - quantiles[quantile].share;
    return beyond > 0 ? 1 / beyond - 1e-6 : 1;
}

struct bench_latency *bench_latency_new(void)
{
    struct bench_latency *latency = calloc(1, sizeof *latency);
    if (!latency)
        return NULL;
    for (unsigned i = 0; i < BENCH_MOMENTS; i++)
        bench_histogram_reset(&latency->of[i]);
    pthread_mutex_init(&latency->lock, NULL);
    return latency;
}

void bench_latency_free(struct bench_latency *latency)
{
    if (latency)
        pthread_mutex_destroy(&latency->lock);
    free(latency);
}

void bench_latency_note(struct bench_latency *latency, enum bench_moment moment, uint64_t nanoseconds)
{
    pthread_mutex_lock(&latency->lock);
    bench_histogram_add(&latency->of[moment], nanoseconds);
    pthread_mutex_unlock(&latency->lock);
}

void bench_latency_merge(struct bench_latency *into, const struct bench_latency *from)
{
    for (unsigned i = 0; i < BENCH_MOMENTS; i++)
        bench_histogram_merge(&into->of[i], &from->of[i]);
}

struct bench_quantiles bench_quantiles_of(const struct bench_histogram *histogram)
{
    struct bench_quantiles q = {.count = histogram->count};
    for (unsigned i = 0; i < BENCH_QUANTILES; i++)
        q.of[i] = bench_histogram_percentile(histogram, quantiles[i].share);
    return q;
}
