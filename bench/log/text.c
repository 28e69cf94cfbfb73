/* The report for people. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include <quire/version.h>

#include "base/number.h"
#include "base/paper.h"
#include "log/report.h"

enum { NAME_WIDTH = 46, LINE_ROOM = 900 };

static const char *value_text(enum bench_log_figure figure, double value, char text[BENCH_NUMBER_TEXT])
{
    char number[BENCH_NUMBER_TEXT];
    if (!bench_log_figure_is_rate(figure))
        return bench_duration_text(value, text);
    snprintf(text, BENCH_NUMBER_TEXT, "%.20s MiB/s", bench_grouped(value / 1048576, number));
    return text;
}

static void print_header(const struct bench_paper *paper, const struct bench_log_report *report)
{
    const struct bench_environment *e = &report->environment;
    char line[LINE_ROOM], size[BENCH_NUMBER_TEXT], count[BENCH_NUMBER_TEXT];
    fprintf(paper->out, "quire %s bench log, %s\n\n", quire_version(), e->date);
    bench_environment_print(e, paper);
    snprintf(
        line, sizeof line,
        "records of %s; medians of %u rounds, in which the subjects take turns, and the least and greatest of them",
        bench_size_text(report->size.record_bytes, size), report->rounds);
    bench_paper_wrapped(paper, "Measured    ", line);
    if (report->measured[BENCH_LOG_READING]) {
        snprintf(line, sizeof line,
                 "%s records, in memory already; bytes are those of records, for read(2) those of the files. Every "
                 "checksum is checked, and afterwards every record is compared.",
                 bench_count_text(report->size.records, count));
        bench_paper_wrapped(paper, "Reading     ", line);
    }
}

static void print_more(const struct bench_paper *paper, const struct bench_log_report *report)
{
    char line[LINE_ROOM], number[BENCH_NUMBER_TEXT], rate[BENCH_NUMBER_TEXT];
    if (report->measured[BENCH_LOG_OPENING])
        bench_paper_wrapped(paper, "Opening     ",
                            "quire_log_open alone, until it has returned, with the defaults, of a log that was closed "
                            "properly. Its directory is in memory; its tail is read from the device.");
    if (report->measured[BENCH_LOG_FOLLOWING]) {
        snprintf(line, sizeof line,
                 "%s records a round, one at a time: appended, flushed, and read by another process that slept in "
                 "quire_reader_wait. The clock is the machine's and starts just before quire_log_flush is called, or "
                 "when it has returned.",
                 bench_grouped((double)report->follows, number));
        bench_paper_wrapped(paper, "Following   ", line);
    }
    if (report->measured[BENCH_LOG_ROTATING]) {
        snprintf(line, sizeof line,
                 "%s appends a round, %s a second are due, each timed from then; in memory, not synced. Of the %" PRIu64
                 " segments that were sealed in the last round while rotating, %" PRIu64 " had no next one ready.",
                 bench_grouped((double)report->paced, number), bench_grouped(report->rate, rate), report->rotations,
                 report->rotation_waits);
        bench_paper_wrapped(paper, "Rotating    ", line);
    }
}

static void print_figure(FILE *out, const struct bench_log_report *report, enum bench_log_figure figure)
{
    struct bench_spread value = bench_log_spread(report, figure);
    struct bench_log_aim aim = bench_log_aim_of(report, figure);
    char name[120], text[BENCH_NUMBER_TEXT];
    fprintf(out, "%-*s", NAME_WIDTH, bench_log_figure_text(report, figure, name));
    fprintf(out, " %14s", value_text(figure, value.median, text));
    fprintf(out, " %14s", value_text(figure, value.min, text));
    fprintf(out, " %14s", value_text(figure, value.max, text));
    if (aim.kind != BENCH_LOG_NO_AIM)
        fprintf(out, "  %s %s  %s", aim.kind == BENCH_LOG_AT_LEAST ? ">=" : "<=", value_text(figure, aim.value, text),
                bench_log_verdict(value, aim));
    fputc('\n', out);
}

static void print_table(FILE *out, const struct bench_log_report *report)
{
    fprintf(out, "\n%-*s %14s %14s %14s  %s\n", NAME_WIDTH, "", "median", "least", "greatest", "wanted");
    enum bench_log_subject before = BENCH_LOG_SUBJECTS;
    for (enum bench_log_figure f = 0; f < BENCH_LOG_FIGURES; f++) {
        if (!bench_log_figure_shown(report, f))
            continue;
        if (before != BENCH_LOG_SUBJECTS && before != bench_log_subject_of(f))
            fputc('\n', out);
        before = bench_log_subject_of(f);
        print_figure(out, report, f);
    }
}

static void print_ratios(FILE *out, const struct bench_log_report *report)
{
    struct bench_log_ratio ratio;
    struct bench_spread value;
    for (unsigned i = 0; bench_log_ratio_at(report, i, &ratio, &value); i++) {
        if (i == 0)
            fputs("\nRatios, paired within each round\n", out);
        fprintf(out, "  %-54s %6.2f  (%.2f .. %.2f)", ratio.text, value.median, value.min, value.max);
        if (ratio.aim.kind != BENCH_LOG_NO_AIM)
            fprintf(out, "  %s %.2f  %s", ratio.aim.kind == BENCH_LOG_AT_LEAST ? ">=" : "<=", ratio.aim.value,
                    bench_log_verdict(value, ratio.aim));
        fputc('\n', out);
    }
}

void bench_log_text(FILE *out, const struct bench_log_report *report)
{
    struct bench_paper paper = bench_paper_for(out);
    print_header(&paper, report);
    print_more(&paper, report);
    print_table(out, report);
    print_ratios(out, report);
    if (report->environment.load >= 0.5)
        bench_paper_wrapped(&paper, "\nNote: ", "the machine was not idle when this began; figures will spread.");
}
