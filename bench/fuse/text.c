/* The report for people: the matrix. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include <quire/version.h>

#include "base/number.h"
#include "base/paper.h"
#include "fuse/report.h"

enum { WIDTH = 100, LABEL = 12, CELL_ROOM = 32, COLUMN = 14, WIDE_COLUMN = 20 };

/* A cell's text. False: it has none. */
typedef bool cell_text(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell,
                       char text[CELL_ROOM]);

/* Three digits or all there are of whole units. */
static int decimals_of(double value)
{
    return value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
}

static bool speed_text(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell, char text[CELL_ROOM])
{
    struct bench_spread speed, ratio;
    if (!bench_fuse_figure_of(cell, BENCH_FUSE_SPEED, &speed))
        return false;
    double megabytes = speed.median / 1e6;
    if (bench_fuse_ratio(report, cell, BENCH_FUSE_NATIVE, &ratio))
        snprintf(text, CELL_ROOM, "%.*f (%.2f)", decimals_of(megabytes), megabytes, ratio.median);
    else
        snprintf(text, CELL_ROOM, "%.*f", decimals_of(megabytes), megabytes);
    return true;
}

static bool spread_text(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell,
                        char text[CELL_ROOM])
{
    struct bench_spread ratio;
    if (cell->mode == BENCH_FUSE_NATIVE || !bench_fuse_ratio(report, cell, BENCH_FUSE_NATIVE, &ratio))
        return false;
    snprintf(text, CELL_ROOM, "%.2f .. %.2f", ratio.min, ratio.max);
    return true;
}

static bool figure_text(const struct bench_fuse_cell *cell, enum bench_fuse_figure figure, double unit,
                        char text[CELL_ROOM])
{
    struct bench_spread value;
    if (!bench_fuse_figure_of(cell, figure, &value))
        return false;
    value.median /= unit;
    snprintf(text, CELL_ROOM, "%.*f", value.median > 0 ? decimals_of(value.median) : 0, value.median);
    return true;
}

static bool appending_text(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell,
                           char text[CELL_ROOM])
{
    (void)report;
    return figure_text(cell, BENCH_FUSE_APPENDING, 1e6, text);
}

static bool writes_text(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell,
                        char text[CELL_ROOM])
{
    (void)report;
    return figure_text(cell, BENCH_FUSE_WRITES, 1, text);
}

static bool daemon_text(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell,
                        char text[CELL_ROOM])
{
    (void)report;
    return figure_text(cell, BENCH_FUSE_DAEMON_CPU, 1, text);
}

/* One row; a mode that has no such text for the first of the sizes has none at all. */
static bool has_row(const struct bench_fuse_report *report, enum bench_fuse_payload payload, enum bench_fuse_mode mode,
                    cell_text *print)
{
    char text[CELL_ROOM];
    const struct bench_fuse_cell *cell = bench_fuse_find(report, mode, payload, report->choice.size[0]);
    return cell && print(report, cell, text);
}

static void print_row(FILE *out, const struct bench_fuse_report *report, enum bench_fuse_payload payload,
                      enum bench_fuse_mode mode, cell_text *print)
{
    char text[CELL_ROOM];
    fprintf(out, "%-*s", LABEL, bench_fuse_mode_name(mode));
    for (unsigned i = 0; i < report->choice.sizes; i++) {
        const struct bench_fuse_cell *cell = bench_fuse_find(report, mode, payload, report->choice.size[i]);
        fprintf(out, "%*s", COLUMN, cell && print(report, cell, text) ? text : "-");
    }
    fputc('\n', out);
}

/* Rows of modes by columns of sizes, for one payload; nothing if there is no row. */
static void print_table(FILE *out, const struct bench_fuse_report *report, enum bench_fuse_payload payload,
                        const char *title, cell_text *print)
{
    char text[BENCH_NUMBER_TEXT];
    bool any = false;
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++) {
        if (!has_row(report, payload, mode, print))
            continue;
        if (!any) {
            fprintf(out, "\n%s\n%-*s", title, LABEL, "");
            for (unsigned i = 0; i < report->choice.sizes; i++)
                fprintf(out, "%*s", COLUMN, bench_size_text(report->choice.size[i], text));
            fputc('\n', out);
        }
        any = true;
        print_row(out, report, payload, mode, print);
    }
}

static void print_payload(FILE *out, const struct bench_fuse_report *report, enum bench_fuse_payload payload)
{
    char title[128];
    snprintf(title, sizeof title, "%s: MB/s until the final fsync had returned (times native)",
             bench_fuse_payload_text(payload));
    print_table(out, report, payload, title, speed_text);
    if (report->rounds > 1)
        print_table(out, report, payload, "times native, least and most of the rounds", spread_text);
    print_table(out, report, payload, "MB/s until the last append had returned, without the fsync", appending_text);
    print_table(out, report, payload, "CPU of the daemon, ms for each MiB", daemon_text);
}

