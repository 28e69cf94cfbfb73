/* The plots of a page. See plot.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/plot.h"

#include <inttypes.h>
#include <math.h>

#define INK "#888888"

enum { CURVE_LEAST = 50 }; /* values; fewer say nothing of percentiles */

/* What its bytes survive. */
static const uint32_t durability_colours[] = {
    [BENCH_NOTHING] = 0x9a8fb8, [BENCH_KERNEL] = 0xd08a3c, [BENCH_DEVICE] = 0x3f8fc4};
static const uint32_t pale = 0x80000000; /* half transparent */

static const char *const curve_colours[BENCH_CURVES_MOST] = {"#3f8fc4", "#d08a3c", "#4fa66a", "#c45f8a",
                                                             "#8a78c8", "#a8963a", "#45a7a7", "#b8705a"};

static double rate(const struct bench_table *table, const struct bench_result *result)
{
    return bench_result_figure(table, result, BENCH_MIB_PER_S).median;
}

/* The place of the curve that a row would take: that of its family, a new one, or -1. */
static int place_of(const struct bench_curves *curves, const struct bench_row *row)
{
    for (unsigned i = 0; i < curves->count; i++)
        if (curves->line[i]->result->row->family == row->family)
            return (int)i;
    return curves->count < BENCH_CURVES_MOST ? (int)curves->count : -1;
}

void bench_plot_choose(const struct bench_table *table, const struct bench_lines *lines, struct bench_curves *curves)
{
    curves->count = 0;
    for (unsigned i = 0; i < lines->count; i++) {
        const struct bench_line *line = &lines->line[i];
        int place = place_of(curves, line->result->row);
        if (place < 0 || bench_result_durability(table, line->result) == BENCH_NOTHING)
            continue;
        if ((unsigned)place == curves->count)
            curves->line[curves->count++] = line;
        else if (rate(table, line->result) > rate(table, curves->line[place]->result))
            curves->line[place] = line;
    }
}

static void write_start(FILE *script, unsigned width, unsigned height)
{
    fprintf(script,
            "set terminal svg size %u,%u dynamic font 'sans-serif,13'\n"
            "set border 3 linecolor rgb '" INK "'\n"
            "set tics textcolor rgb '" INK "' nomirror\n"
            "set key textcolor rgb '" INK "'\n"
            "set xlabel textcolor rgb '" INK "'\n"
            "set ylabel textcolor rgb '" INK "'\n"
            "set grid linecolor rgb '#88888850' linewidth 0.5\n",
            width, height);
}

/* In single quotes, as gnuplot has it. Names are not to be taken for its enhanced text. */
static void write_name(FILE *script, const char *text)
{
    fputc('\'', script);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', script);
        fputc(*text, script);
    }
    fputc('\'', script);
}

void bench_plot_bars(FILE *script, const struct bench_table *table, const struct bench_lines *lines)
{
    double most = 0;
    unsigned count = 0;
    for (unsigned i = 0; i < lines->count; i++) {
        double value = rate(table, lines->line[i].result);
        count++;
        if (bench_result_durability(table, lines->line[i].result) != BENCH_NOTHING && value > most)
            most = value;
    }
    write_start(script, 900, 70 + 24 * count);
    fprintf(script,
            "set border 1\nset yrange [%u.5:-0.5]\nset xrange [0:%.0f]\nset ytics scale 0 noenhanced\n"
            "unset key\nset xlabel 'MiB/s'\nset style fill solid 1 noborder\nset ytics (",
            count - 1, most * 1.12);
    for (unsigned i = 0; i < lines->count; i++) {
        fputs(i ? ", " : "", script);
        write_name(script, lines->line[i].name);
        fprintf(script, " %u", i);
    }
    fputs(")\n$bars << EOD\n", script);
    for (unsigned i = 0; i < lines->count; i++) {
        const struct bench_result *result = lines->line[i].result;
        double value = rate(table, result);
        uint32_t colour = durability_colours[bench_result_durability(table, result)];
        if (result->row->family == BENCH_LIMITS)
            colour |= pale;
        fprintf(script, "%u %.9g %" PRIu32 " \"%.*f\"\n", i, fmin(value, most), colour, value < 10 ? 1 : 0, value);
    }
    fputs("EOD\nplot $bars using (0):1:(0):2:($1-0.35):($1+0.35):(column(3)) with boxxyerror linecolor rgb variable, "
          "$bars using 2:1:4 with labels left offset 0.6,0 textcolor rgb '" INK "'\n",
          script);
}

