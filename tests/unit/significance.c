/* Whether two samples differ: known probabilities, ties, the normal approximation, the correction for many tests.
 *
 * SPDX-License-Identifier: MIT */
#include "base/significance.h"
#include "harness.h"

#include <math.h>

static bool near(double is, double should, double by)
{
    return fabs(is - should) <= by;
}

#define CHECK_NEAR(is, should, by)                                 \
    do {                                                           \
        double is_ = (is), should_ = (should);                     \
        if (!near(is_, should_, by))                               \
            FAIL("%s is %.12g, and not %.12g", #is, is_, should_); \
    } while (0)

/* Exact ones counted by enumerating every way of dealing the values to two samples. */
static const struct known {
    const char *name;
    double first[12], second[12];
    size_t first_count, second_count;
    double greater, less, two_sided;
} knowns[] = {
    {"apart-3", {1, 2, 3}, {4, 5, 6}, 3, 3, 0.05, 1, 0.1},
    {"apart-3-down", {4, 5, 6}, {1, 2, 3}, 3, 3, 1, 0.05, 0.1},
    {"apart-5", {1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}, 5, 5, 1. / 252, 1, 2. / 252},
    {"apart-7", {1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11, 12, 13, 14}, 7, 7, 1. / 3432, 1, 2. / 3432},
    {"one-one", {1}, {2}, 1, 1, 0.5, 1, 1},
    {"uneven", {1, 2}, {3, 4, 5, 6}, 2, 4, 1. / 15, 1, 2. / 15},
    {"overlap", {1, 2, 4}, {3, 5, 6}, 3, 3, 0.1, 0.95, 0.2},
    {"same", {7, 7, 7}, {7, 7, 7}, 3, 3, 1, 1, 1},
    {"ties", {1, 1, 2, 3}, {2, 3, 3, 4}, 4, 4, 7. / 70, 69. / 70, 14. / 70},
    {"ties-two", {1, 1, 1, 2}, {2, 2, 2, 1}, 4, 4, 17. / 70, 69. / 70, 34. / 70},
    {"halves", {1, 2, 2}, {2, 3, 3}, 3, 3, 0.15, 1, 0.3},
};

TEST_EACH(significance_exact, struct known, knowns)
{
    struct bench_difference d;
    REQUIRE_INT(bench_mann_whitney(it->first, it->first_count, it->second, it->second_count, &d), 0);
    CHECK_NEAR(d.greater, it->greater, 1e-12);
    CHECK_NEAR(d.less, it->less, 1e-12);
    CHECK_NEAR(d.two_sided, it->two_sided, 1e-12);
}

/* first: 0 step 2 step ..., second: the same, shifted; each value `same` times. */
static struct bench_difference shifted(size_t count, size_t step, size_t shift, size_t same)
{
    double first[64], second[64];
    struct bench_difference d = {0};
    for (size_t i = 0; i < count; i++) {
        size_t group = i / same;
        first[i] = (double)(group * step);
        second[i] = first[i] + (double)shift;
    }
    REQUIRE_INT(bench_mann_whitney(first, count, second, count, &d), 0);
    return d;
}

/* The largest sizes that are exact, and the next: from sums reckoned elsewhere. */
TEST(significance_of_many)
{
    CHECK_NEAR(shifted(25, 3, 16, 1).greater, 0.008491108176753779, 1e-12);
    CHECK_NEAR(shifted(30, 3, 16, 1).greater, 0.01354315919414797, 1e-9);
    CHECK_NEAR(shifted(30, 3, 16, 1).less, 0.9869612613459606, 1e-9);
    CHECK_NEAR(shifted(30, 1, 2, 3).greater, 0.008252238506496536, 1e-9); /* with the correction for ties */
    CHECK_NEAR(shifted(40, 1, 0, 40).two_sided, 1, 0);                    /* all the same */
}

/* The order of a sample's values does not matter, nor what is added to all or multiplied with all. */
TEST(significance_of_order_alone)
{
    double first[8], second[8], again[8], same[8];
    for (int repeat = 0; repeat < 200; repeat++) {
        for (size_t i = 0; i < 8; i++) {
            first[i] = (double)harness_below(12);
            second[i] = (double)harness_below(12) + 2;
            again[7 - i] = 10 * first[i] + 7;
            same[7 - i] = 10 * second[i] + 7;
        }
        struct bench_difference a, b, mirrored;
        REQUIRE_INT(bench_mann_whitney(first, 8, second, 8, &a), 0);
        REQUIRE_INT(bench_mann_whitney(again, 8, same, 8, &b), 0);
        REQUIRE_INT(bench_mann_whitney(second, 8, first, 8, &mirrored), 0);
        CHECK_NEAR(a.greater, b.greater, 0);
        CHECK_NEAR(a.greater, mirrored.less, 1e-12);
        CHECK_NEAR(a.two_sided, mirrored.two_sided, 1e-12);
    }
}

TEST(significance_needs_values)
{
    CHECK_NEAR(bench_least_probability(3, 3), 0.1, 1e-12);
    CHECK_NEAR(bench_least_probability(5, 5), 2. / 252, 1e-12);
    CHECK_NEAR(bench_least_probability(9, 9), 2. / 48620, 1e-12);
    CHECK_NEAR(bench_least_probability(2, 4), 2. / 15, 1e-12);
    CHECK_NEAR(bench_least_probability(1, 1), 1, 0);
    CHECK_UINT(bench_values_needed(1, 0.05), 4);
    CHECK_UINT(bench_values_needed(40, 0.05), 7);
    CHECK_UINT(bench_values_needed(80, 0.05), 7);
    CHECK_UINT(bench_values_needed(160, 0.05), 8);
    double alpha = 1e-2;
    for (int power = 3; power < 18; power++) {
        alpha /= 10;
        size_t needed = bench_values_needed(3, alpha);
        CHECK(bench_least_probability(needed, needed) * 3 < alpha);
        CHECK(bench_least_probability(needed - 1, needed - 1) * 3 >= alpha);
    }
}

TEST(significance_corrected)
{
    double p[] = {0.04, 0.001, 0.03, 0.9};
    CHECK_INT(bench_holm(p, 4, 1), 0);
    CHECK_NEAR(p[1], 0.004, 1e-12);
    CHECK_NEAR(p[2], 0.09, 1e-12);
    CHECK_NEAR(p[0], 0.09, 1e-12); /* 0.08, but never below the one before it */
    CHECK_NEAR(p[3], 0.9, 1e-12);
    double half[] = {0.01, 0.6};
    CHECK_INT(bench_holm(half, 2, 2), 0);
    CHECK_NEAR(half[0], 0.04, 1e-12);
    CHECK_NEAR(half[1], 1, 1e-12);
    CHECK_INT(bench_holm(NULL, 0, 1), 0);
}
