/* quire bench log. See log.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/subjects.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/complain.h"
#include "base/progress.h"
#include "base/stop.h"
#include "log/site.h"

enum { ROUNDS = 5, SEGMENTS = 1000 };

static const uint64_t room_to_spare = 64 << 20; /* for the file system's own needs */

static const struct {
    int (*prepare)(struct bench_log_site *site); /* NULL: there is nothing to */
    int (*measure)(struct bench_log_site *site);
} subjects[BENCH_LOG_SUBJECTS] = {
    [BENCH_LOG_READING] = {bench_log_reading_prepare, bench_log_reading_measure},
    [BENCH_LOG_OPENING] = {bench_log_opening_prepare, bench_log_opening_measure},
    [BENCH_LOG_FOLLOWING] = {NULL, bench_log_following_measure},
    [BENCH_LOG_ROTATING] = {NULL, bench_log_rotating_measure},
};

static const char who[] = "quire bench log";

struct bench_log_settings bench_log_settings_default(void)
{
    struct bench_log_settings s = {.directory = ".", .size = {1024, 200000}, .segments = SEGMENTS, .rounds = ROUNDS};
    memset(s.chosen, true, sizeof s.chosen);
    return s;
}

bool bench_log_choose(struct bench_log_settings *settings, const char *list, const char **culprit)
{
    static char word[32];
    bool chosen[BENCH_LOG_SUBJECTS] = {false};
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", length < sizeof word ? (int)length : (int)sizeof word, at);
        unsigned i = 0;
        while (i < BENCH_LOG_SUBJECTS && strcmp(word, bench_log_subject_name(i)) != 0)
            i++;
        if (i == BENCH_LOG_SUBJECTS) {
            *culprit = word;
            return false;
        }
        chosen[i] = true;
        at += length;
        if (!*at)
            break;
    }
    memcpy(settings->chosen, chosen, sizeof chosen);
    return true;
}

void bench_log_list(const struct bench_log_settings *settings, FILE *out)
{
    fprintf(out, "%-10s %s\n", "--only", "what is measured");
    for (unsigned i = 0; i < BENCH_LOG_SUBJECTS; i++)
        if (settings->chosen[i])
            fprintf(out, "%-10s %s\n", bench_log_subject_name(i), bench_log_subject_text(i));
}

static int check_room(const struct bench_log_settings *s, const struct bench_place *place)
{
    uint64_t needed = room_to_spare, room = bench_place_room(place);
    needed += s->chosen[BENCH_LOG_READING] ? bench_log_reading_room(s) : 0;
    needed += s->chosen[BENCH_LOG_OPENING] ? bench_log_opening_room(s) : 0;
    needed += s->chosen[BENCH_LOG_ROTATING] ? bench_log_rotating_room(s) : 0;
    needed += s->chosen[BENCH_LOG_FOLLOWING] ? 128 << 20 : 0;
    if (room >= needed)
        return 0;
    return bench_complain(who,
                          "%s has %" PRIu64 " MiB of room, and %" PRIu64
                          " MiB are needed; choose another place with --dir, or less with --records or --segments",
                          s->directory, room >> 20, needed >> 20);
}

static void show_progress(const struct bench_log_site *site, enum bench_log_subject subject)
{
    char text[128], turn[32] = "warming up";
    if (site->round)
        snprintf(turn, sizeof turn, "round %u of %u", site->round, site->settings->rounds);
    snprintf(text, sizeof text, "%s: %s", turn, bench_log_subject_name(subject));
    bench_progress(text);
}

static int prepare_all(struct bench_log_site *site)
{
    int rc = mkdir(site->place->file, 0700) == 0 ? 0 : bench_log_failed(site, -errno, "making a directory");
    for (unsigned i = 0; i < BENCH_LOG_SUBJECTS && rc == 0; i++) {
        if (!site->settings->chosen[i] || !subjects[i].prepare)
            continue;
        bench_progress("making logs");
        rc = subjects[i].prepare(site);
    }
    return rc;
}

static int measure_rounds(struct bench_log_site *site)
{
    const struct bench_log_settings *settings = site->settings;
    int rc = 0;
    for (site->round = 0; site->round <= settings->rounds && rc == 0; site->round++) {
        for (unsigned i = 0; i < BENCH_LOG_SUBJECTS && rc == 0; i++) {
            enum bench_log_subject subject = (site->round + i) % BENCH_LOG_SUBJECTS;
            if (!settings->chosen[subject])
                continue;
            show_progress(site, subject);
            rc = bench_stop_signal ? -EINTR : subjects[subject].measure(site);
        }
        site->report->rounds = site->round;
    }
    return rc;
}

static int measure(const struct bench_log_settings *settings, struct bench_place *place,
                   struct bench_log_report *report)
{
    struct bench_log_site *site = calloc(1, sizeof *site);
    int rc = check_room(settings, place);
    if (!site || rc != 0) {
        free(site);
        return rc != 0 ? rc : bench_complain(who, "no memory");
    }
    *site = (struct bench_log_site){.settings = settings, .place = place, .report = report};
    rc = bench_workload_make(&site->work, settings->size, 1);
    if (rc < 0)
        bench_log_failed(site, rc, "records");
    else
        rc = prepare_all(site);
    if (rc == 0)
        rc = measure_rounds(site);
    bench_progress("");
    bench_workload_free(&site->work);
    if (rc < 0)
        rc = bench_stop_signal
                 ? (bench_complain(who, "stopped by a signal; its files are removed and nothing is reported"),
                    bench_stop_code())
                 : bench_complain(who, "%s", site->failure);
    free(site);
    return rc;
}

static int print(const struct bench_log_report *report, FILE *text, FILE *json)
{
    if (text) {
        bench_log_text(text, report);
        if (fflush(text) != 0)
            return bench_complain(who, "the table cannot be written: %s", strerror(errno));
    }
    if (json && bench_log_json(json, report) < 0)
        return bench_complain(who, "cannot write the JSON: %s", strerror(errno));
    return 0;
}

int bench_log(const struct bench_log_settings *settings, FILE *text, FILE *json)
{
    struct bench_place place;
    struct bench_log_report *report = calloc(1, sizeof *report);
    if (!report)
        return bench_complain(who, "no memory");
    report->size = settings->size;
    report->segments = settings->segments;
    report->follows = bench_log_follows(settings);
    report->paced = bench_log_paced(settings);
    report->rate = bench_log_rate(settings);
    memcpy(report->measured, settings->chosen, sizeof report->measured);
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
        rc = print(report, text, json);
    free(report);
    return rc;
}
