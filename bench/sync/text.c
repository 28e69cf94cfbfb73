/* The report for people. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include <quire/version.h>

#include "base/number.h"
#include "base/paper.h"
#include "sync/report.h"

enum { NOTES_MOST = 24, NOTE_ROOM = 200 };

/* Sentences below the table, each once, by the number that the cells refer to. */
struct notes {
    unsigned count;
    char text[NOTES_MOST][NOTE_ROOM];
};

/* The number of a note, which is added if no cell had it yet. 0: no room for more. */
static unsigned note(struct notes *notes, const char *text)
{
    for (unsigned i = 0; i < notes->count; i++)
        if (strcmp(notes->text[i], text) == 0)
            return i + 1;
    if (notes->count == NOTES_MOST)
        return 0;
    snprintf(notes->text[notes->count], NOTE_ROOM, "%s", text);
    return ++notes->count;
}

/* Three digits, or all there are of whole units. */
static const char *duration(uint64_t nanoseconds, char text[BENCH_NUMBER_TEXT])
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double value = (double)nanoseconds;
    unsigned unit = 0;
    for (; value >= 999.5 && unit < 3; unit++)
        value /= 1000;
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    snprintf(text, BENCH_NUMBER_TEXT, "%.*f %s", decimals, value, units[unit]);
    return text;
}

static void print_figure(FILE *out, const struct bench_sync_cell *cell, enum bench_sync_figure figure)
{
    struct bench_spread value;
    if (bench_sync_figure_of(cell, figure, &value))
        fprintf(out, " %9.*f", value.median < 99.95 ? 2 : 0, value.median);
    else
        fprintf(out, " %9s", "-");
}

static const char *note_of_verdict(enum bench_sync_verdict verdict, enum bench_sync_way way)
{
    if (verdict == BENCH_SYNC_UNFLUSHED)
        return "No flush seen, and the write cache is volatile, as the kernel sees it: do not call this durable.";
    if (verdict == BENCH_SYNC_FUA)
        return "No flush seen: the device takes FUA writes, durable by themselves, which these counters do not show.";
    if (verdict == BENCH_SYNC_NOT_DURABLE && !bench_sync_way_is_durable(way))
        return "NOT durable: waits for the write, and asks neither for a flush nor for the metadata.";
    return NULL;
}

static void print_cell(FILE *out, const struct bench_sync_report *report, const struct bench_sync_cell *cell,
                       struct notes *notes)
{
    static const double shares[] = {0.5, 0.99, 0.999, 1};
    static const enum bench_sync_figure figures[] = {BENCH_SYNC_FLUSHES, BENCH_SYNC_KIB, BENCH_SYNC_WRITES};
    char text[BENCH_NUMBER_TEXT];
    struct bench_spread rate;
    const char *remark = cell->missing;
    fprintf(out, "%-10s %-17s", bench_sync_file_name(cell->file), bench_sync_way_name(cell->way));
    if (bench_sync_figure_of(cell, BENCH_SYNC_RATE, &rate)) {
        fprintf(out, " %9s", bench_grouped(rate.median, text));
        for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
            fprintf(out, " %9s", duration(bench_histogram_percentile(&cell->latency, shares[i]), text));
        for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
            print_figure(out, cell, figures[i]);
        remark = note_of_verdict(bench_sync_verdict_of(report, cell), cell->way);
    } else {
        for (int i = 0; i < 8; i++)
            fprintf(out, " %9s", "-");
    }
    unsigned number = remark && *remark ? note(notes, remark) : 0;
    if (number)
        fprintf(out, " [%u]", number);
    fputc('\n', out);
}

static void print_header(const struct bench_paper *paper, const struct bench_sync_report *report)
{
    FILE *out = paper->out;
    const struct bench_environment *e = &report->environment;
    char line[900], size[BENCH_NUMBER_TEXT];
    fprintf(out, "quire %s bench sync, %s\n\n", quire_version(), e->date);
    bench_environment_print(e, paper);
    if (e->memory_only)
        bench_paper_wrapped(paper, "Disk        ",
                            "none: this directory is in memory and nothing survives. Choose a real disk with --dir.");
    else if (report->queue.known) {
        snprintf(line, sizeof line, "write cache: %s; FUA: %s",
                 report->queue.write_back ? "write back" : "write through", report->queue.fua ? "yes" : "no");
        bench_paper_wrapped(paper, "Disk        ", line);
    } else
        bench_paper_wrapped(paper, "Disk        ",
                            "no counters and no write cache that the kernel shows: no flush can be counted");
    snprintf(
        line, sizeof line,
        "appends of %s, each made durable before the next, by one thread; medians of %u rounds, percentiles over all "
        "of them; flushes, KiB and writes are the device's, for each append",
        bench_size_text(report->record_bytes, size), report->rounds);
    bench_paper_wrapped(paper, "Measured    ", line);
}

static void print_table(FILE *out, const struct bench_sync_report *report, struct notes *notes)
{
    static const char *const columns[] = {"appends/s", "p50", "p99", "p99.9", "max", "flushes", "KiB", "writes"};
    fprintf(out, "\n%-10s %-17s", "file", "way");
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        fprintf(out, " %9s", columns[i]);
    fputc('\n', out);
    for (size_t i = 0; i < report->count; i++) {
        if (i > 0 && report->cell[i].file != report->cell[i - 1].file)
            fputc('\n', out);
        print_cell(out, report, &report->cell[i], notes);
    }
}

void bench_sync_text(FILE *out, const struct bench_sync_report *report)
{
    const struct bench_paper made = bench_paper_for(out), *paper = &made;
    struct notes notes = {.count = 0};
    struct bench_sync_summary summary;
    char label[BENCH_NUMBER_TEXT];
    print_header(paper, report);
    print_table(out, report, &notes);
    if (notes.count)
        fputc('\n', out);
    for (unsigned i = 0; i < notes.count; i++) {
        snprintf(label, sizeof label, "[%u] ", i + 1);
        bench_paper_wrapped(paper, label, notes.text[i]);
    }
    bench_sync_summarize(report, &summary);
    if (summary.count)
        fputs("\nFrom this run\n", out);
    for (unsigned i = 0; i < summary.count; i++)
        bench_paper_wrapped(paper, "  * ", summary.line[i]);
}
