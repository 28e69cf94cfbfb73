/* The curve as a picture: for each payload, how fast each mode is by how fast the disk is. What lies above the diagonal
 * pays. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "fuse/report.h"
#include "report/gnuplot.h"

enum { WIDTH = 1000, HEIGHT = 420, PANEL_COLUMNS = 2 };

static const char *const colours[BENCH_FUSE_MODES] = {
    [BENCH_FUSE_NATIVE] = BENCH_PLOT_INK, [BENCH_FUSE_PLAIN] = "#d08a3c",   [BENCH_FUSE_WRITEBACK] = "#a8963a",
    [BENCH_FUSE_PASSTHROUGH] = "#8a78c8", [BENCH_FUSE_LOG_LZ4] = "#3f8fc4", [BENCH_FUSE_LOG_ZSTD] = "#4fa66a",
};

/* The points of a mode, as the data that gnuplot reads: the disk as it is seen natively, and the speed. How many. */
static unsigned write_points(FILE *script, const struct bench_fuse_report *report, enum bench_fuse_payload payload,
                             enum bench_fuse_mode mode)
{
    const struct bench_fuse_choice *choice = &report->choice;
    unsigned count = 0;
    fprintf(script, "$mode%d <<END\n", (int)mode);
    for (unsigned i = 0; i <= choice->limits; i++) {
        uint64_t limit = i < choice->limits ? choice->limit[i] : 0;
        const struct bench_fuse_cell *native = bench_fuse_find_limited(report, BENCH_FUSE_NATIVE, payload, limit),
                                     *cell = bench_fuse_find_limited(report, mode, payload, limit);
        struct bench_spread disk, speed;
        if (!native || !cell || !bench_fuse_figure_of(native, BENCH_FUSE_SPEED, &disk) ||
            !bench_fuse_figure_of(cell, BENCH_FUSE_SPEED, &speed))
            continue;
        fprintf(script, "%g %g\n", disk.median / 1e6, speed.median / 1e6);
        count++;
    }
    fputs("END\n", script);
    return count;
}

/* What is measured as points and lines, what follows from ratio and codec as a dashed line. False: nothing to draw. */
static bool write_panel(FILE *script, const struct bench_fuse_report *report, enum bench_fuse_payload payload)
{
    unsigned points[BENCH_FUSE_MODES], all = 0;
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
        all += points[mode] = write_points(script, report, payload, mode);
    if (all == 0)
        return false;
    fprintf(script, "set title '%s' textcolor rgb '" BENCH_PLOT_INK "'\nplot x with lines notitle linecolor rgb '%s'",
            bench_fuse_payload_text(payload), colours[BENCH_FUSE_NATIVE]);
    for (unsigned mode = BENCH_FUSE_PLAIN; mode < BENCH_FUSE_MODES; mode++) {
        const struct bench_fuse_codec *codec = &report->codec[payload][mode];
        if (points[mode])
            fprintf(script,
                    ", $mode%u with linespoints pointtype 7 pointsize 0.5 linewidth 2 linecolor rgb '%s' title '%s'",
                    mode, colours[mode], bench_fuse_mode_name(mode));
        if (points[mode] && codec->known)
            fprintf(script, ", (%g*x < %g ? %g*x : %g) with lines dashtype 2 linecolor rgb '%s' notitle", codec->ratio,
                    codec->bytes_per_s / 1e6, codec->ratio, codec->bytes_per_s / 1e6, colours[mode]);
    }
    fputc('\n', script);
    return true;
}

static void write_start(FILE *script, unsigned panels)
{
    unsigned rows = (panels + PANEL_COLUMNS - 1) / PANEL_COLUMNS, columns = panels < PANEL_COLUMNS ? 1 : PANEL_COLUMNS;
    fprintf(script,
            "set terminal svg size %d,%u dynamic font 'sans-serif,14'\n"
            "set border 3 linecolor rgb '" BENCH_PLOT_INK "'\n"
            "set tics textcolor rgb '" BENCH_PLOT_INK "' nomirror\n"
            "set grid linecolor rgb '#B0888888' linewidth 0.5\n"
            "set key bottom right reverse Left textcolor rgb '" BENCH_PLOT_INK "'\n"
            "set logscale xy\n"
            "set xtics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)\n"
            "set ytics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)\n"
            "set xlabel 'the disk, as appending natively sees it, MB/s' textcolor rgb '" BENCH_PLOT_INK "'\n"
            "set ylabel 'appended, MB/s' textcolor rgb '" BENCH_PLOT_INK "'\n"
            "set xrange [*:*] noextend\n"
            "set multiplot layout %u,%u\n",
            WIDTH, rows * HEIGHT, rows, columns);
}

static bool write_script(FILE *script, const struct bench_fuse_report *report)
{
    unsigned panels = 0;
    bool any = false;
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
        panels += report->choice.payload[payload];
    write_start(script, panels);
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
        if (report->choice.payload[payload])
            any |= write_panel(script, report, payload);
    fputs("unset multiplot\n", script);
    return any;
}

int bench_fuse_plot(FILE *out, const struct bench_fuse_report *report)
{
    char *text = NULL;
    size_t length = 0;
    FILE *script = open_memstream(&text, &length);
    if (!script)
        return -ENOMEM;
    bool any = write_script(script, report);
    int rc = fclose(script) == 0 ? 0 : -ENOMEM;
    if (rc == 0)
        rc = any ? bench_gnuplot_run(text, "fuse", out) : -ENODATA;
    free(text);
    return rc;
}
