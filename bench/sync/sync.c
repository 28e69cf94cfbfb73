/* quire bench sync. See sync.h.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/sync.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <quire/error.h>

#include "base/complain.h"
#include "base/stop.h"
#include "sync/measure.h"
#include "sync/report.h"

static const uint64_t room_to_spare = 16 << 20; /* for the file system's own needs */

static const char who[] = "quire bench sync";

struct bench_sync_settings bench_sync_settings_default(void)
{
    struct bench_sync_settings s = {.directory = ".", .record_bytes = 4096, .seconds = 1, .rounds = 5};
    memset(s.choice.file, true, sizeof s.choice.file);
    memset(s.choice.way, true, sizeof s.choice.way);
    return s;
}

static int check_room(const struct bench_sync_settings *settings, const struct bench_place *place)
{
    uint64_t needed = bench_sync_file_most(settings) + room_to_spare, room = bench_place_room(place);
    if (room >= needed)
        return 0;
    return bench_complain(who,
                          "%s has %" PRIu64 " MiB of room, and %" PRIu64
                          " MiB are needed; choose another place with --dir, or less with --count",
                          settings->directory, room >> 20, needed >> 20);
}

static int measure(const struct bench_sync_settings *settings, struct bench_place *place,
                   struct bench_sync_report *report)
{
    char failure[BENCH_SYNC_FAILURE_ROOM] = "";
    int rc = check_room(settings, place);
    if (rc != 0)
        return rc;
    bench_queue_read(place->counters, &report->queue);
    rc = bench_sync_measure(settings, place, report, failure);
    if (rc == -EINTR) {
        bench_complain(who, "stopped by a signal; its files are removed and nothing is reported");
        return bench_stop_code();
    }
    return rc < 0 ? bench_complain(who, "%s", failure) : 0;
}

static int print(const struct bench_sync_report *report, FILE *text, FILE *csv, FILE *json)
{
    if (text) {
        bench_sync_text(text, report);
        if (fflush(text) != 0)
            return bench_complain(who, "the table cannot be written: %s", strerror(errno));
    }
    if (csv) {
        bench_sync_csv(csv, report);
        if (fflush(csv) != 0)
            return bench_complain(who, "cannot write the CSV: %s", strerror(errno));
    }
    if (json && bench_sync_json(json, report) < 0)
        return bench_complain(who, "cannot write the JSON: %s", strerror(errno));
    return 0;
}

int bench_sync(const struct bench_sync_settings *settings, FILE *text, FILE *csv, FILE *json)
{
    struct bench_place place;
    struct bench_sync_report *report = calloc(1, sizeof *report);
    if (!report)
        return bench_complain(who, "no memory");
    bench_stop_install();
    bench_environment_read(&report->environment, settings->directory);
    int rc = bench_place_make(&place, settings->directory);
    if (rc < 0) {
        rc = bench_complain(who, "cannot make a directory in %s: %s", settings->directory, quire_strerror(rc));
    } else {
        rc = measure(settings, &place, report);
        bench_place_remove(&place);
    }
    if (rc == 0)
        rc = print(report, text, csv, json);
    free(report);
    return rc;
}

void bench_sync_list(const struct bench_sync_settings *settings, FILE *out)
{
    fprintf(out, "%-18s %s\n", "--files", "what is appended to");
    for (unsigned i = 0; i < BENCH_SYNC_FILES; i++)
        if (settings->choice.file[i])
            fprintf(out, "%-18s %s\n", bench_sync_file_name(i), bench_sync_file_text(i));
    fprintf(out, "\n%-18s %s\n", "--methods", "how an append is made durable");
    for (unsigned i = 0; i < BENCH_SYNC_WAYS; i++)
        if (settings->choice.way[i])
            fprintf(out, "%-18s %s\n", bench_sync_way_name(i), bench_sync_way_text(i));
}
