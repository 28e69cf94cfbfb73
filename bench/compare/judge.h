/* What changed from the old side to the new one, and what of it is more than chance.
 *
 * Every row of quire's is tested for every figure, with a two-sided U test of Mann and Whitney. What is tested is not
 * "is there any difference" but "is the difference beyond min_effect": the old values are moved by that much towards
 * the new ones first, because two processes of one program differ by a per cent or two whatever they run. The test is
 * made twice, of the figures as they are and of the figures beside the machine's pace (samples.h), and the larger of
 * the two probabilities counts. The machine's own rows are shown, not tested.
 *
 * All rows are one family of tests, corrected together by Holm's method. The geometric means over all rows, one for
 * each figure, are another. They share alpha, half each, so that whether anything changed at all can be seen in few
 * rounds, and alpha is the rate of false alarms of a whole comparison.
 *
 * How much rows may differ between two runs that did not change is seen on the machine's: how far each moved otherwise
 * than the median of those of its workload. A row must be beyond the median of that too, and a mean, which is steadier
 * than any row and would find the slightest of it, beyond the greatest.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_JUDGE_H
#define BENCH_JUDGE_H

#include "compare/samples.h"

enum bench_against {
    BENCH_AGAINST_MACHINE, /* as they are, and beside the machine where that is known */
    BENCH_AGAINST_NONE,    /* as they are; the machine's rows are tested like all others */
    BENCH_AGAINST_ROW      /* beside one row, and the figures that are shown are multiples of that row's */
};

struct bench_judge_settings {
    double alpha;      /* above 0, below 1 */
    double min_effect; /* 0.02: changes up to 2 % are none; from 0, below 1 */
    bool correct;      /* for the number of tests */
    enum bench_against against;
    const char *relative_to;     /* the row of BENCH_AGAINST_ROW */
    bool figures[BENCH_FIGURES]; /* which to compare */
};

enum bench_change_verdict {
    BENCH_UNTESTED, /* the machine's row, or the one that the others are put beside */
    BENCH_SAME,     /* nothing beyond min_effect and chance */
    BENCH_MACHINE,  /* a change, but not beside the machine: other rows moved alike */
    BENCH_BETTER,
    BENCH_WORSE
};

/* One figure of one row, or of the mean over all rows. */
struct bench_change {
    const struct bench_pair *pair; /* NULL: the mean */
    unsigned figure;
    size_t rows;               /* of the mean */
    size_t count[BENCH_SIDES]; /* values of each side */
    double median[BENCH_SIDES];
    double change;      /* new / old - 1: of the medians; for the mean, of the geometric mean of rows; NAN: old is 0 */
    double effect;      /* the least one that it was tested for: min_effect or more */
    double plain;       /* probability of such values were there no change, alone and uncorrected */
    double beyond;      /* were the change not beyond min_effect */
    double beside;      /* the same beside the machine; NAN where that is not known */
    double probability; /* of those that count the largest, corrected: compare it with alpha */
    enum bench_change_verdict verdict;
};

struct bench_comparison {
    struct bench_judge_settings settings;
    struct bench_change *changes; /* figure by figure, in the order of the pairs */
    size_t count;
    struct bench_change *means; /* one for each figure of two or more rows that were tested */
    size_t mean_count;
    size_t tests; /* among changes */
    size_t found; /* better or worse, means included */
    /* Whether the values are too few for any row, or any mean, to reach alpha; and how many are needed of each side. */
    bool rows_hopeless, means_hopeless;
    size_t values_needed;
};

/* 0 or -ENOMEM. The comparison refers to match and reports. */
int bench_judge_changes(struct bench_comparison *comparison, const struct bench_reports *reports,
                        const struct bench_match *match, const struct bench_judge_settings *settings);
void bench_comparison_free(struct bench_comparison *comparison);

/* "better", "worse", "machine", "~" or "". */
const char *bench_change_word(enum bench_change_verdict verdict);

#endif
