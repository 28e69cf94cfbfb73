/* Every byte of every report, from figures that were never measured.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "golden.h"
#include "harness.h"
#include "report/gnuplot.h"
#include "report/plot.h"

static void check(const char *name, void (*write)(FILE *out, void *argument), struct fixture *f)
{
    check_golden(name, write, f);
    fixture_free(f);
}

/* As to a pipe, and as to a terminal of some width. */
static void write_text(FILE *out, struct fixture *f, struct bench_paper paper)
{
    paper.out = out;
    bench_text_header(&paper, &f->report);
    bench_text_chapter(&paper, &f->report, &f->chapter);
}

static void write_wide(FILE *out, void *argument)
{
    struct fixture *f = argument;
    write_text(out, f, bench_paper_for(out));
}

static void write_narrow(FILE *out, void *argument)
{
    struct fixture *f = argument;
    write_text(out, f, (struct bench_paper){.width = 80, .terminal = true, .blocks = true});
}

static void write_plain_terminal(FILE *out, void *argument)
{
    struct fixture *f = argument;
    write_text(out, f, (struct bench_paper){.width = 132, .terminal = true});
}

static void write_csv(FILE *out, void *argument)
{
    struct fixture *f = argument;
    CHECK_INT(bench_csv_write(out, &f->report), 0);
}

static void write_markdown(FILE *out, void *argument)
{
    struct fixture *f = argument;
    CHECK_INT(bench_markdown_write(out, &f->report), 0);
}

static void write_json(FILE *out, void *argument)
{
    struct fixture *f = argument;
    CHECK_INT(bench_json_write(out, &f->report), 0);
}

static void write_html(FILE *out, void *argument)
{
    struct fixture *f = argument;
    bool plots = false;
    CHECK_INT(bench_html_write(out, &f->report, &plots), 0);
    CHECK(!plots);
}

static void write_plots(FILE *out, void *argument)
{
    struct fixture *f = argument;
    struct bench_lines lines;
    struct bench_curves curves;
    bench_lines_of(&f->chapter.table, &lines);
    bench_plot_choose(&f->chapter.table, &lines, &curves);
    bench_plot_bars(out, &f->chapter.table, &lines);
    CHECK(bench_plot_latency(out, &curves, BENCH_APPEND));
    CHECK(bench_plot_latency(out, &curves, BENCH_HAND_OVER));
    CHECK(!bench_plot_latency(out, &curves, BENCH_SYNC)); /* seven values make no curve */
    bench_plot_rounds(out, &f->chapter.table, &curves);
    bench_plot_series(out, f->report.samples, f->report.sample_count);
}

TEST(report_text)
{
    check("end.txt", write_wide, fixture_make(BENCH_SYNC_END));
}

TEST(report_text_narrow)
{
    check("end-80.txt", write_narrow, fixture_make(BENCH_SYNC_END));
}

TEST(report_text_terminal)
{
    check("none-132.txt", write_plain_terminal, fixture_make(BENCH_SYNC_NONE));
}

TEST(report_text_each)
{
    check("each.txt", write_wide, fixture_make(BENCH_SYNC_EACH));
}

/* In memory nothing survives a power cut, whatever a sync returned; and there is nothing to count. */
TEST(report_text_in_memory)
{
    struct fixture *f = fixture_make(BENCH_SYNC_END);
    f->report.environment.memory_only = f->chapter.table.terms.memory_only = true;
    for (unsigned i = 0; i < f->chapter.table.count; i++)
        for (unsigned r = 0; r < f->chapter.table.result[i].count; r++) {
            f->chapter.table.result[i].samples[r].counted = (struct bench_counters){.process_known = false};
            f->chapter.table.result[i].samples[r].cache_known = false;
        }
    check("memory.txt", write_wide, f);
}