/* Values at or below the upper end of each bucket, by how many nines of them there are. */
static void write_curve(FILE *script, unsigned number, const struct bench_histogram *histogram)
{
    uint64_t below = 0;
    fprintf(script, "$curve%u << EOD\n", number);
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        uint64_t low, high, count;
        bench_histogram_bucket(histogram, i, &low, &high, &count);
        if (count == 0)
            continue;
        double left = (double)(histogram->count - below) / (double)histogram->count;
        below += count;
        if (high > histogram->most)
            high = histogram->most;
        fprintf(script, "%.6g %.6g\n", -log10(left), (double)high * 1e-3);
    }
    fprintf(script, "%.6g %.6g\nEOD\n", log10((double)histogram->count), (double)histogram->most * 1e-3);
}

static const struct bench_histogram *histogram_of(const struct bench_line *line, enum bench_moment moment)
{
    const struct bench_latency *latency = line->result->latency;
    return latency && latency->of[moment].count >= CURVE_LEAST ? &latency->of[moment] : NULL;
}

bool bench_plot_latency(FILE *script, const struct bench_curves *curves, enum bench_moment moment)
{
    unsigned drawn = 0;
    for (unsigned i = 0; i < curves->count; i++)
        drawn += histogram_of(curves->line[i], moment) != NULL;
    if (drawn == 0)
        return false;
    write_start(script, 900, 420);
    fputs("set logscale y\nset xtics ('0' 0, '90 %%' 1, '99 %%' 2, '99.9 %%' 3, '99.99 %%' 4, '99.999 %%' 5, "
          "'99.9999 %%' 6, '99.99999 %%' 7)\nset xrange [0:]\nset xlabel 'share of all that took no longer'\n"
          "set ylabel 'microseconds'\nset format y '%g'\nset key outside right top noenhanced\n",
          script);
    for (unsigned i = 0; i < curves->count; i++)
        if (histogram_of(curves->line[i], moment))
            write_curve(script, i, histogram_of(curves->line[i], moment));
    fputs("plot ", script);
    for (unsigned i = 0, n = 0; i < curves->count; i++) {
        if (!histogram_of(curves->line[i], moment))
            continue;
        fprintf(script, "%s$curve%u with lines linewidth 2 linecolor rgb '%s' title ", n++ ? ", " : "", i,
                curve_colours[i]);
        write_name(script, curves->line[i]->name);
    }
    fputc('\n', script);
    return true;
}

void bench_plot_rounds(FILE *script, const struct bench_table *table, const struct bench_curves *curves)
{
    write_start(script, 900, 360);
    fputs("set xlabel 'round'\nset ylabel 'MiB/s'\nset yrange [0:]\nset xtics 1\nset key outside right top "
          "noenhanced\n",
          script);
    for (unsigned i = 0; i < curves->count; i++) {
        const struct bench_result *result = curves->line[i]->result;
        fprintf(script, "$row%u << EOD\n", i);
        for (unsigned r = 0; r < result->count; r++)
            fprintf(script, "%u %.6g\n", r + 1, bench_sample_figure(table, &result->samples[r], BENCH_MIB_PER_S));
        fputs("EOD\n", script);
    }
    fputs("plot ", script);
    for (unsigned i = 0; i < curves->count; i++) {
        fprintf(script, "%s$row%u with linespoints pointtype 7 pointsize 0.5 linewidth 1.5 linecolor rgb '%s' title ",
                i ? ", " : "", i, curve_colours[i]);
        write_name(script, curves->line[i]->name);
    }
    fputc('\n', script);
}

void bench_plot_series(FILE *script, const struct bench_series_sample *samples, size_t count)
{
    write_start(script, 900, 360);
    fputs("set xlabel 'seconds since the run began'\nset ylabel 'MiB/s'\nset yrange [0:]\n"
          "set key outside right top noenhanced\n$samples << EOD\n",
          script);
    for (size_t i = 0; i < count; i++) {
        const struct bench_series_sample *s = &samples[i];
        if (s->span_seconds <= 0)
            continue;
        double mib = (double)s->records * (double)s->record_bytes / 1048576;
        fprintf(script, "%.6f %.6g %.6g %d\n", s->at_seconds, mib / s->span_seconds,
                s->device_known ? (double)s->device_bytes / 1048576 / s->span_seconds : 0, s->stalled);
    }
    fprintf(
        script,
        "EOD\nplot $samples using 1:2 with impulses linewidth 1.5 linecolor rgb '%s' title 'appended', "
        "$samples using 1:3 with points pointtype 7 pointsize 0.3 linecolor rgb '%s' title 'by the device', "
        "$samples using 1:($4 > 0 ? 0 : 1/0) with points pointtype 9 pointsize 0.8 linecolor rgb '%s' title 'stall'\n",
        curve_colours[0], curve_colours[1], curve_colours[3]);
}
