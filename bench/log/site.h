/* Where the logs of `quire bench log` are made and what goes into them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LOG_SITE_H
#define BENCH_LOG_SITE_H

#include <limits.h>

#include <quire/log.h>

#include "log/subjects.h"
#include "machine/place.h"
#include "rows/verify.h"

enum { BENCH_LOG_FAILURE_ROOM = 300 };

struct bench_log_site {
    const struct bench_log_settings *settings;
    struct bench_place *place;
    struct bench_log_report *report;
    struct bench_workload work; /* records of one thread */
    unsigned round;             /* 0 warms up: its figures are thrown away */
    char failure[BENCH_LOG_FAILURE_ROOM];
};

struct bench_log_path {
    char text[PATH_MAX + 16];
};

/* The directory of the log of that name. */
struct bench_log_path bench_log_path_of(const struct bench_log_site *site, const char *name);

/* Removes a log's directory and what is in it; one that is not there is no error. */
void bench_log_remove(const struct bench_log_path *path);

/* Notes what failed, unless something was noted already. Returns rc. */
int bench_log_failed(struct bench_log_site *site, int rc, const char *what);

/* Takes a figure of this round. */
void bench_log_note(struct bench_log_site *site, enum bench_log_figure figure, double value);

/* A cursor over the first `records` records, and what such a log must hold. */
struct bench_cursor bench_log_cursor(struct bench_log_site *site, uint64_t records);
struct bench_verified bench_log_expected(struct bench_log_site *site);

/* Compares every record of the log with what was appended. 0, or a failure that is noted. */
int bench_log_compare(struct bench_log_site *site, const struct bench_log_path *path, uint64_t records);

/* Each subject: prepare makes what every round uses; measure is one round; a failure is noted. 0 or negative, -EINTR
 * when the program was told to stop. */
int bench_log_reading_prepare(struct bench_log_site *site);
int bench_log_reading_measure(struct bench_log_site *site);
int bench_log_opening_prepare(struct bench_log_site *site);
int bench_log_opening_measure(struct bench_log_site *site);
int bench_log_following_measure(struct bench_log_site *site);
int bench_log_rotating_measure(struct bench_log_site *site);

/* Room that the logs of the settings take at most. */
uint64_t bench_log_reading_room(const struct bench_log_settings *settings);
uint64_t bench_log_opening_room(const struct bench_log_settings *settings);
uint64_t bench_log_rotating_room(const struct bench_log_settings *settings);

/* Records that are followed, and appended at a set rate, in a round. */
uint64_t bench_log_follows(const struct bench_log_settings *settings);
uint64_t bench_log_paced(const struct bench_log_settings *settings);
double bench_log_rate(const struct bench_log_settings *settings); /* of the latter, a second */

#endif
