/* Samples of a figure. See samples.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/samples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/statistics.h"

static size_t rounds_of_side(const struct bench_pair *pair, const struct bench_reports *reports, enum bench_side side)
{
    size_t rounds = 0;
    for (size_t i = 0; i < reports->count[side]; i++)
        rounds += pair->row[side][i]->rounds;
    return rounds;
}

int bench_sampler_make(struct bench_sampler *sampler, const struct bench_reports *reports,
                       const struct bench_match *match, const char *beside)
{
    *sampler = (struct bench_sampler){.reports = reports, .match = match, .beside = beside};
    sampler->room = 1;
    for (size_t i = 0; i < match->count; i++)
        for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++) {
            size_t rounds = rounds_of_side(&match->pairs[i], reports, side);
            sampler->room = rounds > sampler->room ? rounds : sampler->room;
        }
    size_t scratch = 2 * sampler->room > match->count ? 2 * sampler->room : match->count;
    sampler->yardsticks = calloc(match->count + 1, sizeof *sampler->yardsticks);
    sampler->scratch = calloc(scratch, sizeof(double));
    sampler->pace[BENCH_OLD] = calloc(sampler->room, sizeof(double));
    sampler->pace[BENCH_NEW] = calloc(sampler->room, sizeof(double));
    if (sampler->yardsticks && sampler->scratch && sampler->pace[BENCH_OLD] && sampler->pace[BENCH_NEW])
        return 0;
    bench_sampler_free(sampler);
    return -ENOMEM;
}

void bench_sampler_free(struct bench_sampler *sampler)
{
    free(sampler->yardsticks);
    free(sampler->scratch);
    free(sampler->pace[BENCH_OLD]);
    free(sampler->pace[BENCH_NEW]);
}

static double figure_at(const struct bench_document_row *row, unsigned figure, size_t round)
{
    return row->figures[round * BENCH_FIGURES + figure];
}

static bool same_workload(const struct bench_document_row *a, const struct bench_document_row *b)
{
    return a->record_bytes == b->record_bytes && a->records == b->records;
}

/* The median over all rounds of both sides; 0 or less where the row is of no use as a yardstick. */
static double yardstick(const struct bench_sampler *sampler, const struct bench_pair *pair, unsigned figure)
{
    size_t count = 0;
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < sampler->reports->count[side]; i++) {
            const struct bench_document_row *row = pair->row[side][i];
            for (size_t round = 0; round < row->rounds; round++) {
                double value = figure_at(row, figure, round);
                if (!(value > 0))
                    return 0;
                sampler->scratch[count++] = value;
            }
        }
    return bench_median(sampler->scratch, count);
}

/* Rows whose rounds are not those of `of` could not be put beside it, round by round. */
static bool same_rounds(const struct bench_reports *reports, const struct bench_pair *pair, const struct bench_pair *of)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < reports->count[side]; i++)
            if (pair->row[side][i]->rounds != of->row[side][i]->rounds)
                return false;
    return true;
}

/* The yardsticks of a workload; how many. */
static size_t find_yardsticks(struct bench_sampler *sampler, const struct bench_pair *of, unsigned figure)
{
    size_t count = 0;
    for (size_t i = 0; i < sampler->match->count; i++) {
        const struct bench_pair *pair = &sampler->match->pairs[i];
        const struct bench_document_row *row = pair->row[BENCH_OLD][0];
        if (!row->machine || !same_workload(row, of->row[BENCH_OLD][0]) || !same_rounds(sampler->reports, pair, of))
            continue;
        struct bench_yardstick found = {pair, yardstick(sampler, pair, figure)};
        if (found.median > 0)
            sampler->yardsticks[count++] = found;
    }
    return count;
}

static void measure_pace(struct bench_sampler *sampler, const struct bench_pair *of, unsigned figure)
{
    size_t count = find_yardsticks(sampler, of, figure);
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES && count; side++) {
        size_t value = 0;
        for (size_t i = 0; i < sampler->reports->count[side]; i++)
            for (size_t round = 0; round < of->row[side][i]->rounds; round++) {
                for (size_t y = 0; y < count; y++) {
                    const struct bench_yardstick *known = &sampler->yardsticks[y];
                    sampler->scratch[y] = figure_at(known->pair->row[side][i], figure, round) / known->median;
                }
                sampler->pace[side][value++] = bench_median(sampler->scratch, count);
            }
    }
    sampler->has_pace = count > 0;
}

static bool know_pace(struct bench_sampler *sampler, const struct bench_pair *pair, unsigned figure)
{
    const struct bench_pair *known = sampler->pace_of;
    if (!known || sampler->pace_figure != figure || !same_workload(pair->row[BENCH_OLD][0], known->row[BENCH_OLD][0]) ||
        !same_rounds(sampler->reports, pair, known)) {
        measure_pace(sampler, pair, figure);
        sampler->pace_of = pair;
        sampler->pace_figure = figure;
    }
    return sampler->has_pace;
}

/* By what each round's figure of one report is divided: NULL if it cannot be. */
static const struct bench_document_row *row_beside(const struct bench_sampler *sampler,
                                                   const struct bench_document *document,
                                                   const struct bench_document_row *row)
{
    const struct bench_document_row *beside =
        bench_document_find(document, sampler->beside, row->record_bytes, row->records);
    return beside && beside->rounds == row->rounds ? beside : NULL;
}

bool bench_sample_take(struct bench_sampler *sampler, const struct bench_pair *pair, unsigned figure,
                       enum bench_side side, enum bench_scale scale, double *values, size_t *count)
{
    const struct bench_reports *reports = sampler->reports;
    size_t taken = 0, files = reports->count[side], at = 0;
    if (scale == BENCH_BESIDE_MACHINE && !know_pace(sampler, pair, figure))
        return false;
    for (size_t i = 0; i < files; i++) {
        const struct bench_document_row *row = pair->row[side][i], *beside = row;
        if (scale == BENCH_BESIDE_ROW && !(beside = row_beside(sampler, &reports->document[side][i], row)))
            return false;
        for (size_t round = 0; round < row->rounds; round++, at++) {
            double by = scale == BENCH_BESIDE_ROW ? figure_at(beside, figure, round) : 1;
            by = scale == BENCH_BESIDE_MACHINE ? sampler->pace[side][at] : by;
            double value = figure_at(row, figure, round) / by;
            if (!isfinite(value))
                return false;
            values[taken + round] = value;
        }
        if (files > 1)
            values[taken] = bench_median(values + taken, row->rounds);
        taken += files > 1 ? 1 : row->rounds;
    }
    *count = taken;
    return true;
}
