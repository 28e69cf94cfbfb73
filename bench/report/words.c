/* What every kind of report for people says in the same words. See words.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const clocks[] = {
    [BENCH_SYNC_NONE] = "from the first append, after open, until everything has been given to the kernel: no sync. "
                        "For Direct I/O that means the device, so its rows do more than the others; limit: direct is "
                        "only measured with a final sync. CPU is that of this process.",
    [BENCH_SYNC_END] = "from the first append, after open, until the final sync has returned. CPU is that of this "
                       "process.",
    [BENCH_SYNC_EACH] = "from the first append, after open, until the last has returned; each returns when its record "
                        "is durable. CPU is that of this process.",
};

__attribute__((format(printf, 3, 4))) static void say(struct bench_fact *fact, const char *label, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fact->text, sizeof fact->text, format, arguments);
    va_end(arguments);
    fact->label = label;
}

unsigned bench_words_facts(const struct bench_report *report, struct bench_fact facts[BENCH_FACTS_MOST])
{
    const struct bench_environment *e = &report->environment;
    struct bench_fact *f = facts;
    say(f++, "Machine", "%s, %u core%s, %.1f GiB of memory, load %.2f", bench_known(e->cpu), e->cores,
        e->cores == 1 ? "" : "s", (double)e->memory_bytes / 1073741824, e->load);
    say(f++, "Kernel", "%s", bench_known(e->kernel));
    say(f++, "Directory", "%s: %s on %s (%s)", bench_known(e->directory), bench_known(e->file_system),
        bench_known(e->device), bench_known(e->mount_options));
    if (e->memory_only)
        say(f++, "Disk",
            "none: this directory is in memory, syncs cost nothing and nothing survives. Choose a real "
            "disk with --dir to measure one.");
    else if (*e->write_cache)
        say(f++, "Disk", "write cache: %s; scheduler: %s", e->write_cache, bench_known(e->scheduler));
    if (*e->peers)
        say(f++, "Peers", "%s", e->peers);
    say(f++, "Clock", "%s", clocks[report->settings->sync]);
    if (report->settings->latency)
        say(f++, "Latency",
            "of single appends%s: looking at the clock takes %.0f ns, which is in each of them. "
            "Percentiles are at most %.1f %% above the true ones.",
            report->settings->rate > 0 ? "" : " in runs of their own", e->clock_ns, 100 * BENCH_HISTOGRAM_ERROR);
    say(f++, "Data",
        "pseudo-random, no two records equal, made before the clock starts and small enough to stay in "
        "the cache. Every file is read back and compared, untimed.");
    if (e->load > 0.5)
        say(f++, "Note", "the machine was not idle when this began; figures will spread.");
    return (unsigned)(f - facts);
}

const char *bench_words_workload(const struct bench_table *table, char text[BENCH_SENTENCE])
{
    static const char *const endings[] = {
        [BENCH_SYNC_NONE] = "no sync",
        [BENCH_SYNC_END] = "final sync included",
        [BENCH_SYNC_EACH] = "each record durable",
    };
    char size[BENCH_NUMBER_TEXT], count[BENCH_NUMBER_TEXT];
    snprintf(text, BENCH_SENTENCE, "%s x %s = %.1f MiB, %s", bench_size_text(table->size.record_bytes, size),
             bench_count_text(table->size.records, count), (double)table->bytes / 1048576, endings[table->terms.sync]);
    return text;
}

const char *bench_words_medians(const struct bench_table *table, const struct bench_lines *lines,
                                char text[BENCH_SENTENCE])
{
    double level = 0;
    for (unsigned i = 0; i < lines->count && level <= 0; i++)
        level = bench_result_confidence(table, lines->line[i].result, BENCH_SECONDS).level;
    int length = snprintf(text, BENCH_SENTENCE, "Medians of %u round%s", table->rounds, table->rounds == 1 ? "" : "s");
    if (level > 0)
        snprintf(text + length, (size_t)(BENCH_SENTENCE - length),
                 "; interval: where the median lies with %.0f %% confidence", 100 * level);
    return text;
}

const char *bench_words_monitor(void)
{
    return "What became of the bytes, in MiB: at risk in a power cut at the end; written by the device in the "
           "meantime, "
           "whoever asked for it; in the page cache at the end, and of those not yet on the device.";
}

const char *bench_words_perf(const struct bench_table *table, const struct bench_lines *lines,
                             char text[BENCH_SENTENCE])
{
    struct bench_columns columns = bench_columns_perf();
    int length = snprintf(text, BENCH_SENTENCE, "Counted for each record, by the processor and the kernel.");
    const char *lead = " This machine does not give: ";
    for (unsigned i = 0; i < columns.count; i++) {
        if (bench_column_used(&columns.column[i], table, lines))
            continue;
        length += snprintf(text + length, (size_t)(BENCH_SENTENCE - length), "%s%s", lead,
                           bench_perf_name(columns.column[i].event));
        lead = ", ";
    }
    if (*lead == ',')
        snprintf(text + length, (size_t)(BENCH_SENTENCE - length), ".");
    return text;
}

const char *bench_words_moment(const struct bench_table *table, enum bench_moment moment, char text[BENCH_SENTENCE])
{
    static const char *const titles[BENCH_MOMENTS] = {
        [BENCH_APPEND] = "Single appends",
        [BENCH_HAND_OVER] = "Hand-overs: one write request, until the kernel (direct I/O: the device) has it",
        [BENCH_SYNC] = "Syncs",
    };
    char rate[BENCH_NUMBER_TEXT];
    if (moment == BENCH_APPEND && table->terms.rate > 0)
        snprintf(text, BENCH_SENTENCE, "%s, each from when it was due: %s a second, %s", titles[moment],
                 bench_grouped(table->terms.rate, rate), table->terms.poisson ? "as chance would have it" : "evenly");
    else
        snprintf(text, BENCH_SENTENCE, "%s", titles[moment]);
    return text;
}

static bool note_on_row(const struct bench_table *table, const struct bench_result *result, char text[BENCH_SENTENCE])
{
    if (*result->unavailable)
        snprintf(text, BENCH_SENTENCE, "%s: not available: %s", result->row->name, result->unavailable);
    else if (result->count && result->row->adapter->how[table->terms.sync])
        snprintf(text, BENCH_SENTENCE, "%s: %s", result->row->name, result->row->adapter->how[table->terms.sync]);
    else if (result->count && result->samples[0].use.bytes != table->bytes)
        snprintf(text, BENCH_SENTENCE, "%s: %" PRIu64 " records only", result->row->name,
                 result->samples[0].use.bytes / table->size.record_bytes);
    else
        return false;
    return true;
}

const char *bench_words_note(const struct bench_table *table, const struct bench_lines *lines, unsigned number,
                             char text[BENCH_SENTENCE])
{
    for (unsigned i = 0; i < table->count; i++)
        if (note_on_row(table, &table->result[i], text) && number-- == 0)
            return text;
    for (unsigned i = 0; i < lines->count; i++) {
        const struct bench_line *line = &lines->line[i];
        if (line->candidates && number-- == 0) {
            snprintf(text, BENCH_SENTENCE, "%s: the best of %u (request size x requests in flight)",
                     line->result->row->name, line->candidates);
            return text;
        }
    }
    return NULL;
}
