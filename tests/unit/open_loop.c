/* Latency that a stall cannot hide, and the search for the highest rate, by a clock that moves only when told to.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>

#include "base/cost.h"
#include "harness.h"
#include "measure/max_rate.h"
#include "workload/watch.h"
#include "workload/workload.h"

enum { MS = 1000000, RECORDS = 1000, STALLED = 100 };

static uint64_t now_ns, look_ns; /* what time it is; what a look at the clock takes */

static uint64_t fake_now(void)
{
    return now_ns += look_ns;
}

static void fake_wait_until(uint64_t moment_ns)
{
    now_ns = moment_ns > now_ns ? moment_ns : now_ns;
}

static void use_fake_clock(void)
{
    static const struct bench_clock fake = {.now = fake_now, .wait_until = fake_wait_until};
    now_ns = 5 * MS;
    look_ns = 0;
    bench_clock_use(&fake);
}

/* Appends that take 0.1 ms each, but for one that takes 50 ms. */
static void append_all(struct bench_watch *watch)
{
    struct bench_workload work;
    REQUIRE_INT(bench_workload_make(&work, (struct bench_size){128, RECORDS}, 1), 0);
    struct bench_cursor cursor = bench_cursor_start(&work, 1, 0, 1);
    cursor.watch = watch;
    for (unsigned i = 0; bench_cursor_next(&cursor); i++)
        now_ns += i == STALLED ? 50 * MS : MS / 10;
    bench_workload_free(&work);
}

static uint64_t count_above(const struct bench_histogram *histogram, uint64_t value)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        uint64_t low, high, count;
        bench_histogram_bucket(histogram, i, &low, &high, &count);
        sum += low > value ? count : 0;
    }
    return sum;
}

static struct bench_histogram seen;

TEST(closed_loop_sees_a_stall_once)
{
    use_fake_clock();
    bench_histogram_reset(&seen);
    struct bench_watch watch = {.append = &seen};
    append_all(&watch);
    CHECK_UINT(seen.count, RECORDS);
    CHECK_UINT(watch.returned, RECORDS);
    CHECK_UINT(seen.most, 50 * MS);
    CHECK_UINT(count_above(&seen, MS), 1);
}

/* 1000 a second are due. Number 101 is due 1 ms after the one that stalls and returns 49.1 ms after that; each one after
 * catches up 0.9 ms: 54 of them, and the one that stalled, are more than 1 ms late. */
TEST(open_loop_sees_all_that_a_stall_held_up)
{
    use_fake_clock();
    bench_histogram_reset(&seen);
    struct bench_arrival arrival = bench_arrival_make(1000, false, 0, 1, 1);
    struct bench_watch watch = {.append = &seen, .arrival = &arrival};
    append_all(&watch);
    CHECK_UINT(seen.count, RECORDS);
    CHECK_UINT(seen.most, 50 * MS);
    CHECK_UINT(count_above(&seen, MS), 55);
    CHECK_UINT(seen.least, MS / 10);
    /* As many were due as appended, at the times they were due. */
    CHECK_INT(now_ns, 5 * MS + (int64_t)(RECORDS - 1) * MS + MS / 10);
}

TEST(arrivals_are_even_and_out_of_step)
{
    for (unsigned thread = 0; thread < 4; thread++) {
        struct bench_arrival a = bench_arrival_make(1000, false, thread, 4, 7);
        CHECK_UINT(bench_arrival_next(&a, 10 * MS), 10 * MS + thread * MS / 4);
        CHECK_UINT(bench_arrival_next(&a, 99 * MS), 11 * MS + thread * MS / 4);
        CHECK_UINT(bench_arrival_next(&a, 0), 12 * MS + thread * MS / 4);
    }
}

/* Exponential distances: mean and standard deviation are both the interval, and a share of 1/e is longer than it. */
TEST(arrivals_of_chance)
{
    enum { MANY = 200000 };
    struct bench_arrival a = bench_arrival_make(1000, true, 0, 1, 3);
    uint64_t last = bench_arrival_next(&a, MS);
    double sum = 0, squares = 0, longer = 0;
    for (int i = 0; i < MANY; i++) {
        uint64_t next = bench_arrival_next(&a, MS);
        double distance = (double)(next - last) / MS;
        last = next;
        sum += distance;
        squares += distance * distance;
        longer += distance > 1;
    }
    double mean = sum / MANY;
    CHECK(fabs(mean - 1) < 0.01);
    CHECK(fabs(sqrt(squares / MANY - mean * mean) - 1) < 0.02);
    CHECK(fabs(longer / MANY - exp(-1)) < 0.005);
    struct bench_arrival same = bench_arrival_make(1000, true, 0, 1, 3),
                         other = bench_arrival_make(1000, true, 1, 2, 3);
    bench_arrival_next(&same, MS);
    bench_arrival_next(&other, MS);
    struct bench_arrival again = bench_arrival_make(1000, true, 0, 1, 3);
    bench_arrival_next(&again, MS);
    uint64_t first = bench_arrival_next(&same, MS);
    CHECK_UINT(bench_arrival_next(&again, MS), first);
    CHECK(bench_arrival_next(&other, MS) != first);
}

