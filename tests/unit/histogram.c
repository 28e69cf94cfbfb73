/* The instrument's histogram: where values are counted, and what percentiles answer.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/histogram.h"
#include "harness.h"

static struct bench_histogram h, other;

/* The bucket that counted the only value. */
static void check_alone(uint64_t value)
{
    bench_histogram_reset(&h);
    bench_histogram_add(&h, value);
    uint64_t low, high, count;
    size_t found = 0, at = 0;
    for (size_t i = 0; bench_histogram_bucket(&h, i, &low, &high, &count); i++)
        if (count) {
            found++;
            at = i;
        }
    REQUIRE_UINT(found, 1);
    REQUIRE(bench_histogram_bucket(&h, at, &low, &high, &count));
    CHECK_UINT(count, 1);
    if (value < low || value > high)
        FAIL("%" PRIu64 " was counted between %" PRIu64 " and %" PRIu64, value, low, high);
    CHECK_UINT(h.least, value);
    CHECK_UINT(h.most, value);
    CHECK_UINT(bench_histogram_percentile(&h, 0.5), value);
    if (value <= BENCH_HISTOGRAM_LONGEST && at + 1 < BENCH_HISTOGRAM_BUCKETS && value > 0 &&
        (double)(high - value) / (double)value >= BENCH_HISTOGRAM_ERROR)
        FAIL("%" PRIu64 " is taken for up to %" PRIu64, value, high);
}

TEST(histogram_powers_of_two)
{
    for (unsigned power = 0; power < 64; power++) {
        uint64_t value = UINT64_C(1) << power;
        check_alone(value - 1);
        check_alone(value);
        check_alone(value + 1);
    }
    check_alone(UINT64_MAX);
}

TEST(histogram_random_values)
{
    for (int i = 0; i < 2000; i++)
        check_alone(harness_random() >> harness_below(64));
}

TEST(histogram_buckets_leave_no_gap)
{
    uint64_t low, high = 0, count, next = 0;
    size_t i = 0;
    for (; bench_histogram_bucket(&h, i, &low, &high, &count); i++) {
        REQUIRE_UINT(low, next);
        REQUIRE(high >= low);
        next = high + 1;
    }
    CHECK_UINT(i, BENCH_HISTOGRAM_BUCKETS);
    CHECK_UINT(high, UINT64_MAX);
    uint64_t untouched = 77;
    CHECK(!bench_histogram_bucket(&h, i, &untouched, &untouched, &untouched));
    CHECK_UINT(untouched, 77);
}

TEST(histogram_empty)
{
    CHECK_UINT(bench_histogram_percentile(&h, 0), 0);
    CHECK_UINT(bench_histogram_percentile(&h, 0.5), 0);
    CHECK_UINT(bench_histogram_percentile(&h, 1), 0);
    CHECK_UINT(h.count, 0);
}

/* 1 to 100, each exact: percentiles are ranks. */
TEST(histogram_ranks)
{
    for (uint64_t value = 100; value > 0; value--)
        bench_histogram_add(&h, value);
    CHECK_UINT(bench_histogram_percentile(&h, 0), 1);
    CHECK_UINT(bench_histogram_percentile(&h, 0.001), 1);
    CHECK_UINT(bench_histogram_percentile(&h, 0.07), 7);
    CHECK_UINT(bench_histogram_percentile(&h, 0.5), 50);
    CHECK_UINT(bench_histogram_percentile(&h, 0.501), 51);
    CHECK_UINT(bench_histogram_percentile(&h, 0.99), 99);
    CHECK_UINT(bench_histogram_percentile(&h, 0.999), 100);
    CHECK_UINT(bench_histogram_percentile(&h, 1), 100);
    CHECK_UINT(h.least, 1);
}

TEST(histogram_known_percentiles)
{
    /* 990 of 1 us and 10 of 1 ms: the upper ends of [1000, 1003] and [999424, 1003519]. */
    for (int i = 0; i < 990; i++)
        bench_histogram_add(&h, 1000);
    for (int i = 0; i < 10; i++)
        bench_histogram_add(&h, 1000000);
    bench_histogram_add(&h, 5000000);
    CHECK_UINT(bench_histogram_percentile(&h, 0.5), 1003);
    CHECK_UINT(bench_histogram_percentile(&h, 0.98), 1003);
    CHECK_UINT(bench_histogram_percentile(&h, 0.995), 1003519);
    CHECK_UINT(bench_histogram_percentile(&h, 0.9999), 5000000);
}

TEST(histogram_longer_than_it_can_tell)
{
    uint64_t day = UINT64_C(86400) * 1000000000;
    bench_histogram_add(&h, 1);
    bench_histogram_add(&h, day);
    bench_histogram_add(&h, 2 * day);
    CHECK_UINT(h.count, 3);
    CHECK_UINT(h.bucket[BENCH_HISTOGRAM_BUCKETS - 1], 2);
    CHECK_UINT(h.most, 2 * day);
    /* Nothing is known but that it lies at or below the most. */
    CHECK_UINT(bench_histogram_percentile(&h, 0.6), 2 * day);
}

/* Two merged are one that saw both. */
TEST(histogram_merge)
{
    static struct bench_histogram both;
    bench_histogram_merge(&h, &other);
    CHECK_UINT(h.count, 0);
    CHECK_UINT(h.least, 0);
    for (int i = 0; i < 1000; i++) {
        uint64_t value = harness_random() >> harness_below(64);
        bench_histogram_add(i % 3 ? &h : &other, value);
        bench_histogram_add(&both, value);
    }
    bench_histogram_merge(&h, &other);
    CHECK_BYTES(&h, &both, sizeof h);
    bench_histogram_reset(&other);
    bench_histogram_merge(&other, &both);
    CHECK_BYTES(&other, &both, sizeof other);
}

TEST(histogram_merge_extremes)
{
    bench_histogram_add(&h, 20);
    bench_histogram_add(&other, 10);
    bench_histogram_merge(&h, &other);
    CHECK_UINT(h.least, 10);
    CHECK_UINT(h.most, 20);
    bench_histogram_reset(&other);
    bench_histogram_add(&other, 15);
    bench_histogram_merge(&h, &other);
    CHECK_UINT(h.least, 10);
    CHECK_UINT(h.most, 20);
    CHECK_UINT(bench_histogram_percentile(&h, 0.5), 15);
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Against sorting: never below the true value, above it by less than the bound. */
TEST(histogram_against_sorting)
{
    enum { VALUES = 5000 };
    static uint64_t value[VALUES];
    for (int i = 0; i < VALUES; i++) {
        value[i] = harness_random() >> (22 + harness_below(42));
        bench_histogram_add(&h, value[i]);
    }
    qsort(value, VALUES, sizeof value[0], by_value);
    for (unsigned rank = 1; rank <= VALUES; rank++) {
        uint64_t got = bench_histogram_percentile(&h, (double)rank / VALUES), truth = value[rank - 1];
        if (got < truth || (double)(got - truth) > BENCH_HISTOGRAM_ERROR * (double)truth)
            FAIL("rank %u is %" PRIu64 ", not %" PRIu64, rank, truth, got);
    }
}
