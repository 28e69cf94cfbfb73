/* The measuring. See measure.h.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <quire/error.h>

#include "base/progress.h"
#include "base/stop.h"
#include "sync/append.h"
#include "sync/file.h"
#include "workload/workload.h"

enum {
    PAGE = 4096,
    WARM_UP_OPERATIONS = 64,
    OPERATIONS_LEAST = 16, /* that a file has room for, however slow the disk was before */
    OPERATIONS_MOST = 65536
};
static const uint64_t file_bytes_most = 64 << 20; /* unless a count asks for more */
static const double time_of_warm_up = 0.25;       /* of a round's time */
static const double room_to_spare = 1.5;          /* should a round be faster than the one before */

struct measuring {
    const struct bench_sync_settings *settings;
    struct bench_place *place;
    struct bench_sync_report *report;
    char *record;
    unsigned round;                /* 0 warms up */
    double rate[BENCH_SYNC_CELLS]; /* of the round before */
    char *failure;
};

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t operations_most(const struct bench_sync_settings *s)
{
    if (s->count)
        return (s->count + s->rounds - 1) / s->rounds;
    uint64_t fit = file_bytes_most / s->record_bytes;
    return fit < OPERATIONS_LEAST ? OPERATIONS_LEAST : fit > OPERATIONS_MOST ? OPERATIONS_MOST : fit;
}

uint64_t bench_sync_file_most(const struct bench_sync_settings *settings)
{
    return operations_most(settings) * settings->record_bytes;
}

/* How many appends a file of this round gets room for: what the time allows, so that none is made much too large. */
static uint64_t room_of_round(const struct measuring *m, size_t cell)
{
    uint64_t most = operations_most(m->settings);
    double guess = m->rate[cell] * m->settings->seconds / m->settings->rounds * room_to_spare;
    if (m->round == 0)
        guess = WARM_UP_OPERATIONS;
    else if (m->settings->count)
        return most;
    if (guess < OPERATIONS_LEAST)
        guess = OPERATIONS_LEAST;
    return guess < (double)most ? (uint64_t)guess : most;
}

static double time_of_round(const struct measuring *m)
{
    if (m->settings->count)
        return 1e9;
    return m->settings->seconds / m->settings->rounds * (m->round == 0 ? time_of_warm_up : 1);
}

/* A way that this file system or kernel does not have, as opposed to a disk that is full or failing. */
static bool is_missing(int rc)
{
    return rc == -EINVAL || rc == -EOPNOTSUPP || rc == -ENOSYS || rc == -EPERM || rc == -ENODEV;
}

/* Decides whether a failure is one of the cell, which is then noted, or of the run. */
static int failed(struct measuring *m, struct bench_sync_cell *cell, bool may_be_missing, const char *call,
                  const char *because, int rc)
{
    if (may_be_missing && m->round == 0 && is_missing(rc)) {
        if (because)
            snprintf(cell->missing, sizeof cell->missing, "%s", because);
        else
            snprintf(cell->missing, sizeof cell->missing, "%s: %s", call, quire_strerror(rc));
        return 0;
    }
    snprintf(m->failure, BENCH_SYNC_FAILURE_ROOM, "%s by %s: %s: %s%s", bench_sync_file_name(cell->file),
             bench_sync_way_name(cell->way), call, quire_strerror(rc),
             rc == -ENOSPC ? "; choose another place with --dir, or ask for less with --count" : "");
    return rc;
}

/* The timed part. Only whole appends count; the first of the warm-up may turn out not to be had. */
static int append_all(struct measuring *m, struct bench_sync_cell *cell, struct bench_sync_append *a, uint64_t room,
                      struct bench_sync_round *round)
{
    uint64_t spent = 0, end = now() + (uint64_t)(time_of_round(m) * 1e9);
    for (uint64_t i = 0; i < room && (i == 0 || now() < end); i++) {
        if (bench_stop_signal)
            return -EINTR;
        bench_sync_record_stamp(a->record, a->record_bytes, m->round, i);
        uint64_t begun = now();
        int rc = bench_sync_append_next(a, i * a->record_bytes);
        uint64_t took = now() - begun;
        if (rc < 0)
            return failed(m, cell, i == 0, a->call, a->because, rc);
        spent += took;
        round->operations++;
        if (m->round > 0)
            bench_histogram_add(&cell->latency, took);
    }
    round->seconds = (double)(spent ? spent : 1) * 1e-9;
    return 0;
}