/* Ten per cent more than it took, busy all the while. */
TEST(handicap)
{
    use_fake_clock();
    look_ns = 10;
    struct bench_watch watch = {.handicap = 10};
    uint64_t begun = now_ns;
    append_all(&watch);
    double took = (double)(now_ns - begun) / MS, without = 50 + (RECORDS - 1) * 0.1;
    CHECK(fabs(took / without - 1.1) < 0.001);
    CHECK_UINT(watch.returned, RECORDS);
}

/* A machine that keeps up rates below its limit, and counts how often it is asked. */
struct machine {
    double limit;
    unsigned asked;
    int broken; /* what it answers instead */
};

static int try_machine(void *context, double rate, bool *kept)
{
    struct machine *machine = context;
    machine->asked++;
    *kept = rate < machine->limit;
    return machine->broken;
}

TEST(max_rate_search)
{
    static const double limits[] = {101, 1234, 56789, 1e6, 3.3e7, 9e8}, starts[] = {100, 5000, 1e6};
    for (unsigned l = 0; l < sizeof limits / sizeof limits[0]; l++)
        for (unsigned s = 0; s < sizeof starts / sizeof starts[0]; s++) {
            struct machine machine = {.limit = limits[l]};
            double rate = -1;
            REQUIRE_INT(bench_max_rate_search(try_machine, &machine, starts[s], &rate), 0);
            if (!(rate < limits[l] && rate >= 0.97 * limits[l]))
                FAIL("from %g: found %g where %g is the limit", starts[s], rate, limits[l]);
            CHECK(machine.asked < 32);
        }
}

TEST(max_rate_search_ends)
{
    double rate = -1;
    struct machine slow = {.limit = 1}, fast = {.limit = 1e12}, broken = {.limit = 1000, .broken = -EIO};
    CHECK_INT(bench_max_rate_search(try_machine, &slow, 1e6, &rate), 0);
    CHECK(rate <= 0 && rate >= 0);
    CHECK_INT(bench_max_rate_search(try_machine, &fast, 1e6, &rate), 0);
    CHECK(rate >= 1e9);
    rate = -1;
    CHECK_INT(bench_max_rate_search(try_machine, &broken, 1e6, &rate), -EIO);
    CHECK(rate < 0);
}

TEST(slo)
{
    static const struct {
        const char *text;
        enum bench_quantile quantile;
        uint64_t below_ns;
    } good[] = {{"p99<2ms", BENCH_P99, 2 * MS},
                {"p99.99<1.5s", BENCH_P9999, 1500000000},
                {"max<100us", BENCH_MOST, 100000},
                {"p50<1ns", BENCH_P50, 1}};
    static const char *const bad[] = {"",        "p99",     "p99<",      "p99<2",    "p99<2m",
                                      "p98<2ms", "p99>2ms", "p99 <2ms",  "p99<2 ms", "p99<-2ms",
                                      "p99<0ms", "p99<2h",  "p99<1e3ms", "<2ms",     "p99<2msx",
                                      "p99<.s",  "p99<nan", "p99<infs",  "p999<2ms", "p99<9999s"};
    struct bench_slo slo = {BENCH_P90, 77};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bench_slo_parse(bad[i], &slo))
            FAIL("\"%s\" was understood", bad[i]);
    CHECK_UINT(slo.below_ns, 77);
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(bench_slo_parse(good[i].text, &slo));
        CHECK_INT(slo.quantile, good[i].quantile);
        CHECK_UINT(slo.below_ns, good[i].below_ns);
    }
    struct bench_quantiles q = {.count = 10, .of = {[BENCH_P50] = 1}};
    CHECK(!bench_slo_holds(&slo, &q));
    q.of[BENCH_P50] = 0;
    CHECK(bench_slo_holds(&slo, &q));
    q.count = 0;
    CHECK(!bench_slo_holds(&slo, &q));
}
