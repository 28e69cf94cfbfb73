/* The instrument. See instrument.h.
 *
 * SPDX-License-Identifier: MIT */
#include "instrument.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <quire/quire.h>

#include "base/complain.h"
#include "base/cost.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/trace.h"
#include "measure/rounds.h"
#include "report/report.h"
#include "rows/peers/peers.h"

enum { ROUNDS = 5, QUICK_ROUNDS = 3, FAILED = 1, TRACE_SPANS = 1 << 20 };

static const double quick_seconds = 10; /* for all workloads together */
static const uint64_t staging_sizes[] = {128, 1024};
enum { STAGING_SIZES = sizeof staging_sizes / sizeof staging_sizes[0] };

static const char who[] = "quire bench";

static unsigned rounds_of(const struct bench_settings *settings)
{
    if (settings->rounds)
        return settings->rounds;
    return settings->quick ? QUICK_ROUNDS : ROUNDS;
}

/* Shows where in the whole run it is: done workloads count fully, this one in part. */
static struct {
    size_t done, all;
} workloads;

static void show_progress(const struct bench_table *table, unsigned round, const char *row, double part)
{
    char text[128], size[BENCH_NUMBER_TEXT], count[BENCH_NUMBER_TEXT], turn[BENCH_NUMBER_TEXT] = "warming up";
    if (round)
        snprintf(turn, sizeof turn, "round %u", round);
    snprintf(text, sizeof text, "%3.0f %%  %s x %s, %s: %s",
             100 * ((double)workloads.done + part) / (double)workloads.all,
             bench_size_text(table->size.record_bytes, size), bench_count_text(table->size.records, count), turn, row);
    bench_progress(text);
}

static int stopped(void)
{
    bench_complain(who, "stopped by a signal; its files are removed and nothing more is reported");
    return bench_stop_code();
}

/* Opens a writer with the defaults: learns their buffer size, and finds out early if nothing can be written there. */
static int learn_default_buffer(struct bench_place *place, uint64_t *bytes)
{
    quire_writer *writer;
    int rc = quire_writer_open(place->file, NULL, &writer);
    if (rc < 0)
        return bench_complain(who, "cannot write in %s: %s", place->directory, quire_strerror(rc));
    struct quire_writer_stats stats = {.size = sizeof stats};
    rc = quire_writer_stats(writer, &stats);
    int closed = quire_writer_close(writer);
    bench_place_remove_file(place);
    if (rc < 0 || closed < 0)
        return bench_complain(who, "cannot write in %s: %s", place->directory, quire_strerror(rc < 0 ? rc : closed));
    *bytes = stats.buffer_bytes;
    return 0;
}

/* Twice the largest workload: the file of the row, and the one kept to be written again. A log in recycled segments
 * holds as much again of what came before, and every log has two segments of 64 MiB ready. */
static int check_room(const struct bench_settings *settings, struct bench_place *place)
{
    uint64_t most = 0;
    for (size_t i = 0; i < settings->workload_count; i++) {
        uint64_t bytes = settings->workloads[i].record_bytes * settings->workloads[i].records;
        most = bytes > most ? bytes : most;
    }
    bool log = bench_settings_want(settings, BENCH_LOG);
    uint64_t needed = (log ? 4 : 2) * most + (log ? 256 << 20 : 64 << 20), room = bench_place_room(place);
    if (room >= needed)
        return 0;
    return bench_complain(who,
                          "%s has %" PRIu64 " MiB of room, and %" PRIu64
                          " MiB are needed; choose another place with --dir or "
                          "less with --records",
                          settings->directory, room >> 20, needed >> 20);
}

static int measure_workload(const struct bench_report *report, const struct bench_rows *rows, struct bench_place *place,
                            struct bench_size size, double seconds, struct bench_chapter *chapter)
{
    const struct bench_settings *settings = report->settings;
    struct bench_workload work;
    struct bench_schedule schedule = {
        .seconds = seconds,
        .handicap = settings->handicap,
        .handicapped = settings->handicap ? settings->handicapped : NULL,
        .series = report->series,
        .progress = show_progress,
    };
    struct bench_terms terms = {
        .sync = settings->sync,
        .memory_only = report->environment.memory_only,
        .perf = settings->perf,
        .latency = settings->latency,
        .rate = settings->rate,
        .poisson = settings->poisson,
        .rounds = rounds_of(settings),
    };
    struct bench_table *table = &chapter->table;
    if (bench_workload_make(&work, size, settings->threads) < 0)
        return bench_complain(who, "no memory for records of %" PRIu64 " bytes and %u threads", size.record_bytes,
                              settings->threads);
    if (bench_table_make(table, rows, size, &terms) < 0) {
        bench_workload_free(&work);
        return bench_complain(who, "no memory");
    }
    struct bench_run run;
    bench_rounds(table, place, &work, &schedule, &run);
    bench_progress("");
    bench_place_remove_files(place);
    bench_workload_free(&work);
    if (run.outcome == BENCH_STOPPED)
        return stopped();
    if (run.outcome == BENCH_FAILED)
        return bench_complain(who, "%s", run.text);
    bench_ratios_of_table(&chapter->ratios, table, settings->threads);
    bench_advice_make(&chapter->advice, table, settings->threads);
    bench_warnings_make(&chapter->warnings, table, &report->environment);
    return 0;
}

