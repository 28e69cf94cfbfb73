/* Recommendations from one table. See advice.h.
 *
 * Two rows differ here only if every round says so, and there were three or more: a ratio whose rounds lie on both
 * sides of 1 is no difference, whatever the median.
 *
 * SPDX-License-Identifier: MIT */
#include "report/advice.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static void say(struct bench_advice *advice, const char *format, ...)
{
    if (advice->count == BENCH_ADVICE_MOST)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(advice->line[advice->count++], sizeof advice->line[0], format, arguments);
    va_end(arguments);
}

static double rate(const struct bench_table *table, const struct bench_result *result)
{
    return bench_result_figure(table, result, BENCH_MIB_PER_S).median;
}

/* How fast a row was, in words. */
static const char *rate_text(const struct bench_table *table, const struct bench_result *result,
                             char text[BENCH_NUMBER_TEXT])
{
    if (table->terms.sync == BENCH_SYNC_EACH)
        snprintf(text, BENCH_NUMBER_TEXT, "%.0f records/s",
                 bench_result_figure(table, result, BENCH_RECORDS_PER_S).median);
    else
        snprintf(text, BENCH_NUMBER_TEXT, "%.0f MiB/s", rate(table, result));
    return text;
}

/* 1 or -1: every round had the ratio above or below 1. 0: they do not agree. */
static int side(struct bench_spread ratio)
{
    return (ratio.min > 1) - (ratio.max < 1);
}

/* A row of one of libquire's methods, by one thread, into a file not prepared. */
static bool is_choice(const struct bench_row *row)
{
    return bench_row_is_quire(row) || row->family == BENCH_WRITE || row->family == BENCH_STDIO;
}

static void advise_method(struct bench_advice *advice, const struct bench_table *table)
{
    const struct bench_result *best = bench_table_best(table, is_choice);
    if (!best)
        return;
    const struct bench_result *rival = NULL;
    unsigned level = 0;
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *other = &table->result[i];
        if (!other->count || other == best || !is_choice(other->row) ||
            side(bench_result_ratio(table, best, other, BENCH_MIB_PER_S)) > 0)
            continue;
        level++;
        if (!rival || rate(table, other) > rate(table, rival))
            rival = other;
    }
    static const char *const ends[] = {
        [BENCH_SYNC_NONE] = "up to the kernel",
        [BENCH_SYNC_END] = "with the final sync",
        [BENCH_SYNC_EACH] = "each record durable",
    };
    const char *end = ends[table->terms.sync];
    char fastest[BENCH_NUMBER_TEXT], next[BENCH_NUMBER_TEXT];
    if (rival)
        say(advice,
            "Fastest by one thread into a fresh file, %s: %s, %s; %u other row%s cannot be told from it, %s (%s) "
            "first.",
            end, best->row->name, rate_text(table, best, fastest), level, level == 1 ? "" : "s", rival->row->name,
            rate_text(table, rival, next));
    else
        say(advice, "Fastest by one thread into a fresh file, %s: %s, %s, in every round.", end, best->row->name,
            rate_text(table, best, fastest));
}

/* The smallest buffer of one family whose median is within 5 % of the family's best. */
static void advise_buffer(struct bench_advice *advice, const struct bench_table *table, enum bench_family family)
{
    const struct bench_result *best = NULL, *smallest = NULL;
    unsigned rows = 0;
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *r = &table->result[i];
        if (!r->count || r->row->family != family || r->row->prepared)
            continue;
        rows++;
        if (!best || rate(table, r) > rate(table, best))
            best = r;
    }
    for (unsigned i = 0; i < table->count && rows > 1; i++) {
        const struct bench_result *r = &table->result[i];
        if (r->count && r->row->family == family && !r->row->prepared && rate(table, r) >= 0.95 * rate(table, best) &&
            (!smallest || r->buffer_bytes < smallest->buffer_bytes))
            smallest = r;
    }
    if (!smallest)
        return;
    char size[BENCH_NUMBER_TEXT];
    say(advice, "%s: %s is the smallest buffer within 5 %% of this method's best (%s, %.0f MiB/s).",
        smallest->row->method, bench_size_text(smallest->buffer_bytes, size), best->row->name, rate(table, best));
}

static bool is_paged(const struct bench_row *row)
{
    return row->family == BENCH_PAGED;
}

static double cpu_per_gib(const struct bench_table *table, const struct bench_result *result)
{
    return bench_result_figure(table, result, BENCH_CPU_SECONDS).median / (double)table->bytes * 1073741824;
}

static void advise_direct(struct bench_advice *advice, const struct bench_table *table)
{
    const struct bench_result *uring = bench_table_best(table, bench_row_is_uring);
    const struct bench_result *paged = bench_table_best(table, is_paged);
    if (!uring || !paged)
        return;
    struct bench_spread ratio = bench_result_ratio(table, uring, paged, BENCH_MIB_PER_S);
    int where = side(ratio);
    const char *verdict = where > 0   ? "Direct I/O pays"
                          : where < 0 ? "Direct I/O does not pay in time"
                                      : "Whether direct I/O pays in time cannot be told";
    say(advice,
        "%s: %s has %.2f (%.2f to %.2f) times the bytes/s of %s, and takes %.2f against %.2f CPU seconds per GiB.",
        verdict, uring->row->name, ratio.median, ratio.min, ratio.max, paged->row->name, cpu_per_gib(table, uring),
        cpu_per_gib(table, paged));
}

static void advise_threads(struct bench_advice *advice, const struct bench_table *table, unsigned threads)
{
    char name[48];
    snprintf(name, sizeof name, "%u threads, lanes", threads);
    const struct bench_result *lanes = bench_table_find(table, name);
    snprintf(name, sizeof name, "%u threads, shared lane", threads);
    const struct bench_result *shared = bench_table_find(table, name);
    if (!lanes || !shared)
        return;
    struct bench_spread ratio = bench_result_ratio(table, lanes, shared, BENCH_MIB_PER_S);
    int where = side(ratio);
    const char *verdict = where > 0   ? "open a lane per thread"
                          : where < 0 ? "append to the writer itself"
                                      : "lanes and the shared lane cannot be told apart";
    say(advice, "With %u threads %s: lanes have %.2f (%.2f to %.2f) times the bytes/s of the shared lane.", threads,
        verdict, ratio.median, ratio.min, ratio.max);
}

void bench_advice_make(struct bench_advice *advice, const struct bench_table *table, unsigned threads)
{
    advice->count = 0;
    /* A warning says why there are none. Where a rate was set, all rows run at that rate. */
    if (table->rounds < BENCH_ROUNDS_TO_JUDGE || table->terms.rate > 0)
        return;
    advise_method(advice, table);
    advise_threads(advice, table, threads);
    /* A record that is synced by itself fills no buffer. */
    if (table->terms.sync == BENCH_SYNC_EACH)
        return;
    advise_buffer(advice, table, BENCH_PAGED);
    advise_buffer(advice, table, BENCH_STDIO);
    advise_buffer(advice, table, BENCH_URING);
    advise_direct(advice, table);
}
