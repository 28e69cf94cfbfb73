/* What a few seconds of trying tell. See probes.h.
 *
 * SPDX-License-Identifier: MIT */
#include "doctor/probes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <quire/quire.h>

#include "base/progress.h"
#include "base/stop.h"
#include "machine/place.h"
#include "measure/runner.h"
#include "sync/measure.h"

enum { STREAM_BYTES = 64 << 20, RECORD = 64 << 10, TRIES = 3 };

static void read_cell(const struct bench_sync_report *report, enum bench_sync_file file, enum bench_sync_way way,
                      struct bench_probe_durable *probe)
{
    const struct bench_sync_cell *cell = bench_sync_find(report, file, way);
    struct bench_spread rate, flushes;
    if (!cell || *cell->missing || !bench_sync_figure_of(cell, BENCH_SYNC_RATE, &rate))
        return;
    *probe = (struct bench_probe_durable){
        .known = true,
        .per_second = rate.median,
        .p50_seconds = (double)bench_histogram_percentile(&cell->latency, 0.5) * 1e-9,
        .p99_seconds = (double)bench_histogram_percentile(&cell->latency, 0.99) * 1e-9,
        .flushes = bench_sync_figure_of(cell, BENCH_SYNC_FLUSHES, &flushes) ? flushes.median : -1,
    };
}

static int probe_durable(struct bench_probes *probes, struct bench_place *place, double seconds, char failure[400])
{
    struct bench_sync_settings settings = bench_sync_settings_default();
    struct bench_sync_report *report = calloc(1, sizeof *report);
    const char *culprit;
    if (!report)
        return -ENOMEM;
    settings.seconds = seconds / 4; /* four cells are measured for the two that are read */
    settings.rounds = BENCH_SYNC_ROUNDS_LEAST;
    bench_sync_choose_files(&settings.choice, "append,written", &culprit);
    bench_sync_choose_ways(&settings.choice, "fdatasync,direct-dsync", &culprit);
    bench_queue_read(place->counters, &report->queue);
    int rc = bench_sync_measure(&settings, place, report, failure);
    if (rc == 0) {
        read_cell(report, BENCH_SYNC_APPEND, BENCH_SYNC_FDATASYNC, &probes->append);
        read_cell(report, BENCH_SYNC_WRITTEN, BENCH_SYNC_FDATASYNC, &probes->written);
        read_cell(report, BENCH_SYNC_WRITTEN, BENCH_SYNC_DIRECT_DSYNC, &probes->written);
    }
    free(report);
    return rc;
}

/* MiB/s, the median of some tries; 0 where this machine does not have it. */
static int probe_stream(const struct bench_row *row, struct bench_workload *work, struct bench_place *place,
                        double *mib_per_s, char failure[400])
{
    double rates[TRIES];
    struct bench_run run;
    for (unsigned i = 0; i < TRIES; i++) {
        struct bench_job job = {.row = row,
                                .work = work,
                                .path = place->file,
                                .written_path = place->written,
                                .counters = place->counters,
                                .sync = BENCH_SYNC_END,
                                .run = i + 1};
        bench_place_settle(place);
        bench_run_row(&job, &run);
        bench_place_remove_file(place);
        if (run.outcome == BENCH_UNAVAILABLE)
            return 0;
        if (run.outcome == BENCH_STOPPED)
            return -EINTR;
        if (run.outcome == BENCH_FAILED) {
            snprintf(failure, 400, "%s: %s", row->name, run.text);
            return -EIO;
        }
        rates[i] = (double)work->bytes / 1048576 / run.sample.seconds;
    }
    *mib_per_s = bench_median(rates, TRIES);
    return 0;
}

static int probe_streams(struct bench_probes *probes, struct bench_place *place, char failure[400])
{
    struct bench_workload work;
    struct bench_row cache = {
        .name = "large writes", .adapter = &bench_limit_page_cache, .buffer_bytes = 1 << 20, .threads = 1};
    struct bench_row direct = {
        .name = "direct I/O", .adapter = &bench_limit_direct, .buffer_bytes = 1 << 20, .threads = 1, .in_flight = 8};
    struct bench_row written = direct;
    written.adapter = &bench_limit_written;
    int rc = bench_workload_make(&work, (struct bench_size){RECORD, STREAM_BYTES / RECORD}, 1);
    if (rc == 0)
        rc = probe_stream(&cache, &work, place, &probes->cache_mib_per_s, failure);
    if (rc == 0)
        rc = probe_stream(&direct, &work, place, &probes->direct_mib_per_s, failure);
    if (rc == 0)
        rc = probe_stream(&written, &work, place, &probes->direct_written_mib_per_s, failure);
    bench_workload_free(&work);
    return rc;
}

static int probe_uring(struct bench_place *place)
{
    quire_writer *writer;
    struct quire_writer_options options = {
        .size = sizeof options, .method = QUIRE_METHOD_URING, .sync_policy = QUIRE_SYNC_NONE};
    int rc = quire_writer_open(place->file, &options, &writer);
    if (rc == 0)
        rc = quire_writer_close(writer);
    bench_place_remove_file(place);
    return rc;
}

int bench_probes_make(struct bench_probes *probes, const char *directory, double seconds, char failure[400])
{
    struct bench_place place;
    *probes = (struct bench_probes){.made = true};
    int rc = bench_place_make(&place, directory);
    if (rc < 0) {
        snprintf(failure, 400, "cannot write in %s: %s", directory, quire_strerror(rc));
        return rc;
    }
    if (bench_place_room(&place) < 4ull * STREAM_BYTES) {
        snprintf(failure, 400, "%s has less than 256 MiB of room, which trying needs; --no-probe looks without",
                 directory);
        rc = -ENOSPC;
    }
    if (rc == 0) {
        bench_progress("trying how fast it is");
        probes->uring = probe_uring(&place);
        rc = probe_durable(probes, &place, seconds / 2, failure);
    }
    if (rc == 0)
        rc = probe_streams(probes, &place, failure);
    bench_progress("");
    bench_place_remove(&place);
    return bench_stop_signal ? -EINTR : rc;
}
