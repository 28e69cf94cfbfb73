/* The measuring. See measure.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/measure.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include <quire/error.h>

#include "base/chance.h"
#include "base/cost.h"
#include "base/number.h"
#include "base/progress.h"
#include "base/stop.h"

enum { DEATH_MS = 500, TRIES = 4 };
static const double limit_slice = 0.2,
                    limit_exceeded = 1.1;      /* seconds; times: more than that is not the limit's doing */
static const uint64_t curve_append = 64 << 10; /* a program's buffer; tools such as nginx and rsync use about that */

struct measuring {
    const struct bench_fuse_settings *settings;
    struct bench_fuse_session *session;
    struct bench_fuse_report *report;
    struct bench_fuse_pool pool;
    uint64_t seed;              /* of the order */
    uint64_t limit;             /* that the group has now */
    unsigned turns, turns_done; /* files in all */
    char *failure;
};

/* Whole appends, as many as both limits allow. */
static uint64_t bytes_of(const struct bench_fuse_settings *s, uint64_t append_bytes)
{
    uint64_t appends = s->bytes / append_bytes;
    if (appends > s->appends)
        appends = s->appends;
    return (appends ? appends : 1) * append_bytes;
}

static void add_cell(struct measuring *m, struct bench_fuse_cell cell)
{
    m->report->cell[m->report->count++] = cell;
}

static void add_matrix(struct measuring *m, enum bench_fuse_payload payload)
{
    const struct bench_fuse_choice *choice = &m->settings->choice;
    for (unsigned size = 0; size < choice->sizes; size++)
        for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
            if (choice->mode[mode])
                add_cell(m, (struct bench_fuse_cell){.mode = mode,
                                                     .payload = payload,
                                                     .append_bytes = choice->size[size],
                                                     .bytes = bytes_of(m->settings, choice->size[size])});
}

/* Where the kernel gathers or passes appends on the disk sees what it sees natively: they have no place on the curve. */
static bool has_curve(enum bench_fuse_mode mode)
{
    return mode != BENCH_FUSE_WRITEBACK && mode != BENCH_FUSE_PASSTHROUGH;
}

/* The limits, and none. */
static void add_curve(struct measuring *m, enum bench_fuse_payload payload)
{
    const struct bench_fuse_choice *choice = &m->settings->choice;
    for (unsigned limit = 0; limit <= choice->limits; limit++)
        for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
            if (choice->mode[mode] && has_curve(mode))
                add_cell(m, (struct bench_fuse_cell){.mode = mode,
                                                     .payload = payload,
                                                     .append_bytes = curve_append,
                                                     .curve = true,
                                                     .limit = limit < choice->limits ? choice->limit[limit] : 0,
                                                     .bytes = m->settings->curve_bytes / curve_append * curve_append});
}

/* Says what failed. Of a daemon that is gone its clients hear nothing but that. */
static int failed(struct measuring *m, const struct bench_fuse_cell *cell, const struct bench_fuse_done *done, int rc)
{
    char how[BENCH_FUSE_WHY_ROOM], size[BENCH_NUMBER_TEXT];
    const char *name = bench_fuse_mode_name(cell->mode);
    struct bench_fuse_mount *mount = &m->session->mount[cell->mode];
    bool died = rc != -ETIMEDOUT && bench_fuse_mount_has_died(mount, how);
    for (int waited = 0; !died && (rc == -ENOTCONN || rc == -ECONNABORTED || rc == -EIO) && waited < DEATH_MS;
         waited++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        died = bench_fuse_mount_has_died(mount, how);
    }
    bench_size_text(cell->append_bytes, size);
    if (died)
        snprintf(m->failure, BENCH_FUSE_FAILURE_ROOM,
                 "%s, appends of %s: quire-mount %.200s after %" PRIu64 " bytes; the file is no use", name, size, how,
                 done->at);
    else if (rc == -EBADMSG)
        snprintf(m->failure, BENCH_FUSE_FAILURE_ROOM, "%s, appends of %s: the file does not hold what was appended",
                 name, size);
    else if (rc == -ETIMEDOUT)
        snprintf(m->failure, BENCH_FUSE_FAILURE_ROOM,
                 "%s, appends of %s: nothing more was done after %" PRIu64 " bytes", name, size, done->at);
    else
        snprintf(m->failure, BENCH_FUSE_FAILURE_ROOM, "%s, appends of %s: %s: %s%s", name, size, done->call,
                 quire_strerror(rc),
                 rc == -ENOSPC ? "; choose another place with --dir, or ask for less with --bytes" : "");
    return rc;
}

/* The daemons are in the group for good, so the limit has to go before the matrix of another payload. */
static int set_limit(struct measuring *m, const struct bench_fuse_cell *cell)
{
    if (!m->session->throttle.is_open || cell->limit == m->limit)
        return 0;
    int rc = bench_fuse_throttle_limit(&m->session->throttle, cell->limit);
    if (rc < 0)
        snprintf(m->failure, BENCH_FUSE_FAILURE_ROOM, "the disk cannot be limited to %" PRIu64 " bytes a second: %s",
                 cell->limit, quire_strerror(rc));
    m->limit = cell->limit;
    return rc;
}

/* Under version 1 of cgroups the limit is of who writes, and that may be whoever has everything synced meanwhile. The
 * kernel lets a slice of time pass at once. */
static bool has_escaped(const struct bench_fuse_cell *cell, const struct bench_fuse_cost *cost)
{
    double stored = (double)(cell->mode == BENCH_FUSE_NATIVE ? cost->bytes : cost->stored_bytes);
    return cell->limit > 0 && stored > (double)cell->limit * (cost->seconds * limit_exceeded + limit_slice);
}

