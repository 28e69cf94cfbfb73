/* The report for spreadsheets: a line for each cell, what cannot be counted left empty. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/csv.h"
#include "sync/report.h"

static void figure(FILE *out, const struct bench_sync_cell *cell, enum bench_sync_figure which)
{
    struct bench_spread value;
    if (bench_sync_figure_of(cell, which, &value))
        fprintf(out, ",%.6g", value.median);
    else
        fputc(',', out);
}

static void rate(FILE *out, const struct bench_sync_cell *cell)
{
    struct bench_spread value;
    if (bench_sync_figure_of(cell, BENCH_SYNC_RATE, &value))
        fprintf(out, ",%.6g,%.6g,%.6g", value.median, value.min, value.max);
    else
        fputs(",,,", out);
}

static void latency(FILE *out, const struct bench_histogram *h)
{
    static const double shares[] = {0.5, 0.99, 0.999, 1};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        if (h->count)
            fprintf(out, ",%" PRIu64, bench_histogram_percentile(h, shares[i]));
        else
            fputc(',', out);
}

void bench_sync_csv(FILE *out, const struct bench_sync_report *report)
{
    fputs("file,way,record_bytes,rounds,appends,appends_per_s,appends_per_s_min,appends_per_s_max,"
          "p50_ns,p99_ns,p999_ns,max_ns,flushes_per_append,kib_per_append,writes_per_append,own_kib_per_append,"
          "verdict,missing\r\n",
          out);
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_sync_cell *cell = &report->cell[i];
        fprintf(out, "%s,%s,%" PRIu64 ",%u,%" PRIu64, bench_sync_file_name(cell->file), bench_sync_way_name(cell->way),
                report->record_bytes, cell->rounds, cell->latency.count);
        rate(out, cell);
        latency(out, &cell->latency);
        figure(out, cell, BENCH_SYNC_FLUSHES);
        figure(out, cell, BENCH_SYNC_KIB);
        figure(out, cell, BENCH_SYNC_WRITES);
        figure(out, cell, BENCH_SYNC_OWN_KIB);
        fprintf(out, ",%s,", cell->rounds ? bench_sync_verdict_name(bench_sync_verdict_of(report, cell)) : "");
        if (*cell->missing)
            bench_csv_quoted(out, cell->missing);
        fputs("\r\n", out);
    }
}