static int append_counted(struct measuring *m, struct bench_sync_cell *cell, uint64_t room,
                          struct bench_sync_round *round)
{
    const struct bench_sync_settings *s = m->settings;
    struct bench_counters before, after;
    struct bench_sync_append a;
    int rc = bench_sync_append_open(&a, m->place->file, cell->way, cell->file, room * s->record_bytes, m->record,
                                    s->record_bytes);
    if (rc < 0)
        return failed(m, cell, true, a.call, a.because, rc);
    bench_counters_read(m->place->counters, &before);
    rc = append_all(m, cell, &a, room, round);
    bench_counters_read(m->place->counters, &after);
    round->counted = bench_counters_difference(&before, &after);
    int closed = bench_sync_append_close(&a);
    if (rc == 0 && closed < 0)
        rc = failed(m, cell, false, a.call, NULL, closed);
    return rc;
}

static int measure_round(struct measuring *m, size_t index)
{
    struct bench_sync_cell *cell = &m->report->cell[index];
    struct bench_sync_round round = {.operations = 0};
    const char *call = "";
    uint64_t room = room_of_round(m, index), record_bytes = m->settings->record_bytes;
    int rc = bench_sync_file_make(m->place, cell->file, room * record_bytes, &call);
    if (rc < 0)
        return failed(m, cell, true, call, NULL, rc);
    bench_place_settle(m->place);
    rc = append_counted(m, cell, room, &round);
    if (rc < 0 || *cell->missing)
        return rc;
    rc = bench_sync_file_check(m->place, cell->file, room * record_bytes, m->record, record_bytes, m->round,
                               round.operations);
    if (rc == -EBADMSG) {
        snprintf(m->failure, BENCH_SYNC_FAILURE_ROOM, "%s by %s: the file does not hold what was appended",
                 bench_sync_file_name(cell->file), bench_sync_way_name(cell->way));
        return rc;
    }
    if (rc < 0)
        return failed(m, cell, false, "reading back", NULL, rc);
    m->rate[index] = (double)round.operations / round.seconds;
    if (m->round > 0)
        cell->round[cell->rounds++] = round;
    return 0;
}

/* Neighbours in time change from round to round, so that no cell always follows the same other. */
static void shuffle(size_t *order, size_t count, uint64_t *seed)
{
    for (size_t i = count; i > 1; i--) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t other = (size_t)((*seed >> 33) % i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static void show_progress(const struct measuring *m, size_t done, const struct bench_sync_cell *cell)
{
    char text[128], turn[BENCH_NUMBER_TEXT] = "warming up";
    const struct bench_sync_report *r = m->report;
    if (m->round)
        snprintf(turn, sizeof turn, "round %u", m->round);
    snprintf(text, sizeof text, "%3.0f %%  %s: %s by %s",
             100 * ((double)m->round * (double)r->count + (double)done) / ((double)r->count * (r->rounds + 1)), turn,
             bench_sync_file_name(cell->file), bench_sync_way_name(cell->way));
    bench_progress(text);
}

static int measure_rounds(struct measuring *m)
{
    struct bench_sync_report *r = m->report;
    size_t order[BENCH_SYNC_CELLS] = {0};
    uint64_t seed = now();
    int rc = 0;
    for (size_t i = 0; i < r->count; i++)
        order[i] = i;
    for (m->round = 0; rc == 0 && m->round <= r->rounds; m->round++) {
        shuffle(order, r->count, &seed);
        for (size_t i = 0; rc == 0 && i < r->count; i++) {
            if (*r->cell[order[i]].missing)
                continue;
            show_progress(m, i, &r->cell[order[i]]);
            rc = bench_stop_signal ? -EINTR : measure_round(m, order[i]);
            bench_place_remove_files(m->place);
        }
    }
    bench_progress("");
    return rc;
}

static void choose_cells(const struct bench_sync_choice *choice, struct bench_sync_report *report)
{
    report->count = 0;
    for (unsigned file = 0; file < BENCH_SYNC_FILES; file++)
        for (unsigned way = 0; way < BENCH_SYNC_WAYS; way++)
            if (choice->file[file] && choice->way[way]) {
                struct bench_sync_cell *cell = &report->cell[report->count++];
                cell->file = file;
                cell->way = way;
            }
}

int bench_sync_measure(const struct bench_sync_settings *settings, struct bench_place *place,
                       struct bench_sync_report *report, char failure[BENCH_SYNC_FAILURE_ROOM])
{
    struct measuring m = {.settings = settings, .place = place, .report = report, .failure = failure};
    void *memory;
    uint64_t room = (settings->record_bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (posix_memalign(&memory, PAGE, room) != 0) {
        snprintf(failure, BENCH_SYNC_FAILURE_ROOM, "no memory");
        return -ENOMEM;
    }
    bench_fill(memory, room, settings->record_bytes);
    m.record = memory;
    report->record_bytes = settings->record_bytes;
    report->rounds = settings->rounds;
    choose_cells(&settings->choice, report);
    int rc = measure_rounds(&m);
    free(memory);
    return rc;
}
