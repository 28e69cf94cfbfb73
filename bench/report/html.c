/* The report as a page: one file, nothing fetched from anywhere.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <quire/version.h>

#include "report/gnuplot.h"
#include "report/html_parts.h"
#include "report/html_style.h"
#include "report/plot.h"
#include "report/words.h"

/* What is being written, and how many plots there are so far: each has ids of its own. */
struct page {
    FILE *out;
    const struct bench_report *report;
    bool plots, failed;
    unsigned drawn;
};

/* A plot whose script is in memory. One that has failed would fail again, and may have taken long to. */
static void write_plot(struct page *page, const char *script)
{
    char prefix[16];
    snprintf(prefix, sizeof prefix, "p%u-", page->drawn + 1);
    if (!page->failed && bench_gnuplot_run(script, prefix, page->out) == 0)
        page->drawn++;
    else
        page->failed = true;
    if (page->failed)
        bench_html_element(page->out, "p", "note", "gnuplot could not draw this; " BENCH_PLOTS_HOW ".");
}

static void write_legend(FILE *out, const char *colour, const char *name)
{
    fprintf(out, "<li class=\"key\" style=\"--bar:%s\">", colour);
    bench_html_escaped(out, name);
    fputs("</li>\n", out);
}

/* Runs draw with a script to fill, and writes the plot under a caption and a legend, if there was anything to draw. A
 * page without gnuplot goes without. */
typedef bool plotter(FILE *script, const void *what);
typedef void namer(FILE *out, const void *what);
static void plot(struct page *page, plotter *draw, namer *name, const void *what, const char *caption)
{
    char *script = NULL;
    size_t length;
    FILE *memory = page->plots ? open_memstream(&script, &length) : NULL;
    if (!memory)
        return;
    bool any = draw(memory, what);
    if (fclose(memory) == 0 && any) {
        fprintf(page->out, "<figure><figcaption>%s</figcaption>\n<ul class=\"legend\">\n", caption);
        name(page->out, what);
        fputs("</ul>\n", page->out);
        write_plot(page, script);
        fputs("\n</figure>\n", page->out);
    }
    free(script);
}

/* What the plots of one workload are drawn from. */
struct chapter {
    const struct bench_table *table;
    const struct bench_lines *lines;
    struct bench_curves curves;
    enum bench_moment moment;
};

static bool draw_latency(FILE *script, const void *what)
{
    const struct chapter *c = what;
    return bench_plot_latency(script, &c->curves, c->moment);
}

static void name_latency(FILE *out, const void *what)
{
    const struct chapter *c = what;
    for (unsigned i = 0; i < c->curves.count; i++)
        if (bench_plot_has(&c->curves, i, c->moment))
            write_legend(out, bench_plot_colour(i), c->curves.line[i]->name);
}

static bool has_rounds(const struct chapter *c)
{
    return c->curves.count && c->table->rounds > 1;
}

static bool draw_rounds(FILE *script, const void *what)
{
    const struct chapter *c = what;
    if (has_rounds(c))
        bench_plot_rounds(script, c->table, &c->curves);
    return has_rounds(c);
}

static void name_rounds(FILE *out, const void *what)
{
    const struct chapter *c = what;
    for (unsigned i = 0; i < c->curves.count; i++)
        write_legend(out, bench_plot_colour(i), c->curves.line[i]->name);
}

static bool draw_series(FILE *script, const void *what)
{
    const struct bench_report *report = what;
    if (report->sample_count)
        bench_plot_series(script, report->samples, report->sample_count);
    return report->sample_count > 0;
}

static void name_series(FILE *out, const void *what)
{
    (void)what;
    write_legend(out, bench_plot_colour(0), "appended");
    write_legend(out, bench_plot_colour(1), "written by the device");
    write_legend(out, bench_plot_colour(3), "got no further");
}

