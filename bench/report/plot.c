/* The plots of a page. See plot.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/plot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/gnuplot.h"

enum {
    CURVE_LEAST = 50,      /* values; fewer say nothing of percentiles */
    ROUNDS_EACH_NAMED = 25 /* as many numbers as there is room for along the axis */
};

static const char *const curve_colours[BENCH_CURVES_MOST] = {"#3f8fc4", "#d08a3c", "#4fa66a", "#c45f8a",
                                                             "#8a78c8", "#a8963a", "#45a7a7", "#b8705a"};

const char *bench_plot_colour(unsigned number)
{
    return curve_colours[number];
}

static double rate(const struct bench_table *table, const struct bench_result *result)
{
    return bench_result_figure(table, result, BENCH_MIB_PER_S).median;
}

/* The same kind of method; of peers each is its own. */
static bool is_akin(const struct bench_row *one, const struct bench_row *other)
{
    return one->family == other->family && (one->family != BENCH_PEERS || strcmp(one->method, other->method) == 0);
}

/* Whether its bytes left the process, and no row of its kind is faster; of equally fast ones it is the first. */
static bool leads(const struct bench_table *table, const struct bench_lines *lines, const struct bench_line *line)
{
    if (bench_result_durability(table, line->result) == BENCH_NOTHING)
        return false;
    for (unsigned i = 0; i < lines->count; i++) {
        const struct bench_line *other = &lines->line[i];
        double ahead = rate(table, other->result) - rate(table, line->result);
        if (is_akin(line->result->row, other->result->row) && (ahead > 0 || (ahead >= 0 && other < line)) &&
            bench_result_durability(table, other->result) != BENCH_NOTHING)
            return false;
    }
    return true;
}

static void drop_slowest(const struct bench_table *table, struct bench_curves *curves)
{
    unsigned slowest = 0;
    for (unsigned i = 1; i < curves->count; i++)
        if (rate(table, curves->line[i]->result) < rate(table, curves->line[slowest]->result))
            slowest = i;
    curves->count--;
    memmove(&curves->line[slowest], &curves->line[slowest + 1],
            (curves->count - slowest) * sizeof(const struct bench_line *));
}

void bench_plot_choose(const struct bench_table *table, const struct bench_lines *lines, struct bench_curves *curves)
{
    curves->count = 0;
    for (unsigned i = 0; i < lines->count; i++) {
        if (!leads(table, lines, &lines->line[i]))
            continue;
        curves->line[curves->count++] = &lines->line[i];
        if (curves->count > BENCH_CURVES_MOST)
            drop_slowest(table, curves);
    }
}

static void write_start(FILE *script, unsigned width, unsigned height)
{
    fprintf(script,
            "set terminal svg size %u,%u dynamic font 'sans-serif,14'\n"
            "set border 3 linecolor rgb '" BENCH_PLOT_INK "'\n"
            "set tics textcolor rgb '" BENCH_PLOT_INK "' nomirror\n"
            "set xlabel textcolor rgb '" BENCH_PLOT_INK "'\n"
            "set ylabel textcolor rgb '" BENCH_PLOT_INK "'\n"
            "set grid linecolor rgb '#B0888888' linewidth 0.5\n"
            "unset key\nset rmargin 3\n",
            width, height);
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

bool bench_plot_has(const struct bench_curves *curves, unsigned number, enum bench_moment moment)
{
    return histogram_of(curves->line[number], moment) != NULL;
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
          "set ylabel 'microseconds'\nset format y '%g'\n",
          script);
    for (unsigned i = 0; i < curves->count; i++)
        if (histogram_of(curves->line[i], moment))
            write_curve(script, i, histogram_of(curves->line[i], moment));
    fputs("plot ", script);
    for (unsigned i = 0, n = 0; i < curves->count; i++) {
        if (!histogram_of(curves->line[i], moment))
            continue;
        fprintf(script, "%s$curve%u with lines linewidth 2 linecolor rgb '%s'", n++ ? ", " : "", i,
                bench_plot_colour(i));
    }
    fputc('\n', script);
    return true;
}

void bench_plot_rounds(FILE *script, const struct bench_table *table, const struct bench_curves *curves)
{
    write_start(script, 900, 360);
    fputs("set xlabel 'round'\nset ylabel 'MiB/s'\nset yrange [0:]\n", script);
    if (table->rounds <= ROUNDS_EACH_NAMED)
        fputs("set xtics 1\n", script);
    for (unsigned i = 0; i < curves->count; i++) {
        const struct bench_result *result = curves->line[i]->result;
        fprintf(script, "$row%u << EOD\n", i);
        for (unsigned r = 0; r < result->count; r++)
            fprintf(script, "%u %.6g\n", r + 1, bench_sample_figure(table, &result->samples[r], BENCH_MIB_PER_S));
        fputs("EOD\n", script);
    }
    fputs("plot ", script);
    for (unsigned i = 0; i < curves->count; i++) {
        fprintf(script, "%s$row%u with linespoints pointtype 7 pointsize 0.5 linewidth 1.5 linecolor rgb '%s'",
                i ? ", " : "", i, bench_plot_colour(i));
    }
    fputc('\n', script);
}

void bench_plot_series(FILE *script, const struct bench_series_sample *samples, size_t count)
{
    write_start(script, 900, 360);
    fputs("set xlabel 'seconds since the run began'\nset ylabel 'MiB/s'\nset yrange [0:]\n$samples << EOD\n", script);
    for (size_t i = 0; i < count; i++) {
        const struct bench_series_sample *s = &samples[i];
        if (s->span_seconds <= 0)
            continue;
        double mib = (double)s->records * (double)s->record_bytes / 1048576;
        fprintf(script, "%.6f %.6g ", s->at_seconds, mib / s->span_seconds);
        if (s->device_known)
            fprintf(script, "%.6g", (double)s->device_bytes / 1048576 / s->span_seconds);
        else
            fputs("NaN", script);
        fprintf(script, " %d\n", s->stalled);
    }
    fprintf(script,
            "EOD\nplot $samples using 1:2 with impulses linewidth 1.5 linecolor rgb '%s', "
            "$samples using 1:3 with points pointtype 7 pointsize 0.3 linecolor rgb '%s', "
            "$samples using 1:($4 > 0 ? 0 : 1/0) with points pointtype 9 pointsize 0.8 linecolor rgb '%s'\n",
            bench_plot_colour(0), bench_plot_colour(1), bench_plot_colour(3));
}
