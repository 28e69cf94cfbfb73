/* The time series as CSV: one line for each sample, in the order of time.
 *
 * SPDX-License-Identifier: MIT */
#include "report/series.h"

#include <inttypes.h>

static void print_sample(FILE *out, const struct bench_series_sample *s)
{
    double mib = (double)s->records * (double)s->record_bytes / 1048576;
    fprintf(out, "%.6f,\"%s\",%" PRIu64 ",%u,%s,%.6f,%.6f,%" PRIu64 ",%.3f,", s->at_seconds, s->row, s->record_bytes,
            s->run, s->phase == BENCH_PHASE_SYNC ? "sync" : "append", s->row_seconds, s->span_seconds, s->records,
            s->span_seconds > 0 ? mib / s->span_seconds : 0);
    if (s->device_known)
        fprintf(out, "%.3f,%" PRIu64 ",%.3f,",
                s->span_seconds > 0 ? (double)s->device_bytes / 1048576 / s->span_seconds : 0, s->under_way, s->busy);
    else
        fputs(",,,", out);
    if (s->cache_known)
        fprintf(out, "%" PRIu64 ",%" PRIu64 ",", s->cached_bytes, s->dirty_bytes);
    else
        fputs(",,", out);
    fprintf(out, "%d\n", s->stalled);
}

int bench_series_csv(FILE *out, const struct bench_series_sample *samples, size_t count)
{
    fputs("at_seconds,row,record_bytes,run,phase,row_seconds,span_seconds,records,mib_per_s,device_mib_per_s,"
          "device_under_way,device_busy,cached_bytes,dirty_bytes,stalled\n",
          out);
    for (size_t i = 0; i < count; i++)
        print_sample(out, &samples[i]);
    return ferror(out) ? -1 : 0;
}
