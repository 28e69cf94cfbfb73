/* A comparison for people. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum { NAME = 38, NUMBER = 13, CHANGE = 10, PROBABILITY = 10, WIDTH = 100 };

static void print_sides(FILE *out, const struct bench_reports *reports)
{
    static const char *const names[BENCH_SIDES] = {"Old", "New"};
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < reports->count[side]; i++) {
            const struct bench_document *d = &reports->document[side][i];
            fprintf(out, "%s: %s (%s, quire %s)\n", names[side], d->path, *d->date ? d->date : "no date",
                    *d->version ? d->version : "?");
        }
}

static bool same_workload(const struct bench_change *a, const struct bench_change *b)
{
    const struct bench_document_row *x = a->pair->row[BENCH_OLD][0], *y = b->pair->row[BENCH_OLD][0];
    return a->figure == b->figure && x->record_bytes == y->record_bytes && x->records == y->records;
}

static void print_heading(FILE *out, const struct bench_compare_report *report, const struct bench_change *change)
{
    const struct bench_judge_settings *settings = &report->comparison->settings;
    const struct bench_figure_kind *kind = bench_figure_kind(change->figure);
    const struct bench_document_row *row = change->pair->row[BENCH_OLD][0];
    char size[BENCH_NUMBER_TEXT], count[BENCH_NUMBER_TEXT], unit[128] = "";
    if (settings->against == BENCH_AGAINST_ROW)
        snprintf(unit, sizeof unit, " as a multiple of \"%s\"", settings->relative_to);
    else if (strcmp(kind->title, kind->unit) != 0)
        snprintf(unit, sizeof unit, ", %s", kind->unit);
    fprintf(out, "\n%s x %s: %s%s (%s is better)\n", bench_size_text(row->record_bytes, size),
            bench_count_text(row->records, count), kind->title, unit, kind->more_is_better ? "more" : "less");
    fprintf(out, "%-*s%*s%*s%*s%*s\n", NAME, "Row", NUMBER, "Old", NUMBER, "New", CHANGE, "Change", PROBABILITY, "p");
}

static void print_number(FILE *out, const struct bench_compare_report *report, const struct bench_change *change,
                         enum bench_side side)
{
    const struct bench_figure_kind *kind = bench_figure_kind(change->figure);
    if (report->comparison->settings.against == BENCH_AGAINST_ROW)
        fprintf(out, "%*.3f", NUMBER, change->median[side]);
    else
        fprintf(out, "%*.*f", NUMBER, kind->decimals, change->median[side] * kind->scale);
}

static void print_probability(FILE *out, const struct bench_change *change, bool colour)
{
    const char *word = bench_change_word(change->verdict), *begin = "", *end = "";
    char text[16];
    if (change->verdict == BENCH_UNTESTED) {
        fputc('\n', out);
        return;
    }
    if (colour && change->verdict >= BENCH_BETTER) {
        begin = change->verdict == BENCH_BETTER ? "\033[32m" : "\033[31m";
        end = "\033[0m";
    }
    fprintf(out, "%*s  %s%s%s\n", PROBABILITY, bench_probability_text(change->probability, text), begin, word, end);
}

static void print_change(FILE *out, double change)
{
    if (isnan(change))
        fprintf(out, "%*s", CHANGE, "from 0");
    else
        fprintf(out, "%+*.1f %%", CHANGE - 2, 100 * change);
}

static void print_changes(FILE *out, const struct bench_compare_report *report, bool colour)
{
    const struct bench_comparison *comparison = report->comparison;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct bench_change *change = &comparison->changes[i];
        if (i == 0 || !same_workload(change, change - 1))
            print_heading(out, report, change);
        fprintf(out, "%-*s", NAME, change->pair->row[BENCH_OLD][0]->name);
        print_number(out, report, change, BENCH_OLD);
        print_number(out, report, change, BENCH_NEW);
        print_change(out, change->change);
        print_probability(out, change, colour);
    }
}

static void print_means(FILE *out, const struct bench_comparison *comparison, bool colour)
{
    if (comparison->mean_count)
        fprintf(out, "\n%-*s%*s%*s\n", NAME + 2 * NUMBER, "Geometric means over all rows that were tested", CHANGE,
                "Change", PROBABILITY, "p");
    for (size_t i = 0; i < comparison->mean_count; i++) {
        const struct bench_change *mean = &comparison->means[i];
        char name[64];
        snprintf(name, sizeof name, "%s, %zu rows", bench_figure_kind(mean->figure)->title, mean->rows);
        fprintf(out, "%-*s", NAME + 2 * NUMBER, name);
        print_change(out, mean->change);
        print_probability(out, mean, colour);
    }
}

/* Each line of text as lines of at most WIDTH, broken between words. */
static void print_wrapped(FILE *out, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t word = strcspn(text, " \n");
        bool fits = column == 0 || column + 1 + word <= WIDTH;
        fprintf(out, "%s%.*s", column == 0 ? "" : fits ? " " : "\n", (int)word, text);
        column = fits ? column + (column > 0) + word : word;
        text += word;
        if (*text == '\n') {
            fputc('\n', out);
            column = 0;
        }
        text += *text != '\0';
    }
}

static void print_method(FILE *out, const struct bench_compare_report *report)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return;
    bench_compare_method(memory, report->comparison, report->reports, "", "\n");
    if (fclose(memory) == 0)
        print_wrapped(out, text);
    free(text);
}

void bench_compare_text(FILE *out, const struct bench_compare_report *report, bool colour)
{
    print_sides(out, report->reports);
    print_changes(out, report, colour);
    print_means(out, report->comparison, colour);
    fputc('\n', out);
    print_method(out, report);
    if (report->match->note_count)
        fputs("\nNot compared\n", out);
    for (size_t i = 0; i < report->match->note_count; i++)
        fprintf(out, "  %s\n", report->match->notes[i]);
}
