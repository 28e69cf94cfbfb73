/* The report for people: the environment, a table per workload, ratios, recommendations. 120 columns at most.
 *
 * SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <inttypes.h>

#include <quire/version.h>

enum { COLUMNS = 118 };

/* Prints text behind a label, broken between words, the lines that follow indented to the first one's start. */
static void print_wrapped(FILE *out, const char *label, const char *text)
{
    int indent = (int)strlen(label), column = indent;
    fputs(label, out);
    for (const char *word = text; *word;) {
        int length = (int)strcspn(word, " ");
        if (column > indent && column + 1 + length > COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", length, word);
        column += length;
        word += length;
        word += strspn(word, " ");
    }
    fputc('\n', out);
}

static const char *duration(double seconds, char text[BENCH_NUMBER_TEXT])
{
    if (seconds >= 10)
        snprintf(text, BENCH_NUMBER_TEXT, "%.1f s", seconds);
    else if (seconds >= 1)
        snprintf(text, BENCH_NUMBER_TEXT, "%.2f s", seconds);
    else if (seconds >= 0.1)
        snprintf(text, BENCH_NUMBER_TEXT, "%.0f ms", seconds * 1e3);
    else
        snprintf(text, BENCH_NUMBER_TEXT, "%.2f ms", seconds * 1e3);
    return text;
}

static const char *known(const char *text)
{
    return *text ? text : "unknown";
}

void bench_text_header(FILE *out, const struct bench_report *report)
{
    const struct bench_environment *e = &report->environment;
    char line[768];
    fprintf(out, "quire %s bench, %s\n\n", quire_version(), e->date);
    snprintf(line, sizeof line, "%s, %u core%s, %.1f GiB of memory, load %.2f", known(e->cpu), e->cores,
             e->cores == 1 ? "" : "s", (double)e->memory_bytes / 1073741824, e->load);
    print_wrapped(out, "Machine     ", line);
    print_wrapped(out, "Kernel      ", known(e->kernel));
    snprintf(line, sizeof line, "%s: %s on %s (%s)", known(e->directory), known(e->file_system), known(e->device),
             known(e->mount_options));
    print_wrapped(out, "Directory   ", line);
    if (e->memory_only)
        print_wrapped(out, "Disk        ",
                      "none: this directory is in memory, syncs cost nothing and nothing survives. "
                      "Choose a real disk with --dir to measure one.");
    else if (*e->write_cache) {
        snprintf(line, sizeof line, "write cache: %s; scheduler: %s", e->write_cache, known(e->scheduler));
        print_wrapped(out, "Disk        ", line);
    }
    if (report->settings->sync)
        print_wrapped(out, "Clock       ",
                      "from the first append, after open, until the final sync has returned. CPU is "
                      "that of this process.");
    else
        print_wrapped(out, "Clock       ",
                      "from the first append, after open, until everything has been given to the "
                      "kernel: no sync. For Direct I/O that means the device, so its rows do more "
                      "than the others; limit: direct is only measured with a final sync.");
    print_wrapped(out, "Data        ",
                  "pseudo-random, no two records equal, made before the clock starts and small enough "
                  "to stay in the cache. Every file is read back and compared, untimed.");
    if (e->load > 0.5)
        print_wrapped(out, "Note        ", "the machine was not idle when this began; figures will spread.");
}

static void print_row(FILE *out, const struct bench_table *table, const struct bench_result *result, const char *name)
{
    char length[BENCH_NUMBER_TEXT], records[BENCH_NUMBER_TEXT], rate[BENCH_NUMBER_TEXT], low[BENCH_NUMBER_TEXT],
        high[BENCH_NUMBER_TEXT], times[BENCH_NUMBER_TEXT] = "-";
    struct bench_spread seconds = bench_result_figure(table, result, BENCH_SECONDS);
    double final = bench_result_figure(table, result, BENCH_FINAL_SECONDS).median;
    double mib = bench_result_figure(table, result, BENCH_MIB_PER_S).median;
    const struct bench_result *base = bench_table_find(table, "Direct Write");
    if (base)
        snprintf(times, sizeof times, "%.2f", bench_result_figure(table, base, BENCH_SECONDS).median / seconds.median);
    duration(seconds.min, low);
    duration(seconds.max, high);
    fprintf(out, "%-29s %9s %9s %12s %9.2f %8s %6.1f %8.1f   %s .. %s\n", name, duration(seconds.median, length),
            bench_grouped(mib, rate),
            bench_grouped(bench_result_figure(table, result, BENCH_RECORDS_PER_S).median, records),
            (double)table->bytes / 1048576, times, 100 * final / seconds.median,
            1e3 * bench_result_figure(table, result, BENCH_CPU_SECONDS).median, low, high);
}

/* A limit that is the best of several candidates: its row bears the limit's name, and a note says which it was. */
static void print_limit(FILE *out, const struct bench_table *table, bench_row_filter *of_group, const char *name)
{
    const struct bench_result *best = bench_table_best(table, of_group);
    if (best)
        print_row(out, table, best, name);
}

static void print_notes(FILE *out, const struct bench_table *table)
{
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *result = &table->result[i];
        if (*result->unavailable)
            fprintf(out, "%s: not available: %s\n", result->row->name, result->unavailable);
    }
    if (table->others_share > 0.1)
        fprintf(out,
                "Not alone: other programs and the kernel's own threads used %.0f %% of the CPUs while this was "
                "measured.\n",
                100 * table->others_share);
    bench_row_filter *const groups[] = {bench_row_is_direct, bench_row_is_written};
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        const struct bench_result *best = bench_table_best(table, groups[g]);
        unsigned candidates = 0;
        for (unsigned i = 0; i < table->count; i++)
            candidates += table->result[i].count && groups[g](table->result[i].row);
        if (best)
            fprintf(out, "%s: the best of %u (request size x requests in flight)\n", best->row->name, candidates);
    }
}

