/* Opening for appending: a log of two segments, and one of many. Both were closed properly, and have the same options
 * but for their length. See site.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cost.h"
#include "base/statistics.h"
#include "base/stop.h"
#include "log/site.h"

enum { FEW = 2, OPENS = 21, SEGMENT = 320 << 10 };

uint64_t bench_log_opening_room(const struct bench_log_settings *settings)
{
    return (uint64_t)(settings->segments + FEW + 4) * SEGMENT;
}

/* The defaults, but for segments that are as small as these allow. */
static struct quire_log_options options_for(uint32_t policy)
{
    return (struct quire_log_options){
        .size = sizeof(struct quire_log_options), .segment_bytes = SEGMENT, .sync_policy = policy};
}

/* A record in each segment. Rotating waits for the next one, which is made in the background. */
static int fill(struct bench_log_site *site, quire_log *log, unsigned segments)
{
    struct bench_cursor cursor = bench_log_cursor(site, segments);
    const void *record;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && (record = bench_cursor_next(&cursor)); i++) {
        rc = i == 0 ? 0 : quire_log_rotate(log);
        if (rc == 0)
            rc = quire_log_append(log, record, cursor.record_bytes, NULL);
    }
    return rc == 0 && bench_stop_signal ? -EINTR : rc;
}

static int make(struct bench_log_site *site, const char *name, unsigned segments)
{
    struct bench_log_path path = bench_log_path_of(site, name);
    struct quire_log_options options = options_for(QUIRE_SYNC_NONE); /* a sync for each would take a second or two */
    quire_log *log;
    int rc = quire_log_open(path.text, &options, &log);
    if (rc == 0) {
        rc = fill(site, log, segments);
        int end = quire_log_close(log);
        rc = rc < 0 ? rc : end;
    }
    if (rc < 0)
        return bench_log_failed(site, rc, "making the logs that are opened");
    return bench_log_compare(site, &path, segments);
}

int bench_log_opening_prepare(struct bench_log_site *site)
{
    int rc = make(site, "few", FEW);
    return rc == 0 ? make(site, "many", site->settings->segments) : rc;
}

/* Opens, and closes without the clock. What was found must be what was put there. */
static int open_once(struct bench_log_site *site, const char *name, uint64_t records, double *seconds)
{
    struct bench_log_path path = bench_log_path_of(site, name);
    struct quire_log_options options = options_for(QUIRE_SYNC_REQUEST);
    struct quire_recovery found = {.size = sizeof found};
    quire_log *log;
    options.recovery = &found;
    double begun = bench_now();
    int rc = quire_log_open(path.text, &options, &log);
    *seconds = bench_now() - begun;
    if (rc < 0)
        return bench_log_failed(site, rc, "opening");
    rc = quire_log_close(log);
    if (rc < 0)
        return bench_log_failed(site, rc, "closing");
    return found.last_sequence == records ? 0 : bench_log_failed(site, -EBADMSG, "opening found other records");
}

/* The two in turn; the median of each. */
int bench_log_opening_measure(struct bench_log_site *site)
{
    double few[OPENS], many[OPENS];
    int rc = 0;
    for (unsigned i = 0; i < OPENS && rc == 0; i++) {
        rc = open_once(site, "few", FEW, &few[i]);
        if (rc == 0)
            rc = open_once(site, "many", site->settings->segments, &many[i]);
        if (rc == 0 && bench_stop_signal)
            rc = -EINTR;
    }
    if (rc < 0)
        return rc;
    bench_log_note(site, BENCH_LOG_OPEN_FEW, bench_median(few, OPENS));
    bench_log_note(site, BENCH_LOG_OPEN_MANY, bench_median(many, OPENS));
    return 0;
}
