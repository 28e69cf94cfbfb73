/* The report as a page: one file, nothing fetched from anywhere.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <quire/version.h>

#include "report/gnuplot.h"
#include "report/html_style.h"
#include "report/plot.h"
#include "report/words.h"

/* What is being written, and how many plots there are so far: each has ids of its own. */
struct page {
    FILE *out;
    const struct bench_report *report;
    bool plots;
    unsigned drawn;
};

static void write_escaped(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
}

/* <tag class="class">text</tag> */
static void write_element(FILE *out, const char *tag, const char *class, const char *text)
{
    fprintf(out, "<%s", tag);
    if (*class)
        fprintf(out, " class=\"%s\"", class);
    fputc('>', out);
    write_escaped(out, text);
    fprintf(out, "</%s>\n", tag);
}

static void write_table(struct page *page, const struct bench_table *table, const struct bench_lines *lines,
                        struct bench_columns columns)
{
    const struct bench_column *used[BENCH_COLUMNS_MOST];
    unsigned count = bench_columns_used(columns, table, lines, used);
    char text[BENCH_CELL_TEXT];
    fputs("<div class=\"scroll\"><table>\n<thead><tr><th>Method</th>", page->out);
    for (unsigned i = 0; i < count; i++)
        fprintf(page->out, "<th>%s</th>", used[i]->title);
    fputs("</tr></thead>\n<tbody>\n", page->out);
    for (unsigned l = 0; l < lines->count; l++) {
        const struct bench_line *line = &lines->line[l];
        if (!bench_line_used(line, table, used, count))
            continue;
        fputs(line->result->row->family == BENCH_LIMITS ? "<tr class=\"limit\"><td>" : "<tr><td>", page->out);
        write_escaped(page->out, line->name);
        fputs("</td>", page->out);
        for (unsigned i = 0; i < count; i++) {
            fputs("<td>", page->out);
            write_escaped(page->out, bench_cell(used[i], table, line->result, text) ? text : "-");
            fputs("</td>", page->out);
        }
        fputs("</tr>\n", page->out);
    }
    fputs("</tbody></table></div>\n", page->out);
}

/* A plot whose script is in memory, with a caption that is markup. A page without gnuplot goes without. */
static void write_plot(struct page *page, const char *script, const char *caption)
{
    char prefix[16];
    if (!page->plots)
        return;
    snprintf(prefix, sizeof prefix, "p%u-", ++page->drawn);
    fprintf(page->out, "<figure><figcaption>%s</figcaption>\n", caption);
    if (bench_gnuplot_run(script, prefix, page->out) < 0)
        write_element(page->out, "p", "note", "gnuplot could not draw this.");
    fputs("\n</figure>\n", page->out);
}

/* Runs draw with a script to fill, and writes the plot. draw says whether there was anything to draw. */
typedef bool plotter(FILE *script, const void *what);
static void plot(struct page *page, plotter *draw, const void *what, const char *caption)
{
    char *script = NULL;
    size_t length;
    FILE *memory = page->plots ? open_memstream(&script, &length) : NULL;
    if (!memory)
        return;
    bool any = draw(memory, what);
    if (fclose(memory) == 0 && any)
        write_plot(page, script, caption);
    free(script);
}

/* What the plots of one workload are drawn from. */
struct chapter {
    const struct bench_table *table;
    const struct bench_lines *lines;
    struct bench_curves curves;
    enum bench_moment moment;
};

static bool draw_bars(FILE *script, const void *what)
{
    const struct chapter *c = what;
    bench_plot_bars(script, c->table, c->lines);
    return c->lines->count > 0;
}

static bool draw_latency(FILE *script, const void *what)
{
    const struct chapter *c = what;
    return bench_plot_latency(script, &c->curves, c->moment);
}

static bool draw_rounds(FILE *script, const void *what)
{
    const struct chapter *c = what;
    if (c->curves.count && c->table->rounds > 1)
        bench_plot_rounds(script, c->table, &c->curves);
    return c->curves.count && c->table->rounds > 1;
}

static bool draw_series(FILE *script, const void *what)
{
    const struct bench_report *report = what;
    if (report->sample_count)
        bench_plot_series(script, report->samples, report->sample_count);
    return report->sample_count > 0;
}

static void write_latency(struct page *page, struct chapter *c)
{
    char text[BENCH_SENTENCE];
    for (unsigned moment = 0; moment < BENCH_MOMENTS; moment++) {
        struct bench_columns columns = bench_columns_latency(moment);
        if (!bench_column_used(&columns.column[BENCH_MOST], c->table, c->lines))
            continue;
        write_element(page->out, "h3", "", bench_words_moment(c->table, moment, text));
        c->moment = moment;
        plot(page, draw_latency, c, "Of each method its fastest row. Further right: the rarer, slower ones.");
        write_table(page, c->table, c->lines, columns);
    }
}

