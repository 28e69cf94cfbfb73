/* What is asked of latency: "p99<2ms".
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SLO_H
#define BENCH_SLO_H

#include <stdbool.h>

#include "workload/latency.h"

struct bench_slo {
    enum bench_quantile quantile;
    uint64_t below_ns;
};

/* p50, p90, p99, p99.9, p99.99 or max, "<", and a time with its unit: ns, us, ms, s. False, and *slo untouched, for
 * anything else. */
bool bench_slo_parse(const char *text, struct bench_slo *slo);

/* Whether latencies that have been seen are what was asked for. None seen: no. */
bool bench_slo_holds(const struct bench_slo *slo, const struct bench_quantiles *seen);

#endif
