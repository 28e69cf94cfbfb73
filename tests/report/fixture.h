/* A report of figures that were never measured, the same in every run: what the tests of reports print.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_REPORT_FIXTURE_H
#define TESTS_REPORT_FIXTURE_H

#include "report/report.h"

/* A whole report with one workload that ended as sync says: rows of every kind, latencies, counters, ratios, advice,
 * warnings, a time series. The caller changes what it likes. */
struct fixture {
    struct bench_settings settings;
    struct bench_rows rows;
    struct bench_report report;
    struct bench_chapter chapter;
};

struct fixture *fixture_make(enum bench_sync sync);
void fixture_free(struct fixture *fixture);

#endif
