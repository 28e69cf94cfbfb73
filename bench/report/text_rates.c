/* The highest rates in text.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/report.h"

static void print_row(const struct bench_paper *paper, const struct bench_max_rates *rates,
                      const struct bench_max_rate *row)
{
    char rate[BENCH_NUMBER_TEXT], low[BENCH_NUMBER_TEXT], high[BENCH_NUMBER_TEXT], at[BENCH_NUMBER_TEXT] = "-";
    struct bench_spread spread = bench_max_rate_spread(row);
    if (row->at.count)
        bench_duration_text((double)row->at.of[rates->slo.quantile] * 1e-9, at);
    fprintf(paper->out, "%-29s %12s %8.1f %10s   %s .. %s\n", row->row->name, bench_grouped(spread.median, rate),
            spread.median * (double)rates->size.record_bytes / 1048576, at, bench_grouped(spread.min, low),
            bench_grouped(spread.max, high));
}

void bench_text_rates(const struct bench_paper *paper, const struct bench_max_rates *rates)
{
    static const char *const endings[] = {[BENCH_SYNC_NONE] = "no sync",
                                          [BENCH_SYNC_END] = "a sync in the end",
                                          [BENCH_SYNC_EACH] = "each record durable"};
    char size[BENCH_NUMBER_TEXT], below[BENCH_NUMBER_TEXT];
    fprintf(paper->out, "\n=== %s, %s: the highest rate with %s < %s, %s ===\n",
            bench_size_text(rates->size.record_bytes, size), endings[rates->sync],
            bench_quantile_name(rates->slo.quantile), bench_duration_text((double)rates->slo.below_ns * 1e-9, below),
            rates->poisson ? "arrivals as chance would have it" : "even arrivals");
    fprintf(paper->out, "Medians of %u round%s; latency is counted from when each append was due\n\n", rates->rounds,
            rates->rounds == 1 ? "" : "s");
    fprintf(paper->out, "%-29s %12s %8s %10s   %s\n", "Method", "Records/s", "MiB/s",
            bench_quantile_name(rates->slo.quantile), "Least .. most");
    for (int i = 0; i < 79; i++)
        fputc('-', paper->out);
    fputc('\n', paper->out);
    for (unsigned i = 0; i < rates->count; i++)
        if (rates->row[i].count)
            print_row(paper, rates, &rates->row[i]);
    for (unsigned i = 0; i < rates->count; i++)
        if (*rates->row[i].unavailable)
            fprintf(paper->out, "%s: not available: %s\n", rates->row[i].row->name, rates->row[i].unavailable);
}