static void write_latency(struct page *page, struct chapter *c)
{
    char text[BENCH_SENTENCE];
    for (unsigned moment = 0; moment < BENCH_MOMENTS; moment++) {
        struct bench_columns columns = bench_columns_latency(moment);
        if (!bench_column_used(&columns.column[BENCH_MOST], c->table, c->lines))
            continue;
        bench_html_element(page->out, "h3", "", bench_words_moment(c->table, moment, text));
        c->moment = moment;
        plot(page, draw_latency, name_latency, c,
             "Of each kind of method its fastest row, at most eight. Further right: the rarer, slower ones.");
        bench_html_table(page->out, c->table, c->lines, columns);
    }
}

static void write_warnings(struct page *page, const struct bench_warnings *warnings)
{
    for (unsigned i = 0; i < warnings->count; i++) {
        fputs("<p class=\"warning\"><strong>", page->out);
        bench_html_escaped(page->out, warnings->warning[i].cause);
        fputs("</strong> ", page->out);
        bench_html_escaped(page->out, warnings->warning[i].remedy);
        fputs("</p>\n", page->out);
    }
}

static void write_advice(struct page *page, const struct bench_advice *advice)
{
    if (advice->count == 0)
        return;
    fputs("<h3>What these figures advise</h3>\n<ul>\n", page->out);
    for (unsigned i = 0; i < advice->count; i++)
        bench_html_element(page->out, "li", "", advice->line[i]);
    fputs("</ul>\n", page->out);
}

static void write_chapter(struct page *page, const struct bench_chapter *chapter)
{
    struct bench_lines lines;
    char text[BENCH_SENTENCE];
    bench_lines_of(&chapter->table, &lines);
    struct chapter c = {.table = &chapter->table, .lines = &lines};
    bench_plot_choose(c.table, &lines, &c.curves);
    bench_html_element(page->out, "h2", "", bench_words_workload(c.table, text));
    bench_html_element(page->out, "p", "lead", bench_words_medians(c.table, &lines, text));
    write_warnings(page, &chapter->warnings);
    write_advice(page, &chapter->advice);
    fputs("<h3>Speed</h3>\n", page->out);
    bench_html_bars(page->out, c.table, &lines);
    bench_html_table(page->out, c.table, &lines, bench_columns_speed());
    for (unsigned i = 0; bench_words_note(c.table, &lines, i, text); i++)
        bench_html_element(page->out, "p", "note", text);
    write_latency(page, &c);
    if (page->report->settings->monitor) {
        fputs("<h3>Where the bytes went</h3>\n", page->out);
        bench_html_element(page->out, "p", "note", bench_words_monitor());
        bench_html_table(page->out, c.table, &lines, bench_columns_monitor());
    }
    if (c.table->terms.perf) {
        fputs("<h3>What the processor counted</h3>\n", page->out);
        bench_html_element(page->out, "p", "note", bench_words_perf(c.table, &lines, text));
        bench_html_table(page->out, c.table, &lines, bench_columns_perf());
    }
    plot(page, draw_rounds, name_rounds, &c,
         "Each round. Lines that rise or fall together: the machine changed, not the methods.");
    bench_html_ratios(page->out, &chapter->ratios);
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
        bench_html_escaped(page->out, facts[i].text);
        fputs("</dd>\n", page->out);
    }
    fputs("</dl>\n", page->out);
    if (!page->plots)
        bench_html_element(page->out, "p", "warning", "There are no curves: they need gnuplot; " BENCH_PLOTS_HOW ".");
}

int bench_html_write(FILE *out, const struct bench_report *report, bool *plots)
{
    struct page page = {.out = out, .report = report, .plots = *plots && bench_gnuplot_available()};
    write_head(&page);
    for (size_t c = 0; c < report->chapter_count; c++)
        write_chapter(&page, &report->chapters[c]);
    if (report->sample_count && page.plots) {
        fputs("<h2>Over time</h2>\n", out);
        plot(&page, draw_series, name_series, report,
             "What was appended, and what the device wrote, interval by interval; triangles mark intervals in which "
             "appending got no further.");
    }
    bench_html_rates(out, report);
    bench_html_staging(out, report);
    fputs(
        "<footer>Every figure is defined in quire's docs/benchmarks.md. Figures of one run compare rows, not machines."
        "</footer>\n</main>\n</body>\n</html>\n",
        out);
    *plots = page.plots && !page.failed;
    return ferror(out) ? -EIO : 0;
}
