/* What follows from the figures of one run. See report.h.
 *
 * Two cells differ only if every round says so: a ratio whose rounds lie on both sides of 1 is no difference. Counts of
 * flushes and bytes are said beside the times, since they do not depend on how busy the machine was.
 *
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "base/number.h"
#include "sync/report.h"

static const double others_matter = 0.05; /* of all KiB that the device was given */

__attribute__((format(printf, 2, 3))) static void say(struct bench_sync_summary *summary, const char *format, ...)
{
    if (summary->count == BENCH_SYNC_LINES_MOST)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(summary->line[summary->count++], sizeof summary->line[0], format, arguments);
    va_end(arguments);
}

/* 1 or -1: every round had the ratio above or below 1. 0: they do not agree. */
static int side(struct bench_spread ratio)
{
    return (ratio.min > 1) - (ratio.max < 1);
}

static double rate_of(const struct bench_sync_cell *cell)
{
    struct bench_spread rate = {.median = 0};
    bench_sync_figure_of(cell, BENCH_SYNC_RATE, &rate);
    return rate.median;
}

static const char *ratio_text(struct bench_spread ratio, char text[BENCH_NUMBER_TEXT])
{
    snprintf(text, BENCH_NUMBER_TEXT, "%.2f (%.2f .. %.2f)", ratio.median, ratio.min, ratio.max);
    return text;
}

/* Durable, as far as the counters and the kernel's word on the write cache go. */
static bool is_candidate(const struct bench_sync_report *report, const struct bench_sync_cell *cell)
{
    enum bench_sync_verdict verdict = bench_sync_verdict_of(report, cell);
    return cell->rounds && verdict != BENCH_SYNC_NOT_DURABLE && verdict != BENCH_SYNC_UNFLUSHED;
}

static const struct bench_sync_cell *find_cheapest(const struct bench_sync_report *report, bool growing_only)
{
    const struct bench_sync_cell *best = NULL;
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_sync_cell *cell = &report->cell[i];
        if (is_candidate(report, cell) && (!growing_only || cell->file == BENCH_SYNC_APPEND) &&
            (!best || rate_of(cell) > rate_of(best)))
            best = cell;
    }
    return best;
}

static unsigned count_level(const struct bench_sync_report *report, const struct bench_sync_cell *best)
{
    unsigned level = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_sync_cell *cell = &report->cell[i];
        level += cell != best && is_candidate(report, cell) && side(bench_sync_ratio(best, cell)) <= 0;
    }
    return level;
}

static void say_cheapest(struct bench_sync_summary *summary, const struct bench_sync_report *report)
{
    const struct bench_sync_cell *best = find_cheapest(report, false), *growing = find_cheapest(report, true);
    char rate[BENCH_NUMBER_TEXT], others[64] = "in every round ahead of all others";
    if (!best) {
        say(summary, "No way measured here is durable, as far as can be seen.");
        return;
    }
    unsigned level = count_level(report, best);
    if (level)
        snprintf(others, sizeof others, "%u other%s cannot be told from it", level, level == 1 ? "" : "s");
    say(summary, "Cheapest durable append: %s into a file of kind %s, %s a second%s; %s.",
        bench_sync_way_name(best->way), bench_sync_file_name(best->file), bench_grouped(rate_of(best), rate),
        bench_sync_verdict_of(report, best) == BENCH_SYNC_UNKNOWN ? " (flushes could not be counted)" : "", others);
    if (growing && growing != best)
        say(summary, "Into a fresh file that grows: %s, %s a second.", bench_sync_way_name(growing->way),
            bench_grouped(rate_of(growing), rate));
}

/* "2.00 flushes and 20.0 KiB", or "" where they cannot be counted. */
static const char *counts_text(const struct bench_sync_cell *cell, char text[64])
{
    struct bench_spread flushes, kib;
    text[0] = '\0';
    if (bench_sync_figure_of(cell, BENCH_SYNC_FLUSHES, &flushes) && bench_sync_figure_of(cell, BENCH_SYNC_KIB, &kib))
        snprintf(text, 64, "%.2f flushes and %.1f KiB", flushes.median, kib.median);
    return text;
}

