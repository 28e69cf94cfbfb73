/* What `quire bench compare` calls a change: on simulated runs, of which it is known what changed.
 *
 * Every case makes its numbers from a seed of its own, so that a share of false alarms is the same in every run.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/judge.h"
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MOST = 32 };

ONE_THREAD;

/* SplitMix64, and from two of its numbers one of a normal distribution. */
static uint64_t state;

static double uniform(void)
{
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * 3.14159265358979323846 * uniform());
}

/* One comparison: so many rows of quire's and of the machine, so many rounds, log-normal noise. */
struct simulated {
    size_t rows, machine_rows, rounds, files;
    double noise;
    double drift;   /* of all rows of the new side: -0.05, 5 % slower */
    double weather; /* of all rows of one run, log-normal, from run to run */
    double scatter; /* of each row of the machine on the new side, log-normal */
    double change;  /* of the first row of the new side */
    double all;     /* of all rows of quire's on the new side */
};

static void fill_row(struct bench_document_row *row, const struct simulated *s, size_t index, bool new, double factor)
{
    double base = 100 + 10 * (double)index;
    factor *= new ? 1 + s->drift : 1;
    if (new &&index == 0)
        factor *= 1 + s->change;
    row->machine = index >= s->rows;
    if (new && row->machine)
        factor *= exp(s->scatter * normal());
    if (new && !row->machine)
        factor *= 1 + s->all;
    snprintf(row->name, sizeof row->name, row->machine ? "limit %zu" : "row %zu", index);
    snprintf(row->sync, sizeof row->sync, "%s", "end");
    row->record_bytes = 128, row->records = 1000, row->threads = 1, row->rounds = (unsigned)s->rounds;
    row->figures = malloc(s->rounds * BENCH_FIGURES * sizeof(double));
    REQUIRE(row->figures);
    for (size_t i = 0; i < s->rounds * BENCH_FIGURES; i++)
        row->figures[i] = NAN;
    for (size_t round = 0; round < s->rounds; round++)
        row->figures[round * BENCH_FIGURES + BENCH_FIGURE_RATE] = base * factor * exp(s->noise * normal());
}

static void make_reports(struct bench_reports *reports, const struct simulated *s)
{
    memset(reports, 0, sizeof *reports);
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++) {
        reports->count[side] = s->files;
        for (size_t file = 0; file < s->files; file++) {
            struct bench_document *document = &reports->document[side][file];
            document->path = side == BENCH_NEW ? "new" : "old";
            document->count = s->rows + s->machine_rows;
            document->rows = calloc(document->count, sizeof *document->rows);
            REQUIRE(document->rows);
            double weather = exp(s->weather * normal());
            for (size_t i = 0; i < document->count; i++)
                fill_row(&document->rows[i], s, i, side == BENCH_NEW, weather);
        }
    }
}

static void free_reports(struct bench_reports *reports)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t file = 0; file < reports->count[side]; file++)
            bench_document_free(&reports->document[side][file]);
}

static struct bench_judge_settings usual(void)
{
    return (struct bench_judge_settings){
        .alpha = 0.05, .min_effect = 0.01, .correct = true, .figures = {[BENCH_FIGURE_RATE] = true}};
}

/* What one simulated comparison came to. */
struct outcome {
    size_t found;                    /* better or worse, anything */
    enum bench_change_verdict first; /* of the first row */
    enum bench_change_verdict mean;
    bool rows_hopeless, means_hopeless;
    size_t needed;
};

static struct outcome compare(const struct simulated *s, const struct bench_judge_settings *settings)
{
    static struct bench_reports reports;
    struct bench_match match;
    struct bench_comparison comparison;
    make_reports(&reports, s);
    REQUIRE_INT(bench_match_make(&match, &reports), 0);
    REQUIRE_INT(bench_judge_changes(&comparison, &reports, &match, settings), 0);
    REQUIRE(comparison.count > 0);
    struct outcome outcome = {comparison.found,
                              comparison.changes[0].verdict,
                              comparison.mean_count ? comparison.means[0].verdict : BENCH_UNTESTED,
                              comparison.rows_hopeless,
                              comparison.means_hopeless,
                              comparison.values_needed};
    bench_comparison_free(&comparison);
    bench_match_free(&match);
    free_reports(&reports);
    return outcome;
}

/* How many of so many comparisons find anything; and how many call the first row so. */
struct counts {
    size_t alarms, first_worse, mean_worse, machine;
};

static struct counts repeat(size_t times, const struct simulated *s, const struct bench_judge_settings *settings)
{
    struct counts counts = {0};
    for (size_t i = 0; i < times; i++) {
        struct outcome outcome = compare(s, settings);
        counts.alarms += outcome.found > 0;
        counts.first_worse += outcome.first == BENCH_WORSE;
        counts.mean_worse += outcome.mean == BENCH_WORSE;
        counts.machine += outcome.first == BENCH_MACHINE;
    }
    printf("# of %zu: %zu found something, %zu the first row worse, %zu the mean, %zu the machine\n", times,
           counts.alarms, counts.first_worse, counts.mean_worse, counts.machine);
    return counts;
}

