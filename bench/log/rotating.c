/* What single appends take at a set rate, in one segment and through many: what sealing one and beginning the next adds.
 *
 * A closed loop would fill segments faster than any disk makes them and measure that; so appends are due at a rate that
 * leaves room, and are timed from then. See site.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cost.h"
#include "base/histogram.h"
#include "base/stop.h"
#include "log/site.h"
#include "rows/log.h"

enum {
    RATE_MOST = 50000,
    BYTES_PER_S = 50 << 20,
    BLOCK = 64 << 10,
    RECORDS_OF_SEGMENT = 500,
    SEGMENT_LEAST = 256 << 10
};

double bench_log_rate(const struct bench_log_settings *settings)
{
    uint64_t rate = BYTES_PER_S / settings->size.record_bytes;
    return rate < RATE_MOST ? (double)rate : RATE_MOST;
}

uint64_t bench_log_paced(const struct bench_log_settings *settings)
{
    double seconds = settings->quick ? 0.1 : 1;
    return (uint64_t)(bench_log_rate(settings) * seconds);
}

/* So small that more than one append in a thousand meets the end of one; or so large that none does. */
static uint64_t segment_bytes(const struct bench_log_settings *settings, bool rotates)
{
    uint64_t records = rotates ? RECORDS_OF_SEGMENT : 2 * bench_log_paced(settings);
    uint64_t bytes = records * settings->size.record_bytes / 4096 * 4096;
    return bytes < SEGMENT_LEAST ? SEGMENT_LEAST : bytes;
}

uint64_t bench_log_rotating_room(const struct bench_log_settings *settings)
{
    return 2 * segment_bytes(settings, false) + bench_log_paced(settings) * settings->size.record_bytes;
}

static int append_paced(struct bench_log_site *site, quire_log *log, struct bench_histogram *taken)
{
    struct bench_cursor cursor = bench_log_cursor(site, bench_log_paced(site->settings));
    double period = 1e9 / bench_log_rate(site->settings);
    uint64_t begun = bench_now_ns(), count = 0;
    const void *record;
    while ((record = bench_cursor_next(&cursor))) {
        uint64_t due = begun + (uint64_t)((double)++count * period);
        bench_wait_until(due);
        int rc = quire_log_append(log, record, cursor.record_bytes, NULL);
        if (rc < 0)
            return rc;
        bench_histogram_add(taken, bench_now_ns() - due);
    }
    return bench_stop_signal ? -EINTR : 0;
}

static void note_rotations(struct bench_log_site *site, quire_log *log)
{
    struct quire_log_stats stats = {.size = sizeof stats};
    if (quire_log_stats(log, &stats) < 0)
        return;
    site->report->rotations = stats.rotations;
    site->report->rotation_waits = stats.rotation_waits;
}

static int append_to(struct bench_log_site *site, const struct bench_log_path *path, bool rotates,
                     struct bench_histogram *taken)
{
    struct quire_log_options options = {
        .size = sizeof options, .block_bytes = BLOCK, .segment_bytes = segment_bytes(site->settings, rotates)};
    quire_log *log;
    int rc = quire_log_open(path->text, &options, &log);
    if (rc < 0)
        return rc;
    rc = bench_log_await_ready(log, path->text);
    if (rc == 0)
        rc = append_paced(site, log, taken);
    if (rotates)
        note_rotations(site, log);
    int end = quire_log_close(log);
    return rc < 0 ? rc : end;
}

static int measure_one(struct bench_log_site *site, bool rotates)
{
    struct bench_log_path path = bench_log_path_of(site, "paced");
    enum bench_log_figure first = rotates ? BENCH_LOG_ROTATE_P50 : BENCH_LOG_STEADY_P50;
    struct bench_histogram taken;
    bench_histogram_reset(&taken);
    bench_place_settle(site->place);
    int rc = append_to(site, &path, rotates, &taken);
    if (rc < 0)
        bench_log_failed(site, rc, "appending at a set rate");
    else
        rc = bench_log_compare(site, &path, bench_log_paced(site->settings));
    bench_log_remove(&path);
    if (rc < 0)
        return rc;
    bench_log_note(site, first, (double)bench_histogram_percentile(&taken, 0.5) * 1e-9);
    bench_log_note(site, first + 1, (double)bench_histogram_percentile(&taken, 0.999) * 1e-9);
    bench_log_note(site, first + 2, (double)taken.most * 1e-9);
    return 0;
}

int bench_log_rotating_measure(struct bench_log_site *site)
{
    bool first = site->round % 2;
    int rc = measure_one(site, first);
    return rc == 0 ? measure_one(site, !first) : rc;
}
