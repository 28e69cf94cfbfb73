/* The instrument's own reckoning: numbers as people write them, medians, verdicts.
 *
 * SPDX-License-Identifier: MIT */
#include "base/number.h"
#include "base/statistics.h"
#include "harness.h"

TEST(bench_sizes)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        {"0", 0}, {"1", 1}, {"128", 128}, {"4K", 4096}, {"4k", 4096}, {"1M", 1 << 20}, {"2G", UINT64_C(2) << 30}};
    static const char *const bad[] = {"",
                                      "K",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.5K",
                                      "1KK",
                                      "1T",
                                      "0x10",
                                      "1e3",
                                      "99999999999999999999",
                                      "18446744073709551615K"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint64_t bytes = 77;
        CHECK(bench_parse_size(good[i].text, &bytes));
        CHECK_UINT(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t bytes = 77;
        if (bench_parse_size(bad[i], &bytes))
            FAIL("\"%s\" was taken for %" PRIu64, bad[i], bytes);
        CHECK_UINT(bytes, 77);
    }
}

TEST(bench_counts)
{
    uint64_t count = 77;
    CHECK(bench_parse_count("100K", &count));
    CHECK_UINT(count, 100000);
    CHECK(bench_parse_count("3M", &count));
    CHECK_UINT(count, 3000000);
    CHECK(!bench_parse_count("3MB", &count));
    CHECK_UINT(count, 3000000);
}

TEST(bench_workloads)
{
    struct bench_size sizes[4];
    size_t count = 77;
    CHECK(bench_parse_workloads("128x100K,1Kx50K,8Kx10K", sizes, 4, &count));
    CHECK_UINT(count, 3);
    CHECK_UINT(sizes[1].record_bytes, 1024);
    CHECK_UINT(sizes[1].records, 50000);
    static const char *const bad[] = {"",      "x",    "1x",          "x1",    "0x1",  "1x0",
                                      "1x1,",  ",1x1", "1x1,,1x1",    "17Mx1", "1x1 ", "1 x1",
                                      "1x1x1", "1,1",  "16Mx1000000", "1*1",   "1x-1", "1x1;1x1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (bench_parse_workloads(bad[i], sizes, 4, &count))
            FAIL("\"%s\" was understood", bad[i]);
        CHECK_UINT(count, 3);
    }
    CHECK(!bench_parse_workloads("1x1,1x1,1x1,1x1,1x1", sizes, 4, &count));
    CHECK_UINT(count, 3);
}

TEST(bench_numbers_as_text)
{
    char text[BENCH_NUMBER_TEXT];
    CHECK_STR(bench_size_name(1 << 20, text), "1M");
    CHECK_STR(bench_size_name(1000, text), "1000");
    CHECK_STR(bench_size_text(128, text), "128 B");
    CHECK_STR(bench_size_text(65536, text), "64 KiB");
    CHECK_STR(bench_count_text(100000, text), "100K");
    CHECK_STR(bench_count_text(1500, text), "1500");
    CHECK_STR(bench_grouped(1966755.4, text), "1,966,755");
    CHECK_STR(bench_grouped(999, text), "999");
    CHECK_STR(bench_grouped(1000, text), "1,000");
    CHECK_STR(bench_grouped(0, text), "0");
}

TEST(bench_durations)
{
    char text[BENCH_NUMBER_TEXT];
    CHECK_STR(bench_duration_text(0.00721, text), "7.21 ms");
    CHECK_STR(bench_duration_text(25e-9, text), "25.0 ns");
    CHECK_STR(bench_duration_text(123, text), "123 s");
    CHECK_STR(bench_duration_text(0.9996e-3, text), "1.00 ms");
    CHECK_STR(bench_duration_text(0.999e-3, text), "999 us");
    CHECK_STR(bench_duration_text(9.996e-3, text), "10.0 ms");
    CHECK_STR(bench_duration_text(0, text), "0.00 ns");
    double seconds = 77;
    static const char *const bad[] = {"", "5", "ms", "5 ms", "-5ms", "5m", "5msx", "0x5ms", "1e3ms", ".ms", "nans"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bench_parse_duration(bad[i], &seconds))
            FAIL("\"%s\" was understood", bad[i]);
    CHECK_INT(seconds, 77);
    CHECK(bench_parse_duration("2.5ms", &seconds));
    CHECK_INT(seconds * 1e6 + 0.5, 2500);
}

