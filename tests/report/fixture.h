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
    struct bench_chapter two[2];
    struct bench_staging staging;
    struct bench_max_rates rates;
};

struct fixture *fixture_make(enum bench_sync sync);
/* Makes the report one of two workloads, the second the same bytes in smaller records, and adds appends while a buffer
 * is free and highest rates. To be called when the chapter is as it shall be. */
void fixture_complete(struct fixture *fixture);
void fixture_free(struct fixture *fixture);

#endif