/* One kind of file against the one that grows, by the same way. */
static void say_against_append(struct bench_sync_summary *summary, const struct bench_sync_report *report,
                               enum bench_sync_file file, enum bench_sync_way way)
{
    const struct bench_sync_cell *grown = bench_sync_find(report, BENCH_SYNC_APPEND, way);
    const struct bench_sync_cell *other = bench_sync_find(report, file, way);
    char ratio[BENCH_NUMBER_TEXT], of_grown[64], of_other[64];
    if (!grown || !other)
        return;
    const char *name = bench_sync_file_name(file), *by = bench_sync_way_name(way);
    ratio_text(bench_sync_ratio(other, grown), ratio);
    if (*counts_text(grown, of_grown) && *counts_text(other, of_other))
        say(summary, "%s by %s: %s times the rate of append; an append costs %s, and %s where the file grows.", name,
            by, ratio, of_other, of_grown);
    else
        say(summary, "%s by %s: %s times the rate of append.", name, by, ratio);
}

/* What paged and write do under QUIRE_SYNC_EACH is a pwrite and an fdatasync. */
static void say_options(struct bench_sync_summary *summary, const struct bench_sync_report *report)
{
    const struct bench_sync_cell *grown = bench_sync_find(report, BENCH_SYNC_APPEND, BENCH_SYNC_FDATASYNC);
    const struct bench_sync_cell *written = bench_sync_find(report, BENCH_SYNC_WRITTEN, BENCH_SYNC_FDATASYNC);
    const struct bench_sync_cell *allocated = bench_sync_find(report, BENCH_SYNC_ALLOCATED, BENCH_SYNC_FDATASYNC);
    static const char *const verdicts[] = {"made durable appends slower in every round: leave it off here",
                                           "is undecided by time, the rounds disagree: ask for more with --time and "
                                           "--rounds, and look at the flushes",
                                           "made durable appends faster in every round: worth its zeros wherever syncs "
                                           "are frequent"};
    char rate[BENCH_NUMBER_TEXT];
    if (grown && written)
        say(summary, "QUIRE_PREPARE_WRITTEN %s.", verdicts[1 + side(bench_sync_ratio(written, grown))]);
    if (grown && allocated && side(bench_sync_ratio(allocated, grown)) <= 0)
        say(summary,
            "QUIRE_PREPARE_ALLOCATED keeps a full disk away from appends; it does not make durable ones faster "
            "here.");
    if (grown)
        say(summary,
            "QUIRE_SYNC_EACH: one thread gets about %s appends a second into a file that grows; threads that "
            "wait together share a flush.",
            bench_grouped(rate_of(grown), rate));
}

static void say_range(struct bench_sync_summary *summary, const struct bench_sync_report *report)
{
    for (unsigned file = 0; file < BENCH_SYNC_FILES; file++) {
        const struct bench_sync_cell *range = bench_sync_find(report, file, BENCH_SYNC_RANGE);
        const struct bench_sync_cell *sync = bench_sync_find(report, file, BENCH_SYNC_FDATASYNC);
        char ratio[BENCH_NUMBER_TEXT];
        if (!range || !sync)
            continue;
        say(summary,
            "sync_file_range is %s times as fast as fdatasync (%s), because it does not make anything durable.",
            ratio_text(bench_sync_ratio(range, sync), ratio), bench_sync_file_name(file));
        return;
    }
}

static void say_others(struct bench_sync_summary *summary, const struct bench_sync_report *report)
{
    struct bench_sync_others others;
    if (!bench_sync_others(report, &others) || others.kib < others.all_kib * others_matter)
        return;
    say(summary,
        "Another process wrote to this device meanwhile, it seems: %.0f %% of the %.1f MiB that it was given are more "
        "than "
        "the leanest round of each cell explains. Counts above are medians; the least of the rounds is in the JSON.",
        100 * others.kib / others.all_kib, others.all_kib / 1024);
}

void bench_sync_summarize(const struct bench_sync_report *report, struct bench_sync_summary *summary)
{
    summary->count = 0;
    if (report->environment.memory_only) {
        say(summary, "Nothing here is durable: the directory is in memory, and a sync has nothing to do.");
        return;
    }
    say_cheapest(summary, report);
    say_against_append(summary, report, BENCH_SYNC_WRITTEN, BENCH_SYNC_FDATASYNC);
    say_against_append(summary, report, BENCH_SYNC_ALLOCATED, BENCH_SYNC_FDATASYNC);
    say_against_append(summary, report, BENCH_SYNC_WRITTEN, BENCH_SYNC_DIRECT_DSYNC);
    say_options(summary, report);
    say_range(summary, report);
    say_others(summary, report);
}