TEST(compare_twice_the_same)
{
    state = 1;
    struct simulated s = {.rows = 40, .rounds = 10, .files = 1, .noise = 0.1};
    struct bench_judge_settings settings = usual();
    CHECK(repeat(1000, &s, &settings).alarms <= 50);
    settings.min_effect = 0; /* the correction alone keeps it below alpha, and not by never finding anything */
    size_t alarms = repeat(1000, &s, &settings).alarms;
    CHECK(alarms <= 50 && alarms > 5);
    settings.correct = false;
    CHECK(repeat(50, &s, &settings).alarms > 30);
}

TEST(compare_one_row_slower)
{
    state = 2;
    struct simulated s = {.rows = 40, .rounds = 10, .files = 1, .noise = 0.03, .change = -0.1};
    struct bench_judge_settings settings = usual();
    struct counts alone = repeat(200, &s, &settings);
    CHECK(alone.first_worse >= 190);
    s.machine_rows = 6;
    struct counts beside = repeat(200, &s, &settings);
    CHECK(beside.first_worse >= 175);
    CHECK(beside.mean_worse <= 2);
}

/* What the whole machine did between the runs. */
TEST(compare_drift)
{
    state = 3;
    struct simulated s = {.rows = 40, .rounds = 10, .files = 1, .noise = 0.03, .drift = -0.05};
    struct bench_judge_settings settings = usual();
    /* With no row of the machine's to see it by, drift is taken for a change: the manual says so. */
    CHECK(repeat(100, &s, &settings).alarms >= 95);
    s.machine_rows = 6;
    struct counts beside = repeat(200, &s, &settings);
    CHECK(beside.alarms <= 10);
    CHECK(beside.machine > 20); /* it is seen, and called by its name */
    settings.against = BENCH_AGAINST_ROW, settings.relative_to = "limit 41";
    CHECK(repeat(200, &s, &settings).alarms <= 10);
    s.change = -0.15;
    CHECK(repeat(50, &s, &settings).first_worse >= 45); /* and what changed is still found */
    s.change = 0;
    settings.against = BENCH_AGAINST_NONE;
    CHECK(repeat(50, &s, &settings).alarms >= 48);
}

/* Where rows that did not change differ by 10 %, a change of 4 % is none, and the steadiest mean cannot show it. */
TEST(compare_machine_of_two_minds)
{
    state = 7;
    struct simulated s = {.rows = 20, .machine_rows = 6, .rounds = 10, .files = 1, .noise = 0.03, .all = -0.1};
    struct bench_judge_settings settings = usual();
    CHECK(repeat(100, &s, &settings).mean_worse >= 90);
    s.scatter = 0.1, s.all = -0.04;
    CHECK(repeat(100, &s, &settings).alarms <= 5);
}

/* Several runs of each side: it is runs that are counted, not rounds. */
TEST(compare_runs_in_turn)
{
    state = 4;
    struct simulated s = {.rows = 40, .rounds = 10, .files = 1, .noise = 0.03, .weather = 0.05};
    struct bench_judge_settings settings = usual();
    CHECK(repeat(40, &s, &settings).alarms >= 20);
    s.files = 10, s.rounds = 3;
    CHECK(repeat(100, &s, &settings).alarms <= 5);
    s.weather = 0.02, s.change = -0.15;
    CHECK(repeat(50, &s, &settings).first_worse >= 45);
}

/* Five rounds show nothing of 40 rows, and say so; but they show whether all of them together changed. */
TEST(compare_few_rounds)
{
    state = 5;
    struct simulated s = {.rows = 40, .rounds = 5, .files = 1, .noise = 0.03, .all = -0.1};
    struct bench_judge_settings settings = usual();
    struct outcome outcome = compare(&s, &settings);
    CHECK(outcome.rows_hopeless);
    CHECK(!outcome.means_hopeless);
    CHECK_UINT(outcome.needed, 7);
    struct counts slower = repeat(50, &s, &settings);
    CHECK(slower.mean_worse >= 48);
    CHECK_UINT(slower.first_worse, 0);
    s.rounds = outcome.needed;
    CHECK(!compare(&s, &settings).rows_hopeless);
    s.rounds = outcome.needed - 1;
    CHECK(compare(&s, &settings).rows_hopeless);
    s.rounds = 3;
    CHECK(compare(&s, &settings).means_hopeless);
    settings.correct = false; /* three rounds cannot show anything of one row either */
    outcome = compare(&s, &settings);
    CHECK(outcome.rows_hopeless);
    CHECK_UINT(outcome.needed, 4);
}

/* A change smaller than the least effect is none, however sure it is; a larger one is. */
TEST(compare_least_effect)
{
    state = 6;
    struct simulated s = {.rows = 2, .rounds = 20, .files = 1, .noise = 0.0001, .change = -0.009};
    struct bench_judge_settings settings = usual();
    CHECK_INT(compare(&s, &settings).first, BENCH_SAME);
    s.change = 0.009;
    CHECK_INT(compare(&s, &settings).first, BENCH_SAME);
    s.change = -0.011;
    CHECK_INT(compare(&s, &settings).first, BENCH_WORSE);
    s.change = 0.011;
    CHECK_INT(compare(&s, &settings).first, BENCH_BETTER);
    settings.min_effect = 0;
    s.change = -0.001;
    CHECK_INT(compare(&s, &settings).first, BENCH_WORSE);
}
