/* How a comparison was made, in sentences. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/report.h"

const char *bench_probability_text(double probability, char text[16])
{
    if (probability < 0.0001)
        snprintf(text, 16, "<0.0001");
    else
        snprintf(text, 16, "%.4f", probability);
    return text;
}

static void say_what_counts(FILE *out, const struct bench_comparison *comparison)
{
    const struct bench_judge_settings *settings = &comparison->settings;
    fprintf(
        out,
        "A change is called better or worse where p < %g: the two-sided Mann-Whitney U test that it is beyond %g %%",
        settings->alpha, 100 * settings->min_effect);
    if (settings->against == BENCH_AGAINST_MACHINE)
        fputs(" and what the machine's rows differ by, by itself and beside them in the same rounds", out);
    if (settings->correct)
        fprintf(out, ", corrected (Holm) for %zu tests%s.", comparison->tests,
                comparison->mean_count ? ", the means apart" : "");
    else
        fprintf(out, ", not corrected: of %zu tests about %.1f call chance a change.", comparison->tests,
                settings->alpha * (double)comparison->tests);
}

static void say_too_few(FILE *out, const struct bench_comparison *comparison, const char *what)
{
    const char *rows = comparison->means_hopeless || !comparison->mean_count ? "nothing here" : "no single row";
    fprintf(out, "Too few %s: %s can reach p < %g, whatever changed; that takes %zu %s of each side.", what, rows,
            comparison->settings.alpha, comparison->values_needed, what);
}

static bool any(const struct bench_comparison *comparison, enum bench_change_verdict verdict)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->changes[i].verdict == verdict)
            return true;
    return false;
}

void bench_compare_method(FILE *out, const struct bench_comparison *comparison, const struct bench_reports *reports,
                          const char *begin, const char *end)
{
    bool runs = reports->count[BENCH_OLD] > 1 && reports->count[BENCH_NEW] > 1;
    fputs(begin, out);
    fprintf(out, "%zu of %zu changes are more than chance.", comparison->found,
            comparison->tests + comparison->mean_count);
    fprintf(out, "%s%s", end, begin);
    say_what_counts(out, comparison);
    fputs(end, out);
    for (size_t i = 0; i < comparison->mean_count; i++)
        if (comparison->means[i].effect > comparison->settings.min_effect)
            fprintf(
                out, "%sThe mean of %s must be beyond %.1f %%: so far did a row of the machine go from the others.%s",
                begin, bench_figure_kind(comparison->means[i].figure)->title, 100 * comparison->means[i].effect, end);
    if (any(comparison, BENCH_UNTESTED))
        fprintf(
            out,
            "%sRows without p were not tested: the machine's, limits and peers, have none of quire's code in them%s.%s",
            begin,
            comparison->settings.against == BENCH_AGAINST_ROW ? ", and one row is what the others are put beside" : "",
            end);
    if (any(comparison, BENCH_MACHINE))
        fprintf(out, "%s\"machine\": a change, but not beside the machine's rows, which moved alike.%s", begin, end);
    if (comparison->rows_hopeless) {
        fputs(begin, out);
        say_too_few(out, comparison, runs ? "runs" : "rounds");
        fputs(end, out);
    }
}
