/* A comparison as CSV and as Markdown. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/csv.h"
#include "compare/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Nothing where there is no such number. */
static void print_cell(FILE *out, double value)
{
    if (isnan(value))
        fputc(',', out);
    else
        fprintf(out, ",%.9g", value);
}

static void print_csv_change(FILE *out, const struct bench_change *change)
{
    bool tested = change->verdict != BENCH_UNTESTED;
    print_cell(out, change->median[BENCH_OLD]);
    print_cell(out, change->median[BENCH_NEW]);
    fprintf(out, ",%zu,%zu", change->count[BENCH_OLD], change->count[BENCH_NEW]);
    print_cell(out, 100 * change->change);
    print_cell(out, tested ? change->plain : NAN);
    print_cell(out, tested ? change->probability : NAN);
    fprintf(out, ",%s\n", tested ? bench_change_word(change->verdict) : "untested");
}

void bench_compare_csv(FILE *out, const struct bench_compare_report *report)
{
    const struct bench_comparison *comparison = report->comparison;
    fputs("row,record_bytes,records,figure,old,new,old_values,new_values,change_percent,p_plain,p,verdict\n", out);
    for (size_t i = 0; i < comparison->count; i++) {
        const struct bench_change *change = &comparison->changes[i];
        const struct bench_document_row *row = change->pair->row[BENCH_OLD][0];
        bench_csv_quoted(out, row->name);
        fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%s", row->record_bytes, row->records,
                bench_figure_kind(change->figure)->name);
        print_csv_change(out, change);
    }
    for (size_t i = 0; i < comparison->mean_count; i++) {
        fprintf(out, "\"geometric mean\",,,%s", bench_figure_kind(comparison->means[i].figure)->name);
        print_csv_change(out, &comparison->means[i]);
    }
}

/* What Markdown would take for its own. */
static void print_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_{}[]<>|#~", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void print_markdown_change(FILE *out, const struct bench_comparison *comparison,
                                  const struct bench_change *change)
{
    const struct bench_figure_kind *kind = bench_figure_kind(change->figure);
    bool ratio = comparison->settings.against == BENCH_AGAINST_ROW;
    char text[16];
    int decimals = ratio ? 3 : kind->decimals;
    double scale = ratio ? 1 : kind->scale;
    if (change->pair)
        fprintf(out, " | %.*f | %.*f", decimals, change->median[BENCH_OLD] * scale, decimals,
                change->median[BENCH_NEW] * scale);
    else
        fputs(" | | ", out);
    if (isnan(change->change))
        fputs(" | from 0", out);
    else
        fprintf(out, " | %+.1f %%", 100 * change->change);
    if (change->verdict == BENCH_UNTESTED)
        fputs(" | | |\n", out);
    else
        fprintf(out, " | %s | %s%s |\n", bench_probability_text(change->probability, text),
                change->verdict == BENCH_SAME ? "\\" : "", bench_change_word(change->verdict));
}

void bench_compare_markdown(FILE *out, const struct bench_compare_report *report)
{
    const struct bench_comparison *comparison = report->comparison;
    fputs("| row | workload | figure | old | new | change | p | |\n"
          "| --- | --- | --- | --: | --: | --: | --: | --- |\n",
          out);
    for (size_t i = 0; i < comparison->count; i++) {
        const struct bench_change *change = &comparison->changes[i];
        const struct bench_figure_kind *kind = bench_figure_kind(change->figure);
        const struct bench_document_row *row = change->pair->row[BENCH_OLD][0];
        fputs("| ", out);
        print_escaped(out, row->name);
        fprintf(out, " | %" PRIu64 " B x %" PRIu64 " | %s%s%s", row->record_bytes, row->records, kind->title,
                strcmp(kind->title, kind->unit) == 0 ? "" : ", ",
                strcmp(kind->title, kind->unit) == 0 ? "" : kind->unit);
        print_markdown_change(out, comparison, change);
    }
    for (size_t i = 0; i < comparison->mean_count; i++) {
        const struct bench_change *mean = &comparison->means[i];
        fprintf(out, "| geometric mean of %zu rows | | %s", mean->rows, bench_figure_kind(mean->figure)->title);
        print_markdown_change(out, comparison, mean);
    }
    fputc('\n', out);
    bench_compare_method(out, comparison, report->reports, "- ", "\n");
    for (size_t i = 0; i < report->match->note_count; i++) {
        fputs("- ", out);
        print_escaped(out, report->match->notes[i]);
        fputc('\n', out);
    }
}