static int64_t thousandths(double value)
{
    return (int64_t)(value * 1000 + 0.5);
}

TEST(bench_medians)
{
    CHECK_INT(thousandths(bench_median((double[]){5}, 1)), 5000);
    CHECK_INT(thousandths(bench_median((double[]){9, 1, 5}, 3)), 5000);
    CHECK_INT(thousandths(bench_median((double[]){4, 1, 3, 2}, 4)), 2500);
    CHECK_INT(thousandths(bench_median((double[]){1, 1, 1000, 1, 1}, 5)), 1000); /* one stall does not own it */
    struct bench_spread spread = bench_spread_of((double[]){3, 9, 1, 5, 4}, 5);
    CHECK_INT(thousandths(spread.median), 4000);
    CHECK_INT(thousandths(spread.min), 1000);
    CHECK_INT(thousandths(spread.max), 9000);
}

/* The probabilities are sums of binomial coefficients over a power of two, reckoned by hand. */
static const struct interval {
    const char *name;
    size_t count;
    double level, low, high, reached;
} intervals[] = {
    {"one", 1, 0.95, 1, 1, 0},
    {"two", 2, 0.95, 1, 2, 0.5},
    {"three", 3, 0.95, 1, 3, 0.75},
    {"five", 5, 0.95, 1, 5, 0.9375},
    {"five-as-asked", 5, 0.9375, 1, 5, 0.9375},
    {"five-less", 5, 0.6, 2, 4, 0.625},
    {"six", 6, 0.95, 1, 6, 0.96875},
    {"nine", 9, 0.95, 2, 8, 0.9609375},
    {"nine-more", 9, 0.99, 1, 9, 0.99609375},
    {"ten", 10, 0.95, 2, 9, 0.978515625},
    {"even-middle", 4, 0.3, 2, 3, 0.375},
    {"odd-middle", 5, 1e-9, 2, 4, 0.625},
    {"seventeen", 17, 0.95, 5, 13, 0.950958251953125},
    {"twenty", 20, 0.95, 6, 15, 0.9586105346679688},
    {"hundred", 100, 0.95, 40, 61, 0.9647997997822952},
    {"thousands", 3000, 0.95, 1446, 1555, 0.9534335506179172},
};

TEST_EACH(bench_intervals, struct interval, intervals)
{
    static double values[3000];
    double low = 0, high = 0, reached = 0;
    for (size_t i = 0; i < it->count; i++)
        values[i] = (double)(it->count - i); /* the last shall be first */
    bench_confidence(values, it->count, it->level, &low, &high, &reached);
    CHECK_INT(thousandths(low), thousandths(it->low));
    CHECK_INT(thousandths(high), thousandths(it->high));
    if (!(reached > it->reached - 1e-9 && reached < it->reached + 1e-9))
        FAIL("%zu values: %.12g, not %.12g", it->count, reached, it->reached);
}

TEST(bench_verdicts)
{
    struct bench_spread high = {1.2, 1.1, 1.3, 3}, wide = {0.9, 0.7, 1.3, 3}, low = {0.5, 0.4, 0.6, 3};
    CHECK_INT(bench_judge(high, true, 1.0), BENCH_HOLDS);
    CHECK_INT(bench_judge(wide, true, 1.0), BENCH_UNDECIDED);
    CHECK_INT(bench_judge(low, true, 1.0), BENCH_MISSES);
    CHECK_INT(bench_judge(low, false, 1.0), BENCH_HOLDS);
    CHECK_INT(bench_judge(high, false, 1.0), BENCH_MISSES);
    CHECK_INT(bench_judge((struct bench_spread){1.1, 0.9, 1.3, 3}, false, 1.0), BENCH_UNDECIDED);
    /* Two rounds that agree may both be wrong. */
    CHECK_INT(bench_judge((struct bench_spread){1.2, 1.1, 1.3, 2}, true, 1.0), BENCH_UNDECIDED);
    CHECK_INT(bench_judge((struct bench_spread){0.5, 0.5, 0.5, 1}, true, 1.0), BENCH_UNDECIDED);
}