static void show_search(struct bench_size workload, unsigned round, const char *row, double rate)
{
    char text[128], size[BENCH_NUMBER_TEXT], at[BENCH_NUMBER_TEXT];
    snprintf(text, sizeof text, "%s, round %u, %s: %s a second", bench_size_text(workload.record_bytes, size), round,
             row, rate > 0 ? bench_grouped(rate, at) : "as many as it can");
    bench_progress(text);
}

/* Instead of the tables: the highest rate of each row that keeps the latency asked for. */
static int find_rates(struct bench_report *report, const struct bench_rows *rows, struct bench_place *place,
                      const struct bench_paper *paper)
{
    const struct bench_settings *settings = report->settings;
    struct bench_max_rate_plan plan = {
        .rows = rows,
        .sync = settings->sync,
        .poisson = settings->poisson,
        .rounds = rounds_of(settings) < BENCH_RATE_ROUNDS_MOST ? rounds_of(settings) : BENCH_RATE_ROUNDS_MOST,
        .progress = show_search,
    };
    if (!bench_slo_parse(settings->slo, &plan.slo))
        return bench_complain(who, "\"%s\" is no limit of latency", settings->slo);
    for (size_t i = 0; i < settings->workload_count; i++) {
        struct bench_workload work;
        struct bench_run run;
        if (bench_workload_make(&work, settings->workloads[i], settings->threads) < 0)
            return bench_complain(who, "no memory");
        bench_max_rates_find(&report->rates[i], &plan, place, &work, &run);
        bench_progress("");
        bench_place_remove_files(place);
        bench_workload_free(&work);
        if (run.outcome == BENCH_STOPPED)
            return stopped();
        if (run.outcome == BENCH_FAILED)
            return bench_complain(who, "%s", run.text);
        report->rates_count++;
        if (paper)
            bench_text_rates(paper, &report->rates[i]);
    }
    return 0;
}

static int measure_workloads(const struct bench_settings *settings, const struct bench_rows *rows,
                             struct bench_place *place, struct bench_report *report, const struct bench_paper *paper)
{
    workloads.all = settings->workload_count;
    double begun = bench_now();
    for (size_t i = 0; i < settings->workload_count && rows->count; i++) {
        struct bench_chapter *chapter = &report->chapters[i];
        workloads.done = i;
        /* What one workload leaves of its share of the time, the next ones have. */
        double left = begun + quick_seconds - bench_now(), share = left / (double)(settings->workload_count - i);
        bool hurry = settings->quick && !settings->rounds;
        int rc = measure_workload(report, rows, place, settings->workloads[i],
                                  !hurry          ? 0
                                  : share > 0.001 ? share
                                                  : 0.001,
                                  chapter);
        if (rc != 0)
            return rc;
        report->chapter_count++;
        if (paper) {
            bench_text_chapter(paper, report, chapter);
            /* A reader who has gone would not want the rest measured. */
            if (fflush(paper->out) != 0)
                return errno == EPIPE ? FAILED
                                      : bench_complain(who, "the tables cannot be written: %s", strerror(errno));
        }
    }
    return 0;
}

static int measure_staging(const struct bench_settings *settings, struct bench_place *place,
                           struct bench_report *report, const struct bench_paper *paper)
{
    for (size_t i = 0; i < STAGING_SIZES && bench_settings_want(settings, BENCH_STAGING); i++) {
        bench_progress("appends while a buffer is free");
        int rc = bench_staging_measure(&report->staging[i], place, staging_sizes[i], rounds_of(settings));
        bench_progress("");
        if (rc == -EINTR)
            return stopped();
        if (rc < 0)
            return bench_complain(who, "appends while a buffer is free: %s", quire_strerror(rc));
        report->staging_count++;
    }
    if (paper)
        bench_text_staging(paper, report);
    return 0;
}

/* Everything between the making and the removal of the private directory. */
static int measure(const struct bench_settings *settings, struct bench_place *place, struct bench_report *report,
                   const struct bench_paper *paper)
{
    uint64_t default_buffer = 0;
    struct bench_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return bench_complain(who, "no memory");
    int rc = check_room(settings, place);
    if (rc == 0)
        rc = learn_default_buffer(place, &default_buffer);
    if (rc == 0) {
        bench_rows_make(rows, settings, default_buffer);
        if (paper) {
            bench_text_header(paper, report);
            fflush(paper->out); /* shown while the first rows run; should it fail, so will the tables */
        }
        rc = settings->slo ? find_rates(report, rows, place, paper)
                           : measure_workloads(settings, rows, place, report, paper);
    }
    if (rc == 0 && !settings->slo)
        rc = measure_staging(settings, place, report, paper);
    /* The tables refer to the rows; what is still to be reported of them is the JSON. */
    report->rows = rows;
    return rc;
}

