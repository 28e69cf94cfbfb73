/* Changes and their significance. See judge.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/judge.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/significance.h"
#include "base/statistics.h"

/* Both sides of one change, as samples. */
struct values {
    double *of[BENCH_SIDES];
    size_t count[BENCH_SIDES];
};

/* Old values times 1 minus a least effect of 1 would all be 0. */
static const double effect_most = 0.9;

struct judge {
    struct bench_comparison *comparison;
    const struct bench_judge_settings *settings;
    const struct bench_reports *reports;
    const struct bench_match *match;
    struct bench_sampler sampler;
    struct values values, scaled;
    double *apart; /* room for one number of each row */
};

static int make_values(struct values *values, size_t room)
{
    values->of[BENCH_OLD] = calloc(room, sizeof(double));
    values->of[BENCH_NEW] = calloc(room, sizeof(double));
    return values->of[BENCH_OLD] && values->of[BENCH_NEW] ? 0 : -ENOMEM;
}

static void free_values(struct values *values)
{
    free(values->of[BENCH_OLD]);
    free(values->of[BENCH_NEW]);
}

static double median_of(const struct values *values, enum bench_side side, double *scratch)
{
    memcpy(scratch, values->of[side], values->count[side] * sizeof *scratch);
    return bench_median(scratch, values->count[side]);
}

static bool take(struct judge *judge, const struct bench_pair *pair, unsigned figure, enum bench_scale scale,
                 struct values *values)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        if (!bench_sample_take(&judge->sampler, pair, figure, side, scale, values->of[side], &values->count[side]))
            return false;
    return true;
}

static int test_plain(const struct values *values, double *probability)
{
    struct bench_difference difference;
    int rc = bench_mann_whitney(values->of[BENCH_OLD], values->count[BENCH_OLD], values->of[BENCH_NEW],
                                values->count[BENCH_NEW], &difference);
    if (rc == 0)
        *probability = difference.two_sided;
    return rc;
}

/* Is the change beyond the least effect, in the direction in which the medians went? Twice the one-sided probability,
 * since the other direction would have been looked at too. */
static int test_beyond(struct judge *judge, const struct values *values, double effect, double *probability)
{
    double old = median_of(values, BENCH_OLD, judge->scaled.of[BENCH_OLD]);
    bool up = median_of(values, BENCH_NEW, judge->scaled.of[BENCH_NEW]) > old;
    double factor = up ? 1 + effect : 1 - effect;
    for (size_t i = 0; i < values->count[BENCH_OLD]; i++)
        judge->scaled.of[BENCH_OLD][i] = values->of[BENCH_OLD][i] * factor;
    struct bench_difference difference;
    int rc = bench_mann_whitney(judge->scaled.of[BENCH_OLD], values->count[BENCH_OLD], values->of[BENCH_NEW],
                                values->count[BENCH_NEW], &difference);
    if (rc == 0)
        *probability = fmin(1, 2 * (up ? difference.greater : difference.less));
    return rc;
}

static enum bench_scale shown_scale(const struct judge *judge)
{
    return judge->settings->against == BENCH_AGAINST_ROW ? BENCH_BESIDE_ROW : BENCH_AS_IT_IS;
}

static void fill_medians(struct judge *judge, struct bench_change *change)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++) {
        change->count[side] = judge->values.count[side];
        change->median[side] = median_of(&judge->values, side, judge->scaled.of[side]);
    }
    double old = change->median[BENCH_OLD], new = change->median[BENCH_NEW];
    change->change = old > 0 ? new / old - 1 : old < new ? NAN : 0;
}

/* The tests of what is in judge->values; then, where it counts, of the same beside the machine, which take_beside puts
 * into judge->values. */
typedef bool take_values(struct judge *judge, const struct bench_change *change, enum bench_scale scale);

static int test(struct judge *judge, struct bench_change *change, take_values *take_beside)
{
    change->beside = NAN;
    int rc = test_plain(&judge->values, &change->plain);
    if (rc == 0)
        rc = test_beyond(judge, &judge->values, change->effect, &change->beyond);
    if (rc == 0 && judge->settings->against == BENCH_AGAINST_MACHINE &&
        take_beside(judge, change, BENCH_BESIDE_MACHINE))
        rc = test_beyond(judge, &judge->values, change->effect, &change->beside);
    return rc;
}

