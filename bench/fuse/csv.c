/* The report for spreadsheets: a line for each cell, what cannot be counted left empty. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/csv.h"
#include "fuse/report.h"

static void figure(FILE *out, const struct bench_fuse_cell *cell, enum bench_fuse_figure which)
{
    struct bench_spread value;
    if (bench_fuse_figure_of(cell, which, &value))
        fprintf(out, ",%.6g", value.median);
    else
        fputc(',', out);
}

static void spread(FILE *out, bool known, const struct bench_spread *value)
{
    if (known)
        fprintf(out, ",%.6g,%.6g,%.6g", value->median, value->min, value->max);
    else
        fputs(",,,", out);
}

void bench_fuse_csv(FILE *out, const struct bench_fuse_report *report)
{
    fputs("mode,payload,append_bytes,limit_bytes_per_s,file_bytes,rounds,bytes_per_s,bytes_per_s_min,bytes_per_s_max,"
          "times_native,times_native_min,times_native_max,appending_bytes_per_s,write_requests_per_mib,stored_ratio,"
          "daemon_cpu_ms_per_mib,own_cpu_ms_per_mib,missing\r\n",
          out);
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_fuse_cell *cell = &report->cell[i];
        struct bench_spread value = {.median = 0};
        fprintf(out, "%s,%s,%" PRIu64 ",", bench_fuse_mode_name(cell->mode), bench_fuse_payload_name(cell->payload),
                cell->append_bytes);
        if (cell->curve && cell->limit)
            fprintf(out, "%" PRIu64, cell->limit);
        fprintf(out, ",%" PRIu64 ",%u", cell->bytes, cell->rounds);
        spread(out, bench_fuse_figure_of(cell, BENCH_FUSE_SPEED, &value), &value);
        spread(out, bench_fuse_ratio(report, cell, BENCH_FUSE_NATIVE, &value), &value);
        figure(out, cell, BENCH_FUSE_APPENDING);
        figure(out, cell, BENCH_FUSE_WRITES);
        figure(out, cell, BENCH_FUSE_STORED);
        figure(out, cell, BENCH_FUSE_DAEMON_CPU);
        figure(out, cell, BENCH_FUSE_OWN_CPU);
        fputc(',', out);
        if (*report->missing[cell->mode])
            bench_csv_quoted(out, report->missing[cell->mode]);
        fputs("\r\n", out);
    }
}
