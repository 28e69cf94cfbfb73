/* The report for people: the environment, tables for each workload, ratios, recommendations, warnings.
 *
 * SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <inttypes.h>
#include <string.h>

#include <quire/version.h>

#include "report/text_table.h"

static const char *known(const char *text)
{
    return *text ? text : "unknown";
}

static const char *const clocks[] = {
    [BENCH_SYNC_NONE] = "from the first append, after open, until everything has been given to the kernel: no sync. "
                        "For Direct I/O that means the device, so its rows do more than the others; limit: direct is "
                        "only measured with a final sync. CPU is that of this process.",
    [BENCH_SYNC_END] = "from the first append, after open, until the final sync has returned. CPU is that of this "
                       "process.",
    [BENCH_SYNC_EACH] = "from the first append, after open, until the last has returned; each returns when its record "
                        "is durable. CPU is that of this process.",
};

void bench_text_header(const struct bench_paper *paper, const struct bench_report *report)
{
    FILE *out = paper->out;
    const struct bench_environment *e = &report->environment;
    char line[768];
    fprintf(out, "quire %s bench, %s\n\n", quire_version(), e->date);
    snprintf(line, sizeof line, "%s, %u core%s, %.1f GiB of memory, load %.2f", known(e->cpu), e->cores,
             e->cores == 1 ? "" : "s", (double)e->memory_bytes / 1073741824, e->load);
    bench_paper_wrapped(paper, "Machine     ", line);
    bench_paper_wrapped(paper, "Kernel      ", known(e->kernel));
    snprintf(line, sizeof line, "%s: %s on %s (%s)", known(e->directory), known(e->file_system), known(e->device),
             known(e->mount_options));
    bench_paper_wrapped(paper, "Directory   ", line);
    if (e->memory_only)
        bench_paper_wrapped(paper, "Disk        ",
                            "none: this directory is in memory, syncs cost nothing and nothing survives. "
                            "Choose a real disk with --dir to measure one.");
    else if (*e->write_cache) {
        snprintf(line, sizeof line, "write cache: %s; scheduler: %s", e->write_cache, known(e->scheduler));
        bench_paper_wrapped(paper, "Disk        ", line);
    }
    bench_paper_wrapped(paper, "Clock       ", clocks[report->settings->sync]);
    if (report->settings->latency) {
        snprintf(line, sizeof line,
                 "of single appends in runs of their own: looking at the clock takes %.0f ns, which is in each of "
                 "them. Percentiles are at most %.1f %% above the true ones.",
                 e->clock_ns, 100 * BENCH_HISTOGRAM_ERROR);
        bench_paper_wrapped(paper, "Latency     ", line);
    }
    bench_paper_wrapped(paper, "Data        ",
                        "pseudo-random, no two records equal, made before the clock starts and small enough "
                        "to stay in the cache. Every file is read back and compared, untimed.");
    if (e->load > 0.5)
        bench_paper_wrapped(paper, "Note        ", "the machine was not idle when this began; figures will spread.");
}

/* How a title says when the bytes are safe. */
static const char *const endings[] = {
    [BENCH_SYNC_NONE] = "no sync",
    [BENCH_SYNC_END] = "final sync included",
    [BENCH_SYNC_EACH] = "each record durable",
};

static void print_notes(FILE *out, const struct bench_table *table, const struct bench_lines *lines)
{
    for (unsigned i = 0; i < table->count; i++) {
        const struct bench_result *result = &table->result[i];
        if (*result->unavailable)
            fprintf(out, "%s: not available: %s\n", result->row->name, result->unavailable);
        else if (result->count && result->samples[0].use.bytes != table->bytes)
            fprintf(out, "%s: %" PRIu64 " records only\n", result->row->name,
                    result->samples[0].use.bytes / table->size.record_bytes);
    }
    for (unsigned i = 0; i < lines->count; i++)
        if (lines->line[i].candidates)
            fprintf(out, "%s: the best of %u (request size x requests in flight)\n", lines->line[i].result->row->name,
                    lines->line[i].candidates);
}