static bool take_row(struct judge *judge, const struct bench_change *change, enum bench_scale scale)
{
    return take(judge, change->pair, change->figure, scale, &judge->values);
}

static bool is_tested(const struct judge *judge, const struct bench_pair *pair)
{
    const struct bench_judge_settings *settings = judge->settings;
    const struct bench_document_row *row = pair->row[BENCH_OLD][0];
    if (settings->against == BENCH_AGAINST_ROW && strcmp(row->name, settings->relative_to) == 0)
        return false; /* a multiple of itself */
    return settings->against == BENCH_AGAINST_NONE || !row->machine;
}

static bool is_yardstick(const struct bench_change *change, const struct bench_change *of)
{
    const struct bench_document_row *row = change->pair->row[BENCH_OLD][0], *other = of->pair->row[BENCH_OLD][0];
    return row->machine && change->figure == of->figure && row->record_bytes == other->record_bytes &&
           row->records == other->records && change->change > -1;
}

/* How much this row of the machine moved otherwise than the median of those of its workload. */
static double disagreement(const struct judge *judge, const struct bench_change *change, double *scratch)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->comparison->count; i++)
        if (is_yardstick(&judge->comparison->changes[i], change))
            scratch[count++] = 1 + judge->comparison->changes[i].change;
    return count ? fabs((1 + change->change) / bench_median(scratch, count) - 1) : 0;
}

static bool same_workload(const struct bench_change *a, const struct bench_change *b)
{
    const struct bench_document_row *x = a->pair->row[BENCH_OLD][0], *y = b->pair->row[BENCH_OLD][0];
    return a->figure == b->figure && x->record_bytes == y->record_bytes && x->records == y->records;
}

/* The least effect of a row: the median of how far rows that did not change went from each other in its workload. */
static double effect_of_row(const struct judge *judge, const struct bench_change *of)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->comparison->count; i++)
        if (is_yardstick(&judge->comparison->changes[i], of))
            judge->apart[count++] = disagreement(judge, &judge->comparison->changes[i], judge->sampler.scratch);
    double effect = count ? bench_median(judge->apart, count) : 0;
    return effect < effect_most ? effect : effect_most;
}

/* Its medians; what is to be tested is counted. */
static void add_row(struct judge *judge, const struct bench_pair *pair, unsigned figure)
{
    struct bench_comparison *comparison = judge->comparison;
    struct bench_change *change = &comparison->changes[comparison->count];
    *change = (struct bench_change){.pair = pair, .figure = figure, .beside = NAN, .plain = 1, .beyond = 1};
    if (!take_row(judge, change, shown_scale(judge)))
        return;
    fill_medians(judge, change);
    comparison->count++;
    if (!is_tested(judge, pair))
        return;
    change->verdict = BENCH_SAME;
    comparison->tests++;
}

/* Once all rows of a workload are known, so that the machine's tell how far apart rows may be. */
static int test_rows(struct judge *judge)
{
    double effect = 0;
    const struct bench_change *before = NULL;
    int rc = 0;
    for (size_t i = 0; i < judge->comparison->count && rc == 0; i++) {
        struct bench_change *change = &judge->comparison->changes[i];
        if (change->verdict == BENCH_UNTESTED)
            continue;
        if (judge->settings->against == BENCH_AGAINST_MACHINE && (!before || !same_workload(before, change)))
            effect = effect_of_row(judge, change);
        before = change;
        change->effect = fmax(effect, judge->settings->min_effect);
        if (take_row(judge, change, shown_scale(judge)))
            rc = test(judge, change, take_row);
    }
    return rc;
}

/* The rows of the mean: those tested for the figure, with nothing that is 0 and as many values as the first of them. */
static bool in_mean(const struct bench_change *change, const struct bench_change *mean)
{
    return change->figure == mean->figure && change->verdict != BENCH_UNTESTED &&
           change->count[BENCH_OLD] == mean->count[BENCH_OLD] && change->count[BENCH_NEW] == mean->count[BENCH_NEW] &&
           change->median[BENCH_OLD] > 0 && change->median[BENCH_NEW] > 0;
}

static bool add_logarithms(struct values *sums, const struct values *values)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < values->count[side]; i++) {
            sums->of[side][i] += log(values->of[side][i]);
            if (!isfinite(sums->of[side][i]))
                return false;
        }
    return true;
}

