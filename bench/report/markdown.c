/* The report as Markdown: the same tables and sentences as the text.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include <quire/version.h>

#include "report/words.h"

/* Nothing in it is taken for markup. */
static void write_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>|#", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void write_cell(FILE *out, const char *text)
{
    fputs(" ", out);
    write_escaped(out, text);
    fputs(" |", out);
}

static void write_head(FILE *out, const struct bench_column *const *columns, unsigned count)
{
    fputs("\n| Method |", out);
    for (unsigned i = 0; i < count; i++)
        write_cell(out, columns[i]->title);
    fputs("\n| --- |", out);
    for (unsigned i = 0; i < count; i++)
        fputs(" --: |", out);
    fputc('\n', out);
}

static void write_line(FILE *out, const struct bench_table *table, const struct bench_line *line,
                       const struct bench_column *const *columns, unsigned count)
{
    char text[BENCH_CELL_TEXT];
    fputc('|', out);
    write_cell(out, line->name);
    for (unsigned i = 0; i < count; i++)
        write_cell(out, bench_cell(columns[i], table, line->result, text) ? text : "-");
    fputc('\n', out);
}

static void write_table(FILE *out, const struct bench_table *table, const struct bench_lines *lines,
                        struct bench_columns columns)
{
    const struct bench_column *used[BENCH_COLUMNS_MOST];
    unsigned count = bench_columns_used(columns, table, lines, used);
    write_head(out, used, count);
    for (unsigned i = 0; i < lines->count; i++)
        if (bench_line_used(&lines->line[i], table, used, count))
            write_line(out, table, &lines->line[i], used, count);
}

static void write_latency(FILE *out, const struct bench_table *table, const struct bench_lines *lines)
{
    char text[BENCH_SENTENCE];
    for (unsigned moment = 0; moment < BENCH_MOMENTS; moment++) {
        struct bench_columns columns = bench_columns_latency(moment);
        if (!bench_column_used(&columns.column[BENCH_MOST], table, lines))
            continue;
        fprintf(out, "\n**%s**\n", bench_words_moment(table, moment, text));
        write_table(out, table, lines, columns);
    }
}

static void write_ratios(FILE *out, const struct bench_ratios *ratios)
{
    if (ratios->count)
        fputs("\n**Ratios, paired within each round**\n\n| ratio | median | least .. greatest | target | verdict |\n"
              "| --- | --: | --: | --: | --- |\n",
              out);
    for (unsigned i = 0; i < ratios->count; i++) {
        const struct bench_ratio *r = &ratios->ratio[i];
        fputc('|', out);
        write_cell(out, r->label);
        fprintf(out, " %.2f | %.2f .. %.2f |", r->value.median, r->value.min, r->value.max);
        if (r->has_target)
            fprintf(out, " %s %.2f | %s |\n", r->at_least ? "at least" : "at most", r->target, bench_ratio_verdict(r));
        else
            fputs(" | |\n", out);
    }
}

static void write_item(FILE *out, const char *text)
{
    fputs("* ", out);
    write_escaped(out, text);
    fputc('\n', out);
}

static void write_chapter(FILE *out, const struct bench_report *report, const struct bench_chapter *chapter)
{
    const struct bench_table *table = &chapter->table;
    struct bench_lines lines;
    char text[BENCH_SENTENCE];
    bench_lines_of(table, &lines);
    fprintf(out, "\n## %s\n\n", bench_words_workload(table, text));
    for (unsigned i = 0; i < chapter->warnings.count; i++) {
        const struct bench_warning *w = &chapter->warnings.warning[i];
        fprintf(out, "> **Warning:** ");
        write_escaped(out, w->cause);
        fputc(' ', out);
        write_escaped(out, w->remedy);
        fputs("\n\n", out);
    }
    fprintf(out, "%s.\n", bench_words_medians(table, &lines, text));
    write_table(out, table, &lines, bench_columns_speed());
    fputc('\n', out);
    for (unsigned i = 0; bench_words_note(table, &lines, i, text); i++)
        write_item(out, text);
    if (report->settings->monitor) {
        fprintf(out, "\n%s\n", bench_words_monitor());
        write_table(out, table, &lines, bench_columns_monitor());
    }
    if (table->terms.perf) {
        fprintf(out, "\n%s\n", bench_words_perf(table, &lines, text));
        write_table(out, table, &lines, bench_columns_perf());
    }
    write_latency(out, table, &lines);
    write_ratios(out, &chapter->ratios);
    if (chapter->advice.count)
        fputs("\n**Recommendations, from these figures**\n\n", out);
    for (unsigned i = 0; i < chapter->advice.count; i++)
        write_item(out, chapter->advice.line[i]);
}

static void write_staging(FILE *out, const struct bench_staging *staging)
{
    char text[BENCH_SENTENCE];
    fprintf(out, "\n## %s\n\n| Append into | ns | Least .. greatest |\n| --- | --: | --: |\n",
            bench_words_staging(staging, text));
    for (unsigned stage = 0; stage < BENCH_STAGES; stage++) {
        struct bench_spread cost = bench_staging_cost(staging, stage);
        fprintf(out, "| %s | %.2f | %.2f .. %.2f |\n", bench_stage_name(stage), cost.median, cost.min, cost.max);
    }
    struct bench_ratios ratios = {.count = 0};
    bench_ratios_of_staging(&ratios, staging);
    write_ratios(out, &ratios);
}

static void write_rate(FILE *out, const struct bench_max_rates *rates, const struct bench_max_rate *row)
{
    char cells[BENCH_RATE_CELLS][BENCH_CELL_TEXT];
    bench_words_rate(rates, row, cells);
    fputc('|', out);
    write_cell(out, row->row->name);
    for (unsigned i = 0; i < BENCH_RATE_CELLS; i++)
        write_cell(out, cells[i]);
    fputc('\n', out);
}

static void write_rates(FILE *out, const struct bench_max_rates *rates)
{
    char text[BENCH_SENTENCE];
    fprintf(out, "\n## ");
    write_escaped(out, bench_words_rates(rates, text));
    fprintf(out, "\n\n%s.\n\n| Method |", bench_words_rates_medians(rates, text));
    for (unsigned i = 0; i < BENCH_RATE_CELLS; i++)
        write_cell(out, bench_words_rate_title(rates, i));
    fputs("\n| --- | --: | --: | --: | --: |\n", out);
    for (unsigned i = 0; i < rates->count; i++)
        if (rates->row[i].count)
            write_rate(out, rates, &rates->row[i]);
    fputc('\n', out);
    for (unsigned i = 0; bench_words_rates_note(rates, i, text); i++)
        write_item(out, text);
}

int bench_markdown_write(FILE *out, const struct bench_report *report)
{
    struct bench_fact facts[BENCH_FACTS_MOST];
    unsigned count = bench_words_facts(report, facts);
    fprintf(out, "# quire %s bench, %s\n\n", quire_version(), report->environment.date);
    for (unsigned i = 0; i < count; i++) {
        fprintf(out, "* %s: ", facts[i].label);
        write_escaped(out, facts[i].text);
        fputc('\n', out);
    }
    for (size_t c = 0; c < report->chapter_count; c++)
        write_chapter(out, report, &report->chapters[c]);
    for (size_t i = 0; i < report->rates_count; i++)
        write_rates(out, &report->rates[i]);
    for (size_t i = 0; i < report->staging_count; i++)
        write_staging(out, &report->staging[i]);
    return ferror(out) ? -EIO : 0;
}
