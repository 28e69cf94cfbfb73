/* Every byte of every report, from figures that were never measured.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "golden.h"
#include "harness.h"
#include "markup.h"
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

static void write_rest(FILE *out, void *argument)
{
    struct fixture *f = argument;
    struct bench_paper paper = bench_paper_for(out);
    bench_text_rates(&paper, &f->rates);
    bench_text_staging(&paper, &f->report);
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

/* The page without plots again, as markup. */
TEST(report_html_is_markup)
{
    struct fixture *f = fixture_make(BENCH_SYNC_NONE);
    fixture_complete(f);
    char *page = written(write_html, f);
    markup_check(page);
    free(page);
    fixture_free(f);
}

static void write_plots(FILE *out, void *argument)
{
    struct fixture *f = argument;
    struct bench_lines lines;
    struct bench_curves curves;
    bench_lines_of(&f->chapter.table, &lines);
    bench_plot_choose(&f->chapter.table, &lines, &curves);
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

static struct fixture *complete(enum bench_sync sync)
{
    struct fixture *f = fixture_make(sync);
    fixture_complete(f);
    return f;
}

TEST(report_text_rates_and_staging)
{
    check("rest.txt", write_rest, complete(BENCH_SYNC_END));
}

TEST(report_csv)
{
    check("end.csv", write_csv, complete(BENCH_SYNC_END));
}

TEST(report_markdown)
{
    check("end.md", write_markdown, complete(BENCH_SYNC_END));
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
    check("none.html", write_html, complete(BENCH_SYNC_NONE));
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
    struct fixture *f = complete(BENCH_SYNC_END);
    char *page = written(write_html_with_plots, f);
    CHECK_INT(occurrences(page, "<svg"), 2 * 3 + 1);
    CHECK_INT(occurrences(page, "</svg>"), 2 * 3 + 1);
    CHECK_INT(occurrences(page, "could not draw"), 0);
    CHECK_INT(occurrences(page, "<peer>"), 0);
    CHECK_INT(occurrences(page, "rgb(136"), 0); /* what is written is in the page's colour */
    markup_check(page);
    free(page);
    fixture_free(f);
}

/* Pages that are not whole must be seen. */
TEST(markup_that_is_wrong)
{
    static const char *const wrong[] = {
        "<p>",
        "<p></b>",
        "</p>",
        "<p>a < b</p>",
        "<p>a & b</p>",
        "<p class=x></p>",
        "<p class=\"x></p>",
        "<p id=\"a\"></p><p id='a'></p>",
        "<use href=\"#a\"/>",
        "<i style='fill:url(#a)'></i>",
        "<script></script>",
        "<img src=\"a.png\"/>",
        "<a href=\"https://example.org\"></a>",
        "<style>@import 'a';</style>",
        "<p style='background:url(a.png)'></p>",
    };
    static const char right[] = "<!DOCTYPE html><p id=\"a\">&lt;<br><use href=\"#a\"/><i style='fill:url(#a)'>b</i></p>"
                                "<style>a>b{}</style>";
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (!*markup_fault(wrong[i]))
            FAIL("%s was let through", wrong[i]);
    CHECK_STR(markup_fault(right), "");
}

/* Ten kinds of rows have a curve each: those of the eight fastest, in the table's order. */
TEST(plots_of_the_fastest)
{
    struct fixture *f = fixture_make(BENCH_SYNC_END);
    struct bench_table *table = &f->chapter.table;
    struct bench_lines lines;
    struct bench_curves curves;
    static const enum bench_family families[] = {
        BENCH_WRITE, BENCH_STDIO, BENCH_PAGED,  BENCH_URING,           BENCH_LANE,
        BENCH_PEERS, BENCH_PEERS, BENCH_FWRITE, BENCH_FWRITE_UNLOCKED, BENCH_MMAP};
    for (unsigned i = 0; i < table->count; i++) {
        f->rows.row[i].family = families[i % 10];
        f->rows.row[i].method = i == 5 ? "sqlite" : "other";
        f->rows.row[i].group = BENCH_ALONE;
        f->rows.row[i].adapter = &bench_quire_writer;
        table->result[i].count = i < 10 ? 1 : 0;
        table->result[i].samples[0].seconds = i == 0 || i == 6 ? 10 : 1 + i * 0.1;
    }
    bench_lines_of(table, &lines);
    bench_plot_choose(table, &lines, &curves);
    CHECK_INT(curves.count, 8);
    static const unsigned kept[] = {1, 2, 3, 4, 5, 7, 8, 9};
    for (unsigned i = 0; i < curves.count; i++)
        CHECK(curves.line[i]->result == &table->result[kept[i]]);
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
    check("none.html", write_html_without_gnuplot, complete(BENCH_SYNC_NONE));
}