static void free_report(struct bench_report *report)
{
    for (size_t i = 0; report->chapters && i < report->settings->workload_count; i++)
        bench_table_free(&report->chapters[i].table);
    free(report->chapters);
    free(report->staging);
    free(report->rates);
    free(report->rows);
    bench_series_free(report->series);
}

/* Measures in a private directory, with a series beside it if one is asked for. */
static int measure_in_place(struct bench_report *report, const struct bench_paper *paper)
{
    const struct bench_settings *settings = report->settings;
    struct bench_place place;
    int rc = bench_place_make(&place, settings->directory);
    if (rc < 0)
        return bench_complain(who, "cannot make a directory in %s: %s", settings->directory, quire_strerror(rc));
    if (settings->interval > 0) {
        report->series = bench_series_start(settings->interval);
        if (!report->series)
            rc = bench_complain(who, "no memory or no thread for the time series");
    }
    if (rc == 0)
        rc = measure(settings, &place, report, paper);
    if (report->series)
        report->samples = bench_series_stop(report->series, &report->sample_count, &report->samples_lost);
    bench_place_remove(&place);
    return rc;
}

/* In memory: plots take a while, and whoever stops them wants no half page, nor half of what it would replace. To be
 * freed; NULL: it cannot be made. */
static char *make_page(const struct bench_report *report)
{
    char *page = NULL;
    size_t length = 0;
    bool plots = true;
    FILE *memory = open_memstream(&page, &length);
    if (!memory)
        return NULL;
    bench_progress("drawing");
    int rc = bench_html_write(memory, report, &plots);
    bench_progress("");
    if (!plots && !bench_stop_signal)
        bench_complain(who, "the page lacks plots: they need gnuplot; " BENCH_PLOTS_HOW);
    if (fclose(memory) == 0 && rc == 0)
        return page;
    free(page);
    return NULL;
}

/* Everything that is written when all has been measured; page is the HTML. */
static int write_files(const struct bench_report *report, const struct bench_outputs *outputs, const char *page)
{
    if (outputs->json && bench_json_write(outputs->json, report) < 0)
        return bench_complain(who, "cannot write the JSON: %s", quire_strerror(-errno));
    if (outputs->series && bench_series_csv(outputs->series, report->samples, report->sample_count) < 0)
        return bench_complain(who, "cannot write the time series: %s", quire_strerror(-errno));
    if (outputs->csv && bench_csv_write(outputs->csv, report) < 0)
        return bench_complain(who, "cannot write the CSV: %s", quire_strerror(-errno));
    if (outputs->markdown && bench_markdown_write(outputs->markdown, report) < 0)
        return bench_complain(who, "cannot write the Markdown: %s", quire_strerror(-errno));
    if (outputs->html && fputs(page, outputs->html) == EOF)
        return bench_complain(who, "cannot write the page: %s", strerror(errno));
    if (outputs->trace && bench_trace_write(outputs->trace) < 0)
        return bench_complain(who, "cannot write the trace: %s", quire_strerror(-errno));
    if (report->samples_lost)
        bench_complain(who, "%zu samples of the time series could not be kept: no memory", report->samples_lost);
    return 0;
}

static int write_reports(const struct bench_report *report, const struct bench_outputs *outputs)
{
    char *page = outputs->html ? make_page(report) : NULL;
    int rc = 0;
    if (bench_stop_signal)
        rc = stopped();
    else if (outputs->html && !page)
        rc = bench_complain(who, "no memory");
    else
        rc = write_files(report, outputs, page);
    free(page);
    return rc;
}

int bench_instrument(const struct bench_settings *settings, const struct bench_outputs *outputs)
{
    struct bench_report report = {
        .settings = settings,
        .chapters = calloc(settings->workload_count, sizeof(struct bench_chapter)),
        .staging = calloc(STAGING_SIZES, sizeof(struct bench_staging)),
        .rates = calloc(settings->workload_count, sizeof(struct bench_max_rates)),
    };
    struct bench_paper paper;
    int rc = 0;
    if (!report.chapters || !report.staging || !report.rates)
        rc = bench_complain(who, "no memory");
    if (rc == 0) {
        bench_stop_install();
        if (outputs->trace)
            bench_trace_start(TRACE_SPANS);
        bench_environment_read(&report.environment, settings->directory);
        if (bench_settings_want(settings, BENCH_PEERS))
            bench_peer_versions(report.environment.peers);
        if (outputs->text)
            paper = bench_paper_for(outputs->text);
        rc = measure_in_place(&report, outputs->text ? &paper : NULL);
    }
    if (rc == 0)
        rc = write_reports(&report, outputs);
    bench_trace_end();
    free_report(&report);
    return rc;
}

void bench_instrument_list(const struct bench_settings *settings, FILE *text)
{
    struct bench_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return;
    bench_rows_make(rows, settings, 0);
    fprintf(text, "%-42s %s\n", "Row", "--methods");
    for (unsigned i = 0; i < rows->count; i++)
        fprintf(text, "%-42s %s\n", rows->row[i].name, bench_family_name(rows->row[i].family));
    if (bench_settings_want(settings, BENCH_STAGING))
        fprintf(text, "%-42s %s\n", "appends while a buffer is free", bench_family_name(BENCH_STAGING));
    free(rows);
}