static void take_means(const struct values *sums, size_t rows, struct values *values)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < values->count[side]; i++)
            values->of[side][i] = exp(sums->of[side][i] / (double)rows);
}

/* Each value: the geometric mean over the rows of what they had in that round (or run). */
static bool take_mean(struct judge *judge, const struct bench_change *mean, enum bench_scale scale)
{
    struct values sums = {.of = {NULL, NULL}};
    bool good = make_values(&sums, judge->sampler.room) == 0;
    for (size_t i = 0; i < judge->comparison->count && good; i++) {
        const struct bench_change *change = &judge->comparison->changes[i];
        if (in_mean(change, mean))
            good = take_row(judge, change, scale) && add_logarithms(&sums, &judge->values);
    }
    if (good)
        take_means(&sums, mean->rows, &judge->values);
    free_values(&sums);
    return good;
}

/* Of the ratios of the rows' medians. */
static double mean_change(const struct judge *judge, const struct bench_change *mean)
{
    double sum = 0;
    for (size_t i = 0; i < judge->comparison->count; i++) {
        const struct bench_change *change = &judge->comparison->changes[i];
        if (in_mean(change, mean))
            sum += log(change->median[BENCH_NEW] / change->median[BENCH_OLD]);
    }
    return exp(sum / (double)mean->rows) - 1;
}

/* The least effect of a mean: what rows that did not change differ by between these two sides. */
static double effect_of_mean(const struct judge *judge, unsigned figure, double *scratch)
{
    double effect = judge->settings->min_effect;
    for (size_t i = 0; i < judge->comparison->count && judge->settings->against == BENCH_AGAINST_MACHINE; i++) {
        const struct bench_change *change = &judge->comparison->changes[i];
        if (change->figure == figure && is_yardstick(change, change))
            effect = fmax(effect, disagreement(judge, change, scratch));
    }
    return effect < effect_most ? effect : fmax(effect_most, judge->settings->min_effect);
}

static int judge_mean(struct judge *judge, unsigned figure)
{
    struct bench_comparison *comparison = judge->comparison;
    struct bench_change mean = {.figure = figure, .beside = NAN, .plain = 1, .beyond = 1, .verdict = BENCH_SAME};
    for (size_t i = 0; i < comparison->count; i++) {
        const struct bench_change *change = &comparison->changes[i];
        if (mean.rows == 0 && change->figure == figure && change->verdict != BENCH_UNTESTED)
            memcpy(mean.count, change->count, sizeof mean.count);
        mean.rows += in_mean(change, &mean);
    }
    if (mean.rows < 2 || !take_mean(judge, &mean, shown_scale(judge)))
        return 0;
    fill_medians(judge, &mean);
    mean.change = mean_change(judge, &mean);
    mean.effect = effect_of_mean(judge, figure, judge->sampler.scratch);
    int rc = test(judge, &mean, take_mean);
    if (rc == 0)
        comparison->means[comparison->mean_count++] = mean;
    return rc;
}

/* Corrects one of the probabilities of all tested changes: which of them, get says. */
static int correct(struct bench_change *changes, size_t count, double weight, bool corrected,
                   double (*get)(const struct bench_change *change), double *results)
{
    size_t tests = 0;
    for (size_t i = 0; i < count; i++)
        if (changes[i].verdict != BENCH_UNTESTED)
            results[tests++] = get(&changes[i]);
    return corrected ? bench_holm(results, tests, weight) : 0;
}

static double of_change_itself(const struct bench_change *change)
{
    return change->beyond;
}

/* Both must hold, so the larger counts. */
static double of_change(const struct bench_change *change)
{
    return fmax(change->beyond, change->beside);
}

static enum bench_change_verdict decide(const struct bench_change *change, double itself, double alpha)
{
    bool more = change->median[BENCH_NEW] > change->median[BENCH_OLD];
    if (change->probability < alpha)
        return more == bench_figure_kind(change->figure)->more_is_better ? BENCH_BETTER : BENCH_WORSE;
    return itself < alpha ? BENCH_MACHINE : BENCH_SAME;
}

