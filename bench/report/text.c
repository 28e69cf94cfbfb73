/* The report for people: what was measured on, tables for each workload, ratios, recommendations, warnings.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <quire/version.h>

#include "report/text_table.h"
#include "report/words.h"

void bench_text_header(const struct bench_paper *paper, const struct bench_report *report)
{
    struct bench_fact facts[BENCH_FACTS_MOST];
    unsigned count = bench_words_facts(report, facts);
    fprintf(paper->out, "quire %s bench, %s\n\n", quire_version(), report->environment.date);
    for (unsigned i = 0; i < count; i++) {
        char label[16];
        snprintf(label, sizeof label, "%-12s", facts[i].label);
        bench_paper_wrapped(paper, label, facts[i].text);
    }
}

static void print_speed(const struct bench_paper *paper, const struct bench_table *table,
                        const struct bench_lines *lines)
{
    char text[BENCH_SENTENCE];
    fprintf(paper->out, "\n=== %s ===\n", bench_words_workload(table, text));
    fprintf(paper->out, "%s\n\n", bench_words_medians(table, lines, text));
    bench_text_table(paper, table, lines, bench_columns_speed(), "mib_per_s");
    for (unsigned i = 0; bench_words_note(table, lines, i, text); i++)
        bench_paper_wrapped(paper, "", text);
}

static void print_monitor(const struct bench_paper *paper, const struct bench_table *table,
                          const struct bench_lines *lines)
{
    fputc('\n', paper->out);
    bench_paper_wrapped(paper, "", bench_words_monitor());
    fputc('\n', paper->out);
    bench_text_table(paper, table, lines, bench_columns_monitor(), NULL);
}

static void print_perf(const struct bench_paper *paper, const struct bench_table *table,
                       const struct bench_lines *lines)
{
    char text[BENCH_SENTENCE];
    fputc('\n', paper->out);
    bench_paper_wrapped(paper, "", bench_words_perf(table, lines, text));
    fputc('\n', paper->out);
    bench_text_table(paper, table, lines, bench_columns_perf(), NULL);
}

static void print_latency(const struct bench_paper *paper, const struct bench_table *table,
                          const struct bench_lines *lines)
{
    for (unsigned moment = 0; moment < BENCH_MOMENTS; moment++) {
        struct bench_columns columns = bench_columns_latency(moment);
        char text[BENCH_SENTENCE];
        if (!bench_column_used(&columns.column[BENCH_MOST], table, lines))
            continue;
        fprintf(paper->out, "\n%s\n\n", bench_words_moment(table, moment, text));
        bench_text_table(paper, table, lines, columns, NULL);
    }
}

static void print_ratio(const struct bench_paper *paper, const struct bench_ratio *r)
{
    char aim[BENCH_NUMBER_TEXT] = "", value[64];
    if (r->has_target)
        snprintf(aim, sizeof aim, "  %s %.2f", r->at_least ? ">=" : "<=", r->target);
    snprintf(value, sizeof value, "%6.2f  (%.2f .. %.2f)", r->value.median, r->value.min, r->value.max);
    if (paper->width < BENCH_PAPER_WIDTH)
        fprintf(paper->out, "  %s\n    ", r->label);
    else
        fprintf(paper->out, "  %-74s ", r->label);
    fprintf(paper->out, "%s%s%s%s\n", value, aim, r->has_target ? "  " : "", bench_ratio_verdict(r));
}

static void print_ratios(const struct bench_paper *paper, const struct bench_ratios *ratios)
{
    if (ratios->count)
        fprintf(paper->out, "\nRatios, paired within each round\n");
    for (unsigned i = 0; i < ratios->count; i++)
        print_ratio(paper, &ratios->ratio[i]);
}

void bench_text_chapter(const struct bench_paper *paper, const struct bench_report *report,
                        const struct bench_chapter *chapter)
{
    const struct bench_table *table = &chapter->table;
    struct bench_lines lines;
    bench_lines_of(table, &lines);
    print_speed(paper, table, &lines);
    if (report->settings->monitor)
        print_monitor(paper, table, &lines);
    if (table->terms.perf)
        print_perf(paper, table, &lines);
    print_latency(paper, table, &lines);
    print_ratios(paper, &chapter->ratios);
    if (chapter->advice.count)
        fprintf(paper->out, "\nRecommendations, from these figures\n");
    for (unsigned i = 0; i < chapter->advice.count; i++)
        bench_paper_wrapped(paper, "  - ", chapter->advice.line[i]);
    for (unsigned i = 0; i < chapter->warnings.count; i++) {
        const struct bench_warning *w = &chapter->warnings.warning[i];
        char text[sizeof w->cause + sizeof w->remedy + 1];
        snprintf(text, sizeof text, "%s %s", w->cause, w->remedy);
        if (i == 0)
            fputc('\n', paper->out);
        bench_paper_wrapped(paper, i ? "         " : "Warning: ", text);
    }
}

void bench_text_staging(const struct bench_paper *paper, const struct bench_report *report)
{
    FILE *out = paper->out;
    for (size_t i = 0; i < report->staging_count; i++) {
        const struct bench_staging *staging = &report->staging[i];
        char text[BENCH_SENTENCE];
        fprintf(out, "\n=== %s ===\n", bench_words_staging(staging, text));
        for (unsigned stage = 0; stage < BENCH_STAGES; stage++) {
            struct bench_spread cost = bench_staging_cost(staging, stage);
            fprintf(out, "%-29s %9.2f ns   %.2f .. %.2f\n", bench_stage_name(stage), cost.median, cost.min, cost.max);
        }
        struct bench_ratios ratios = {.count = 0};
        bench_ratios_of_staging(&ratios, staging);
        print_ratios(paper, &ratios);
    }
}
