/* Counters that had to take turns are scaled to the whole time.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "harness.h"
#include "machine/perf.h"

TEST(perf_scaled)
{
    CHECK_INT(bench_perf_scale(1000, 50, 50), 1000);
    CHECK_INT(bench_perf_scale(1000, 80, 20), 4000);
    CHECK_INT(bench_perf_scale(1000, 80, 0), 0);
    CHECK_INT(bench_perf_scale(0, 80, 20), 0);
}

/* Page faults are counted by every kernel that counts at all. */
TEST(perf_counts_page_faults)
{
    enum { PAGES = 500, PAGE = 4096 };
    static char memory[PAGES * PAGE];
    struct bench_perf perf;
    struct bench_perf_counts counts;
    bench_perf_open(&perf);
    if (perf.fd[BENCH_PAGE_FAULTS] < 0) {
        bench_perf_close(&perf);
        SKIP("this kernel gives no counters (perf_event_open)");
    }
    bench_perf_start(&perf);
    for (int i = 0; i < PAGES; i++)
        ((volatile char *)memory)[i * PAGE] = 1;
    bench_perf_stop(&perf, &counts);
    CHECK(counts.known[BENCH_PAGE_FAULTS]);
    CHECK(counts.count[BENCH_PAGE_FAULTS] >= 1);
    double first = counts.count[BENCH_PAGE_FAULTS];
    memset(memory, 2, sizeof memory); /* stopped: not counted */
    bench_perf_stop(&perf, &counts);
    CHECK_INT(counts.count[BENCH_PAGE_FAULTS] - first, 0);
    bench_perf_close(&perf);
    for (unsigned i = 0; i < BENCH_PERF_EVENTS; i++)
        CHECK(strlen(bench_perf_name(i)) > 0);
}
