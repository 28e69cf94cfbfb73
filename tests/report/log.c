/* `quire bench log`: what it prints of made-up figures, and what it makes of them.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "golden.h"
#include "harness.h"
#include "log/subjects.h"
#include "report/report.h"

enum { ROUNDS = 5 };

/* Around a middle, up and down by some per cent, by no clock. */
static double value_of(double middle, unsigned round)
{
    static const int percent[ROUNDS] = {0, 3, -2, 40, -4};
    return middle * (1 + percent[round] / 100.0);
}

static struct bench_log_report made_up(void)
{
    static const double middle[BENCH_LOG_FIGURES] = {5.5e9, 3.1e9, 5e9,    9e9,   450e-6, 600e-6, 41e-6,  95e-6,
                                                     27e-6, 80e-6, 230e-9, 12e-6, 90e-6,  250e-9, 160e-6, 2.5e-3};
    struct bench_log_report report = {
        .environment = {.cpu = "Made-up CPU",
                        .cores = 4,
                        .kernel = "Linux 6.1.0 x86_64",
                        .directory = "/data",
                        .file_system = "ext4",
                        .mount_options = "rw,relatime",
                        .device = "/dev/vda",
                        .write_cache = "write back",
                        .scheduler = "none",
                        .load = 0.75,
                        .date = "2026-11-24T12:00:00Z"},
        .size = {1024, 200000},
        .data_bytes = 206000000,
        .rounds = ROUNDS,
        .segments = 1000,
        .follows = 1000,
        .paced = 50000,
        .rate = 50000,
        .rotations = 102,
        .rotation_waits = 1,
        .measured = {true, true, true, true},
    };
    for (unsigned f = 0; f < BENCH_LOG_FIGURES; f++)
        for (unsigned r = 0; r < ROUNDS; r++)
            report.value[f][r] = value_of(middle[f], (f + r) % ROUNDS);
    return report;
}

static void write_text(FILE *out, void *argument)
{
    bench_log_text(out, argument);
}

static void write_json(FILE *out, void *argument)
{
    CHECK_INT(bench_log_json(out, argument), 0);
}

TEST(log_text)
{
    struct bench_log_report report = made_up();
    check_golden("log.txt", write_text, &report);
}

TEST(log_json)
{
    struct bench_log_report report = made_up();
    if (!bench_json_available())
        SKIP("this build has no JSON");
    check_golden("log.json", write_json, &report);
}

/* One subject, and too few values for percentiles. */
TEST(log_little)
{
    struct bench_log_report report = made_up();
    report.rounds = 3;
    report.follows = 50;
    report.paced = 500;
    report.size.record_bytes = 100;
    report.environment.load = 0.1;
    report.measured[BENCH_LOG_READING] = report.measured[BENCH_LOG_OPENING] = false;
    check_golden("log-little.txt", write_text, &report);
}

TEST(log_verdicts)
{
    struct bench_log_report report = made_up();
    struct bench_log_ratio ratio;
    struct bench_spread value;
    CHECK_STR(bench_log_verdict(bench_log_spread(&report, BENCH_LOG_READ), bench_log_aim_of(&report, BENCH_LOG_READ)),
              "holds");
    for (unsigned r = 0; r < ROUNDS; r++)
        report.value[BENCH_LOG_FOLLOW_P99][r] = 101e-6;
    CHECK_STR(bench_log_verdict(bench_log_spread(&report, BENCH_LOG_FOLLOW_P99),
                                bench_log_aim_of(&report, BENCH_LOG_FOLLOW_P99)),
              "misses");
    REQUIRE(bench_log_ratio_at(&report, 3, &ratio, &value));
    CHECK_INT(ratio.above, BENCH_LOG_OPEN_MANY);
    CHECK_INT(ratio.below, BENCH_LOG_OPEN_FEW);
    /* Paired within each round. */
    double least = INFINITY, greatest = 0;
    for (unsigned r = 0; r < ROUNDS; r++) {
        double paired = report.value[ratio.above][r] / report.value[ratio.below][r];
        least = paired < least ? paired : least;
        greatest = paired > greatest ? paired : greatest;
    }
    CHECK(value.min == least && value.max == greatest);
    CHECK_STR(bench_log_verdict(value, ratio.aim), "holds");
    CHECK(bench_log_ratio_at(&report, BENCH_LOG_RATIOS - 1, &ratio, &value));
    CHECK(!bench_log_ratio_at(&report, BENCH_LOG_RATIOS, &ratio, &value));
    report.measured[BENCH_LOG_READING] = false;
    CHECK(bench_log_ratio_at(&report, 0, &ratio, &value));
    CHECK_INT(ratio.above, BENCH_LOG_OPEN_MANY);
}

TEST(log_choices)
{
    struct bench_log_settings settings = bench_log_settings_default();
    const char *culprit = NULL;
    CHECK(bench_log_choose(&settings, "follow,read", &culprit));
    CHECK(settings.chosen[BENCH_LOG_FOLLOWING] && settings.chosen[BENCH_LOG_READING]);
    CHECK(!settings.chosen[BENCH_LOG_OPENING] && !settings.chosen[BENCH_LOG_ROTATING]);
    static const char *const bad[] = {"", "read,", ",read", "reading", "read,,open", "rea"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (bench_log_choose(&settings, bad[i], &culprit))
            FAIL("\"%s\" was understood", bad[i]);
        CHECK(!settings.chosen[BENCH_LOG_OPENING]);
    }
}