static int conclude(struct bench_comparison *comparison, struct bench_change *changes, size_t count, double weight)
{
    const struct bench_judge_settings *settings = &comparison->settings;
    double *all = calloc(count + 1, sizeof *all), *itself = calloc(count + 1, sizeof *itself);
    int rc = all && itself ? 0 : -ENOMEM;
    if (rc == 0)
        rc = correct(changes, count, weight, settings->correct, of_change, all);
    if (rc == 0)
        rc = correct(changes, count, weight, settings->correct, of_change_itself, itself);
    for (size_t i = 0, test = 0; i < count && rc == 0; i++) {
        if (changes[i].verdict == BENCH_UNTESTED)
            continue;
        changes[i].probability = all[test];
        changes[i].verdict = decide(&changes[i], itself[test], settings->alpha);
        comparison->found += changes[i].verdict == BENCH_BETTER || changes[i].verdict == BENCH_WORSE;
        test++;
    }
    free(all);
    free(itself);
    return rc;
}

/* Could any of them have reached alpha, were its values as far apart as can be? */
static bool hopeless(const struct bench_change *changes, size_t count, double tests, double alpha)
{
    size_t tested = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].verdict == BENCH_UNTESTED)
            continue;
        tested++;
        if (bench_least_probability(changes[i].count[BENCH_OLD], changes[i].count[BENCH_NEW]) * tests < alpha)
            return false;
    }
    return tested > 0;
}

static void judge_sizes(struct bench_comparison *comparison, double weight)
{
    const struct bench_judge_settings *settings = &comparison->settings;
    double rows = settings->correct ? weight * (double)comparison->tests : 1;
    double means = settings->correct ? weight * (double)comparison->mean_count : 1;
    comparison->rows_hopeless = hopeless(comparison->changes, comparison->count, rows, settings->alpha);
    comparison->means_hopeless = hopeless(comparison->means, comparison->mean_count, means, settings->alpha);
    comparison->values_needed = bench_values_needed(rows, settings->alpha);
}

static int judge_all(struct judge *judge)
{
    struct bench_comparison *comparison = judge->comparison;
    for (unsigned figure = 0; figure < BENCH_FIGURES; figure++)
        for (size_t i = 0; i < judge->match->count && judge->settings->figures[figure]; i++)
            add_row(judge, &judge->match->pairs[i], figure);
    int rc = test_rows(judge);
    for (unsigned figure = 0; figure < BENCH_FIGURES && rc == 0; figure++)
        if (judge->settings->figures[figure])
            rc = judge_mean(judge, figure);
    double weight = comparison->mean_count ? 2 : 1;
    judge_sizes(comparison, weight);
    if (rc == 0)
        rc = conclude(comparison, comparison->changes, comparison->count, weight);
    if (rc == 0)
        rc = conclude(comparison, comparison->means, comparison->mean_count, weight);
    return rc;
}

int bench_judge_changes(struct bench_comparison *comparison, const struct bench_reports *reports,
                        const struct bench_match *match, const struct bench_judge_settings *settings)
{
    struct judge judge = {.comparison = comparison, .settings = settings, .reports = reports, .match = match};
    *comparison = (struct bench_comparison){.settings = *settings};
    int rc = bench_sampler_make(&judge.sampler, reports, match, settings->relative_to);
    if (rc < 0)
        return rc;
    comparison->changes = calloc(match->count * BENCH_FIGURES + 1, sizeof *comparison->changes);
    comparison->means = calloc(BENCH_FIGURES, sizeof *comparison->means);
    judge.apart = calloc(match->count + 1, sizeof *judge.apart);
    rc = comparison->changes && comparison->means && judge.apart ? 0 : -ENOMEM;
    if (make_values(&judge.values, judge.sampler.room) < 0 || make_values(&judge.scaled, judge.sampler.room) < 0)
        rc = -ENOMEM;
    if (rc == 0)
        rc = judge_all(&judge);
    free(judge.apart);
    free_values(&judge.values);
    free_values(&judge.scaled);
    bench_sampler_free(&judge.sampler);
    if (rc < 0)
        bench_comparison_free(comparison);
    return rc;
}

void bench_comparison_free(struct bench_comparison *comparison)
{
    free(comparison->changes);
    free(comparison->means);
    *comparison = (struct bench_comparison){.changes = NULL};
}

const char *bench_change_word(enum bench_change_verdict verdict)
{
    static const char *const words[] = {"", "~", "machine", "better", "worse"};
    return words[verdict];
}