static int run_cell(struct measuring *m, const struct bench_fuse_cell *cell, struct bench_fuse_cost *cost)
{
    const struct bench_fuse_mount *mount = &m->session->mount[cell->mode];
    const struct bench_fuse_job job = {.directory = bench_fuse_mount_directory(mount),
                                       .is_mount = cell->mode != BENCH_FUSE_NATIVE,
                                       .daemon = mount->daemon,
                                       .throttle = cell->curve ? &m->session->throttle : NULL,
                                       .pool = &m->pool,
                                       .bytes = cell->bytes,
                                       .append_bytes = cell->append_bytes};
    struct bench_fuse_done done;
    bench_place_settle(&m->session->place);
    int rc = bench_fuse_job_run(&job, &done);
    if (rc < 0)
        return rc == -EINTR ? rc : failed(m, cell, &done, rc);
    *cost = done.cost;
    return 0;
}

static int measure_cell(struct measuring *m, struct bench_fuse_cell *cell, bool thrown_away)
{
    struct bench_fuse_cost cost = {.bytes = 0};
    bool escaped = true;
    int rc = set_limit(m, cell);
    for (int i = 0; i < TRIES && rc == 0 && escaped; i++) {
        rc = run_cell(m, cell, &cost);
        escaped = rc == 0 && has_escaped(cell, &cost);
        m->report->escaped += escaped;
    }
    if (rc < 0 || thrown_away)
        return rc;
    m->report->kept_escaped += escaped;
    cell->round[cell->rounds++] = cost;
    return 0;
}

static void show_progress(struct measuring *m, const struct bench_fuse_cell *cell)
{
    char text[128], size[BENCH_NUMBER_TEXT];
    snprintf(text, sizeof text, "%3.0f %%  %s: %s by %s", 100 * (double)m->turns_done / (double)m->turns,
             bench_fuse_payload_text(cell->payload), bench_size_text(cell->append_bytes, size),
             bench_fuse_mode_name(cell->mode));
    m->turns_done++;
    bench_progress(text);
}

/* Neighbours in time change from round to round, so that no cell always follows the same other. */
static void shuffle(size_t *order, size_t count, uint64_t *seed)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)(bench_chance(seed) % i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* One round of the cells of one payload, of the matrix or of the curve. */
static int measure_round(struct measuring *m, enum bench_fuse_payload payload, bool curve, bool thrown_away)
{
    size_t order[BENCH_FUSE_CELLS], count = 0;
    int rc = 0;
    for (size_t i = 0; i < m->report->count; i++) {
        const struct bench_fuse_cell *cell = &m->report->cell[i];
        if (cell->payload == payload && cell->curve == curve && m->session->is_there[cell->mode])
            order[count++] = i;
    }
    shuffle(order, count, &m->seed);
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct bench_fuse_cell *cell = &m->report->cell[order[i]];
        show_progress(m, cell);
        rc = bench_stop_signal ? -EINTR : measure_cell(m, cell, thrown_away);
    }
    return rc;
}

static int measure_payload(struct measuring *m, enum bench_fuse_payload payload)
{
    const struct bench_fuse_settings *s = m->settings;
    uint64_t most = s->choice.limits && s->curve_bytes > s->bytes ? s->curve_bytes : s->bytes;
    int rc = bench_fuse_pool_make(&m->pool, payload, most, BENCH_FUSE_APPEND_MOST);
    if (rc < 0) {
        snprintf(m->failure, BENCH_FUSE_FAILURE_ROOM, "no memory for what is appended: %s", quire_strerror(rc));
        return rc;
    }
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
        if (s->choice.mode[mode] && bench_fuse_mode_is_log(mode))
            bench_fuse_codec_measure(mode, &m->pool, &m->report->codec[payload][mode]);
    for (unsigned round = s->warm_up ? 0 : 1; rc == 0 && round <= s->rounds; round++)
        rc = measure_round(m, payload, false, round == 0);
    for (unsigned round = 1; rc == 0 && m->session->throttle.is_open && round <= s->rounds; round++)
        rc = measure_round(m, payload, true, false);
    bench_fuse_pool_free(&m->pool);
    return rc;
}

static void choose_cells(struct measuring *m)
{
    const struct bench_fuse_choice *choice = &m->settings->choice;
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
        if (choice->payload[payload]) {
            add_matrix(m, payload);
            if (m->session->throttle.is_open)
                add_curve(m, payload);
        }
    for (size_t i = 0; i < m->report->count; i++) {
        const struct bench_fuse_cell *cell = &m->report->cell[i];
        if (m->session->is_there[cell->mode])
            m->turns += m->settings->rounds + (m->settings->warm_up && !cell->curve ? 1 : 0);
    }
}

int bench_fuse_measure(const struct bench_fuse_settings *settings, struct bench_fuse_session *session,
                       struct bench_fuse_report *report, char failure[BENCH_FUSE_FAILURE_ROOM])
{
    struct measuring m = {
        .settings = settings, .session = session, .report = report, .seed = bench_now_ns(), .failure = failure};
    int rc = 0;
    report->choice = settings->choice;
    report->rounds = settings->rounds;
    if (settings->choice.limits)
        bench_fuse_session_group(session, report);
    choose_cells(&m);
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS && rc == 0; payload++)
        if (settings->choice.payload[payload])
            rc = measure_payload(&m, payload);
    bench_progress("");
    return rc;
}