static void print_speed(const struct bench_paper *paper, const struct bench_table *table,
                        const struct bench_lines *lines)
{
    char size[BENCH_NUMBER_TEXT], count[BENCH_NUMBER_TEXT];
    double level = 0;
    for (unsigned i = 0; i < lines->count && level <= 0; i++)
        level = bench_result_confidence(table, lines->line[i].result, BENCH_SECONDS).level;
    fprintf(paper->out, "\n=== %s x %s = %.1f MiB, %s ===\n", bench_size_text(table->size.record_bytes, size),
            bench_count_text(table->size.records, count), (double)table->bytes / 1048576, endings[table->terms.sync]);
    fprintf(paper->out, "Medians of %u round%s", table->rounds, table->rounds == 1 ? "" : "s");
    if (level > 0)
        fprintf(paper->out, "; interval: where the median lies with %.0f %% confidence", 100 * level);
    fputs("\n\n", paper->out);
    bench_text_table(paper, table, lines, bench_columns_speed(), "mib_per_s");
    print_notes(paper->out, table, lines);
}

static void print_monitor(const struct bench_paper *paper, const struct bench_table *table,
                          const struct bench_lines *lines)
{
    fputs("\nWhat became of the bytes (MiB): at risk in a power cut at the end; written by the device in the "
          "meantime,\nwhoever asked for it; in the page cache at the end, and of those not yet on the device\n\n",
          paper->out);
    bench_text_table(paper, table, lines, bench_columns_monitor(), NULL);
}

static void print_latency(const struct bench_paper *paper, const struct bench_table *table,
                          const struct bench_lines *lines)
{
    static const char *const titles[BENCH_MOMENTS] = {
        [BENCH_APPEND] = "Single appends",
        [BENCH_HAND_OVER] = "Hand-overs: one write request, until the kernel (direct I/O: the device) has it",
        [BENCH_SYNC] = "Syncs",
    };
    for (unsigned moment = 0; moment < BENCH_MOMENTS; moment++) {
        struct bench_columns columns = bench_columns_latency(moment);
        if (!bench_column_used(&columns.column[0], table, lines))
            continue;
        fprintf(paper->out, "\n%s", titles[moment]);
        if (moment == BENCH_APPEND && table->terms.rate > 0) {
            char rate[BENCH_NUMBER_TEXT];
            fprintf(paper->out, ", each from when it was due: %s a second, %s", bench_grouped(table->terms.rate, rate),
                    table->terms.poisson ? "as chance would have it" : "evenly");
        }
        fputs("\n\n", paper->out);
        bench_text_table(paper, table, lines, columns, NULL);
    }
}

static void print_ratio(const struct bench_paper *paper, const struct bench_ratio *r)
{
    char aim[BENCH_NUMBER_TEXT] = "", value[64];
    if (r->has_target)
        snprintf(aim, sizeof aim, "  %s %.2f", r->at_least ? ">=" : "<=", r->target);
    snprintf(value, sizeof value, "%6.2f  (%.2f .. %.2f)", r->value.median, r->value.min, r->value.max);
    if (paper->width < BENCH_PAPER_WIDTH)
        fprintf(paper->out, "  %s\n    ", r->label);
    else
        fprintf(paper->out, "  %-74s ", r->label);
    fprintf(paper->out, "%s%s%s%s\n", value, aim, r->has_target ? "  " : "", bench_ratio_verdict(r));
}

static void print_ratios(const struct bench_paper *paper, const struct bench_ratios *ratios)
{
    if (ratios->count)
        fprintf(paper->out, "\nRatios, paired within each round\n");
    for (unsigned i = 0; i < ratios->count; i++)
        print_ratio(paper, &ratios->ratio[i]);
}

void bench_text_chapter(const struct bench_paper *paper, const struct bench_report *report,
                        const struct bench_chapter *chapter)
{
    const struct bench_table *table = &chapter->table;
    struct bench_lines lines;
    bench_lines_of(table, &lines);
    print_speed(paper, table, &lines);
    if (report->settings->monitor)
        print_monitor(paper, table, &lines);
    print_latency(paper, table, &lines);
    print_ratios(paper, &chapter->ratios);
    if (chapter->advice.count)
        fprintf(paper->out, "\nRecommendations, from these figures\n");
    for (unsigned i = 0; i < chapter->advice.count; i++)
        bench_paper_wrapped(paper, "  - ", chapter->advice.line[i]);
    for (unsigned i = 0; i < chapter->warnings.count; i++) {
        const struct bench_warning *w = &chapter->warnings.warning[i];
        char text[sizeof w->cause + sizeof w->remedy + 1];
        snprintf(text, sizeof text, "%s %s", w->cause, w->remedy);
        bench_paper_wrapped(paper, i ? "         " : "\nWarning: ", text);
    }
}

void bench_text_staging(const struct bench_paper *paper, const struct bench_report *report)
{
    FILE *out = paper->out;
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
        print_ratios(paper, &ratios);
    }
}