static void print_table(FILE *out, const struct bench_table *table)
{
    char size[BENCH_NUMBER_TEXT], count[BENCH_NUMBER_TEXT];
    fprintf(out, "\n=== %s x %s, %s, median of %u round%s ===\n", bench_size_text(table->size.record_bytes, size),
            bench_count_text(table->size.records, count), table->sync ? "final sync included" : "no sync",
            table->rounds, table->rounds == 1 ? "" : "s");
    fprintf(out, "%-29s %9s %9s %12s %9s %8s %6s %8s   %s\n", "Method", "Duration", "MiB/s", "Records/s", "Total MiB",
            "x Direct", table->sync ? "Sync %" : "Flush%", "CPU ms", "Fastest .. slowest");
    for (int i = 0; i < COLUMNS; i++)
        fputc('-', out);
    fputc('\n', out);
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *result = &table->result[i];
        if (result->count && result->row->group == BENCH_ALONE)
            print_row(out, table, result, result->row->name);
    }
    print_limit(out, table, bench_row_is_direct, "limit: direct");
    print_limit(out, table, bench_row_is_written, "limit: direct, written before");
    print_notes(out, table);
}

static void print_ratios(FILE *out, const struct bench_ratios *ratios)
{
    if (ratios->count == 0)
        return;
    fprintf(out, "\nRatios, paired within each round\n");
    for (unsigned i = 0; i < ratios->count; i++) {
        const struct bench_ratio *r = &ratios->ratio[i];
        char aim[BENCH_NUMBER_TEXT] = "";
        if (r->has_target)
            snprintf(aim, sizeof aim, "%s %.2f", r->at_least ? ">=" : "<=", r->target);
        fprintf(out, "  %-74s %6.2f  (%.2f .. %.2f)%*s%-8s %s\n", r->label, r->value.median, r->value.min, r->value.max,
                2, "", aim, bench_ratio_verdict(r));
    }
}

void bench_text_chapter(FILE *out, const struct bench_chapter *chapter)
{
    print_table(out, &chapter->table);
    print_ratios(out, &chapter->ratios);
    if (chapter->advice.count)
        fprintf(out, "\nRecommendations, from these figures\n");
    for (unsigned i = 0; i < chapter->advice.count; i++)
        print_wrapped(out, "  - ", chapter->advice.line[i]);
}

void bench_text_staging(FILE *out, const struct bench_report *report)
{
    for (size_t i = 0; i < report->staging_count; i++) {
        const struct bench_staging *staging = &report->staging[i];
        char size[BENCH_NUMBER_TEXT];
        fprintf(out, "\n=== %s appends while a buffer is free, only the appends timed, median of %u round%s ===\n",
                bench_size_text(staging->record_bytes, size), staging->rounds, staging->rounds == 1 ? "" : "s");
        for (unsigned stage = 0; stage < BENCH_STAGES; stage++) {
            struct bench_spread cost = bench_staging_cost(staging, stage);
            fprintf(out, "%-29s %9.2f ns   %.2f .. %.2f\n", bench_stage_name(stage), cost.median, cost.min, cost.max);
        }
        struct bench_ratios ratios = {.count = 0};
        bench_ratios_of_staging(&ratios, staging);
        print_ratios(out, &ratios);
    }
}