static void print_stored_row(FILE *out, const struct bench_fuse_report *report, enum bench_fuse_mode mode)
{
    const struct bench_fuse_choice *choice = &report->choice;
    char text[CELL_ROOM];
    fprintf(out, "%-*s", LABEL, bench_fuse_mode_name(mode));
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++) {
        const struct bench_fuse_cell *cell = bench_fuse_find(report, mode, payload, choice->size[choice->sizes - 1]);
        if (choice->payload[payload])
            fprintf(out, "%*s", WIDE_COLUMN, cell && figure_text(cell, BENCH_FUSE_STORED, 1, text) ? text : "-");
    }
    fprintf(out, "\n%-*s", LABEL, "  codec");
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++) {
        const struct bench_fuse_codec *codec = &report->codec[payload][mode];
        if (codec->known)
            snprintf(text, sizeof text, "%.2f, %.0f MB/s", codec->ratio, codec->bytes_per_s / 1e6);
        if (choice->payload[payload])
            fprintf(out, "%*s", WIDE_COLUMN, codec->known ? text : "-");
    }
    fputc('\n', out);
}

/* What was stored, at the last of the sizes, and what the codecs do by themselves. */
static void print_stored(FILE *out, const struct bench_fuse_report *report)
{
    const struct bench_fuse_choice *choice = &report->choice;
    bool any = false;
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++) {
        if (!bench_fuse_mode_is_log(mode) || !choice->mode[mode] || *report->missing[mode])
            continue;
        if (!any) {
            fprintf(out, "\nbytes appended by bytes stored; and the codec by itself, in blocks of 64 KiB\n%-*s", LABEL,
                    "");
            for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
                if (choice->payload[payload])
                    fprintf(out, "%*s", WIDE_COLUMN, bench_fuse_payload_name(payload));
            fputc('\n', out);
        }
        any = true;
        print_stored_row(out, report, mode);
    }
}

static void print_header(const struct bench_paper *paper, const struct bench_fuse_report *report)
{
    const struct bench_environment *e = &report->environment;
    char line[480];
    fprintf(paper->out, "quire %s bench fuse, %s\n\n", quire_version(), e->date);
    bench_environment_print(e, paper);
    if (e->memory_only)
        bench_paper_wrapped(paper, "Disk        ",
                            "none: this directory is in memory, and an fsync costs nothing here");
    if (e->load > e->cores) {
        snprintf(
            line, sizeof line,
            "others were at work when this began, a load of %.1f on %u cores: writer, daemon and codec had less than "
            "a processor each",
            e->load, e->cores);
        bench_paper_wrapped(paper, "Busy        ", line);
    }
    snprintf(
        line, sizeof line,
        "appends by one thread to a fresh file; medians of %u round%s, and of ratios taken within each round; MB is "
        "1,000,000 bytes; each file was read back through its mount and compared",
        report->rounds, report->rounds == 1 ? "" : "s");
    bench_paper_wrapped(paper, "Measured    ", line);
}

/* What a row does not promise, and why one is not there. */
static void print_notes(const struct bench_paper *paper, const struct bench_fuse_report *report)
{
    static const char *const weaker[BENCH_FUSE_MODES] = {
        [BENCH_FUSE_WRITEBACK] =
            "weaker: after kill -9 of the daemon nothing of what was acknowledged and not synced was on the disk, and "
            "later writes still succeeded",
        [BENCH_FUSE_LOG_LZ4] = "kill -9 of the daemon loses what was appended within the last second and not synced, "
                               "closed or not",
        [BENCH_FUSE_LOG_ZSTD] = "as log+lz4",
    };
    char label[COLUMN + 2];
    fputc('\n', paper->out);
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++) {
        if (!report->choice.mode[mode])
            continue;
        snprintf(label, sizeof label, "%-*s", LABEL, bench_fuse_mode_name(mode));
        if (*report->missing[mode]) {
            char why[BENCH_FUSE_WHY_ROOM + 20];
            snprintf(why, sizeof why, "not measured: %s", report->missing[mode]);
            bench_paper_wrapped(paper, label, why);
        } else if (weaker[mode])
            bench_paper_wrapped(paper, label, weaker[mode]);
    }
}

void bench_fuse_text(FILE *out, const struct bench_fuse_report *report)
{
    struct bench_paper made = bench_paper_for(out), *paper = &made;
    struct bench_fuse_summary summary;
    bool first = true;
    if (paper->width > WIDTH)
        paper->width = WIDTH;
    print_header(paper, report);
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++) {
        if (!report->choice.payload[payload])
            continue;
        print_payload(out, report, payload);
        if (first)
            print_table(out, report, payload, "WRITE requests at the daemon for each MiB, whatever is appended",
                        writes_text);
        first = false;
    }
    print_stored(out, report);
    bench_fuse_text_curve(paper, report);
    print_notes(paper, report);
    bench_fuse_summarize(report, &summary);
    if (summary.count)
        fputs("\nFrom this run\n", out);
    for (unsigned i = 0; i < summary.count; i++)
        bench_paper_wrapped(paper, "  * ", summary.line[i]);
}
