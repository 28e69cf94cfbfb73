/* The report for people: a disk made slower. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/number.h"
#include "base/paper.h"
#include "fuse/report.h"

enum { LABEL = 16, COLUMN = 12, CELL_ROOM = 32 };

/* The limits, and 0 for none. */
static uint64_t limit_of(const struct bench_fuse_choice *choice, unsigned column)
{
    return column < choice->limits ? choice->limit[column] : 0;
}

static void print_measured(FILE *out, const struct bench_fuse_report *report, enum bench_fuse_payload payload,
                           enum bench_fuse_mode mode)
{
    fprintf(out, "%-*s", LABEL, bench_fuse_mode_name(mode));
    for (unsigned i = 0; i <= report->choice.limits; i++) {
        const struct bench_fuse_cell *cell =
            bench_fuse_find_limited(report, mode, payload, limit_of(&report->choice, i));
        struct bench_spread speed, ratio;
        char text[CELL_ROOM] = "-";
        if (cell && bench_fuse_figure_of(cell, BENCH_FUSE_SPEED, &speed)) {
            if (bench_fuse_ratio(report, cell, BENCH_FUSE_NATIVE, &ratio))
                snprintf(text, sizeof text, "%.0f (%.2f)", speed.median / 1e6, ratio.median);
            else
                snprintf(text, sizeof text, "%.0f", speed.median / 1e6);
        }
        fprintf(out, "%*s", COLUMN, text);
    }
    fputc('\n', out);
}

/* Without a limit the disk is as fast as it is seen natively. */
static void print_predicted(FILE *out, const struct bench_fuse_report *report, enum bench_fuse_payload payload,
                            enum bench_fuse_mode mode)
{
    fprintf(out, "%-*s", LABEL, "  predicted");
    for (unsigned i = 0; i <= report->choice.limits; i++) {
        uint64_t limit = limit_of(&report->choice, i);
        const struct bench_fuse_cell *native = bench_fuse_find_limited(report, BENCH_FUSE_NATIVE, payload, limit);
        struct bench_spread speed = {.median = 0};
        double disk = (double)limit, predicted;
        char text[CELL_ROOM] = "-";
        if (limit == 0 && native && bench_fuse_figure_of(native, BENCH_FUSE_SPEED, &speed))
            disk = speed.median;
        if (disk > 0 && bench_fuse_predict(report, mode, payload, disk, &predicted))
            snprintf(text, sizeof text, "%.0f", predicted / 1e6);
        fprintf(out, "%*s", COLUMN, text);
    }
    fputc('\n', out);
}

static void print_payload(FILE *out, const struct bench_fuse_report *report, enum bench_fuse_payload payload)
{
    char text[CELL_ROOM];
    fprintf(out, "\n%-*s", LABEL, bench_fuse_payload_name(payload));
    for (unsigned i = 0; i < report->choice.limits; i++) {
        snprintf(text, sizeof text, "%.4g MB/s", (double)report->choice.limit[i] / 1e6);
        fprintf(out, "%*s", COLUMN, text);
    }
    fprintf(out, "%*s\n", COLUMN, "no limit");
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++) {
        if (!bench_fuse_find_limited(report, mode, payload, 0))
            continue;
        print_measured(out, report, payload, mode);
        if (bench_fuse_mode_is_log(mode))
            print_predicted(out, report, payload, mode);
    }
}

void bench_fuse_text_curve(const struct bench_paper *paper, const struct bench_fuse_report *report)
{
    const struct bench_fuse_cell *any = NULL;
    char line[400], append[BENCH_NUMBER_TEXT], file[BENCH_NUMBER_TEXT];
    for (size_t i = 0; i < report->count && !any; i++)
        any = report->cell[i].curve ? &report->cell[i] : NULL;
    if (*report->no_curve) {
        snprintf(line, sizeof line, "not measured: %s", report->no_curve);
        fputc('\n', paper->out);
        bench_paper_wrapped(paper, "Slower disk ", line);
    }
    if (!any)
        return;
    snprintf(
        line, sizeof line,
        "MB/s until the final fsync had returned (times native), for files of %s in appends of %s, writer and daemon "
        "limited to so much a second; predicted: ratio times disk, at most the codec's own speed",
        bench_size_text(any->bytes, file), bench_size_text(any->append_bytes, append));
    fputc('\n', paper->out);
    bench_paper_wrapped(paper, "Slower disk ", line);
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
        if (report->choice.payload[payload])
            print_payload(paper->out, report, payload);
    if (report->escaped == 0)
        return;
    snprintf(line, sizeof line,
             "%u file%s written faster than the limit, by somebody else's sync or by the kernel itself, and measured "
             "again; %u of those that are counted %s so all the same, and too fast",
             report->escaped, report->escaped == 1 ? " was" : "s were", report->kept_escaped,
             report->kept_escaped == 1 ? "was" : "were");
    fputc('\n', paper->out);
    bench_paper_wrapped(paper, "Past it     ", line);
}
