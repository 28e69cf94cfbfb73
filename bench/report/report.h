/* What comes out: text for people, JSON for programs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdio.h>

#include "base/paper.h"
#include "machine/environment.h"
#include "measure/max_rate.h"
#include "measure/staging.h"
#include "report/advice.h"
#include "report/ratios.h"
#include "report/series.h"
#include "report/warnings.h"

/* One workload, complete. */
struct bench_chapter {
    struct bench_table table;
    struct bench_ratios ratios;
    struct bench_advice advice;
    struct bench_warnings warnings;
};

struct bench_report {
    const struct bench_settings *settings;
    struct bench_environment environment;
    struct bench_chapter *chapters;
    size_t chapter_count;          /* complete so far */
    struct bench_staging *staging; /* room for the two record sizes that are measured */
    size_t staging_count;
    struct bench_max_rates *rates; /* where those are asked for: one for each workload */
    size_t rates_count;
    struct bench_rows *rows;                   /* that the tables refer to */
    struct bench_series *series;               /* NULL: there is none */
    const struct bench_series_sample *samples; /* of it, once it has ended */
    size_t sample_count, samples_lost;
};

/* Text, piece by piece as it becomes known. */
void bench_text_header(const struct bench_paper *paper, const struct bench_report *report);
void bench_text_chapter(const struct bench_paper *paper, const struct bench_report *report,
                        const struct bench_chapter *chapter);
void bench_text_staging(const struct bench_paper *paper, const struct bench_report *report);
void bench_text_rates(const struct bench_paper *paper, const struct bench_max_rates *rates);

/* The rest in the end, whole. 0 or -errno. */
int bench_csv_write(FILE *out, const struct bench_report *report);
int bench_markdown_write(FILE *out, const struct bench_report *report);

/* One page that opens offline. Curves are drawn by gnuplot: without it, or with *plots false, the page says how to get
 * them; *plots then says whether all were drawn. */
#define BENCH_PLOTS_HOW "on Debian and Ubuntu: apt-get install gnuplot-nox"
int bench_html_write(FILE *out, const struct bench_report *report, bool *plots);

/* Whether this build can write JSON. */
bool bench_json_available(void);

/* The whole report as one JSON object and a newline. 0 or -errno. */
int bench_json_write(FILE *out, const struct bench_report *report);

#endif