static void write_ratios(struct page *page, const struct bench_ratios *ratios)
{
    if (ratios->count == 0)
        return;
    fputs("<h3>Ratios, paired within each round</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th>Ratio</th>"
          "<th>Median</th><th>Least .. greatest</th><th>Target</th><th></th></tr></thead>\n<tbody>\n",
          page->out);
    for (unsigned i = 0; i < ratios->count; i++) {
        const struct bench_ratio *r = &ratios->ratio[i];
        const char *verdict = bench_ratio_verdict(r);
        fputs("<tr><td class=\"words\">", page->out);
        write_escaped(page->out, r->label);
        fprintf(page->out, "</td><td>%.2f</td><td>%.2f .. %.2f</td>", r->value.median, r->value.min, r->value.max);
        if (r->has_target)
            fprintf(page->out, "<td>%s %.2f</td><td class=\"%s\">%s</td></tr>\n", r->at_least ? "&ge;" : "&le;",
                    r->target, verdict, verdict);
        else
            fputs("<td></td><td></td></tr>\n", page->out);
    }
    fputs("</tbody></table></div>\n", page->out);
}

static void write_warnings(struct page *page, const struct bench_warnings *warnings)
{
    for (unsigned i = 0; i < warnings->count; i++) {
        fputs("<p class=\"warning\"><strong>", page->out);
        write_escaped(page->out, warnings->warning[i].cause);
        fputs("</strong> ", page->out);
        write_escaped(page->out, warnings->warning[i].remedy);
        fputs("</p>\n", page->out);
    }
}

static void write_advice(struct page *page, const struct bench_advice *advice)
{
    if (advice->count == 0)
        return;
    fputs("<h3>What these figures advise</h3>\n<ul>\n", page->out);
    for (unsigned i = 0; i < advice->count; i++)
        write_element(page->out, "li", "", advice->line[i]);
    fputs("</ul>\n", page->out);
}

static void write_chapter(struct page *page, const struct bench_chapter *chapter)
{
    struct bench_lines lines;
    char text[BENCH_SENTENCE];
    bench_lines_of(&chapter->table, &lines);
    struct chapter c = {.table = &chapter->table, .lines = &lines};
    bench_plot_choose(c.table, &lines, &c.curves);
    write_element(page->out, "h2", "", bench_words_workload(c.table, text));
    write_element(page->out, "p", "lead", bench_words_medians(c.table, &lines, text));
    write_warnings(page, &chapter->warnings);
    write_advice(page, &chapter->advice);
    fputs("<h3>Speed</h3>\n", page->out);
    plot(page, draw_bars, &c,
         "What the bytes survive in the end: <span class=\"key\" style=\"background:var(--device)\"></span>a power cut"
         "<span class=\"key\" style=\"background:var(--kernel)\"></span>the death of the process"
         "<span class=\"key\" style=\"background:var(--nothing)\"></span>nothing. Limits of the machine are paler; a "
         "bar "
         "that ends at the edge is cut.");
    write_table(page, c.table, &lines, bench_columns_speed());
    for (unsigned i = 0; bench_words_note(c.table, &lines, i, text); i++)
        write_element(page->out, "p", "note", text);
    write_latency(page, &c);
    if (page->report->settings->monitor) {
        fputs("<h3>Where the bytes went</h3>\n", page->out);
        write_element(page->out, "p", "note", bench_words_monitor());
        write_table(page, c.table, &lines, bench_columns_monitor());
    }
    if (c.table->terms.perf) {
        fputs("<h3>What the processor counted</h3>\n", page->out);
        write_element(page->out, "p", "note", bench_words_perf(c.table, &lines, text));
        write_table(page, c.table, &lines, bench_columns_perf());
    }
    plot(page, draw_rounds, &c, "Each round. Lines that rise or fall together: the machine changed, not the methods.");
    write_ratios(page, &chapter->ratios);
}

static void write_head(struct page *page)
{
    const struct bench_report *report = page->report;
    struct bench_fact facts[BENCH_FACTS_MOST];
    unsigned count = bench_words_facts(report, facts);
    fprintf(
        page->out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<title>quire bench, %s</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n"
        "<h1>Ways of appending, measured</h1>\n"
        "<p class=\"lead\">quire %s bench, %s: the same records appended by every method, in turns, beside what this "
        "machine can do at best.</p>\n<dl>\n",
        report->environment.date, bench_html_style, quire_version(), report->environment.date);
    for (unsigned i = 0; i < count; i++) {
        fprintf(page->out, "<dt>%s</dt><dd>", facts[i].label);
        write_escaped(page->out, facts[i].text);
        fputs("</dd>\n", page->out);
    }
    fputs("</dl>\n", page->out);
    if (!page->plots)
        write_element(page->out, "p", "warning",
                      "There are no plots: they need gnuplot. On Debian and Ubuntu: apt-get install gnuplot-nox");
}

int bench_html_write(FILE *out, const struct bench_report *report, bool *plots)
{
    struct page page = {.out = out, .report = report, .plots = *plots && bench_gnuplot_available()};
    write_head(&page);
    for (size_t c = 0; c < report->chapter_count; c++)
        write_chapter(&page, &report->chapters[c]);
    if (report->sample_count && page.plots) {
        fputs("<h2>Over time</h2>\n", out);
        plot(&page, draw_series, report,
             "What was appended, and what the device wrote, interval by interval; triangles mark intervals in which "
             "appending got no further.");
    }
    fputs(
        "<footer>Every figure is defined in quire's docs/benchmarks.md. Figures of one run compare rows, not machines."
        "</footer>\n</main>\n</body>\n</html>\n",
        out);
    *plots = page.plots;
    return ferror(out) ? -EIO : 0;
}