TEST(report_text_open_loop)
{
    struct fixture *f = fixture_make(BENCH_SYNC_END);
    f->chapter.table.terms.rate = f->settings.rate = 5000;
    f->chapter.table.terms.poisson = true;
    f->chapter.ratios.count = f->chapter.advice.count = f->chapter.warnings.count = 0;
    check("rate.txt", write_wide, f);
}

TEST(report_csv)
{
    check("end.csv", write_csv, fixture_make(BENCH_SYNC_END));
}

TEST(report_markdown)
{
    check("end.md", write_markdown, fixture_make(BENCH_SYNC_END));
}

TEST(report_json)
{
    if (!bench_json_available())
        SKIP("not in this build: jansson");
    struct fixture *f = fixture_make(BENCH_SYNC_END);
    struct bench_table *table = &f->chapter.table;
    /* A row of each kind is enough, and few rounds. */
    static const unsigned kept[] = {2, 6, 7, 9, 10, 11};
    for (unsigned i = 0; i < table->count; i++) {
        bool keep = false;
        for (unsigned k = 0; k < sizeof kept / sizeof kept[0]; k++)
            keep |= kept[k] == i;
        table->result[i].count = keep && table->result[i].count ? 2 : 0;
    }
    check("end.json", write_json, f);
}

TEST(report_html)
{
    check("none.html", write_html, fixture_make(BENCH_SYNC_NONE));
}

TEST(report_plots)
{
    check("plots.gp", write_plots, fixture_make(BENCH_SYNC_END));
}

static unsigned occurrences(const char *text, const char *part)
{
    unsigned count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

static void write_html_with_plots(FILE *out, void *argument)
{
    struct fixture *f = argument;
    bool plots = true;
    CHECK_INT(bench_html_write(out, &f->report, &plots), 0);
    CHECK(plots);
}

/* gnuplot's drawings are its own; but they are there, stand beside each other and fetch nothing. */
TEST(report_html_with_plots)
{
    if (!bench_gnuplot_available())
        SKIP("gnuplot is not here");
    struct fixture *f = fixture_make(BENCH_SYNC_END);
    char *page = written(write_html_with_plots, f);
    CHECK_INT(occurrences(page, "<svg"), 5);
    CHECK_INT(occurrences(page, "</svg>"), 5);
    CHECK_INT(occurrences(page, "could not draw"), 0);
    CHECK_INT(occurrences(page, " id='gnuplot_plot_1'"), 0);
    CHECK_INT(occurrences(page, " id=\"p1-gnuplot_plot_1\""), 1);
    CHECK_INT(occurrences(page, " id=\"p5-gnuplot_plot_1\""), 1);
    CHECK_INT(occurrences(page, "<script"), 0);
    CHECK_INT(occurrences(page, "src="), 0);
    CHECK_INT(occurrences(page, "<peer>"), 0);
    free(page);
    fixture_free(f);
}

TEST(gnuplot_that_fails)
{
    if (!bench_gnuplot_available())
        SKIP("gnuplot is not here");
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    REQUIRE(out != NULL);
    CHECK(bench_gnuplot_run("this is no script\n", "x-", out) < 0);
    CHECK(bench_gnuplot_run("print 'no svg'\n", "x-", out) < 0);
    CHECK(bench_gnuplot_run("set terminal svg\nplot '/nonexistent'\n", "x-", out) < 0);
    fclose(out);
    CHECK_STR(text, "");
    free(text);
}

static void write_html_without_gnuplot(FILE *out, void *argument)
{
    struct fixture *f = argument;
    bool plots = true;
    CHECK_INT(bench_html_write(out, &f->report, &plots), 0);
    CHECK(!plots);
}

/* The same page as if plots had not been asked for. */
TEST(gnuplot_that_is_not_there)
{
    setenv("PATH", "/nonexistent", 1);
    CHECK(!bench_gnuplot_available());
    check("none.html", write_html_without_gnuplot, fixture_make(BENCH_SYNC_NONE));
}
