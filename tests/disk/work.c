/* A workload on a log. See work.h.
 *
 * SPDX-License-Identifier: MIT */
#include "work.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "record.h"

enum { BATCH_MOST = 5, TRIM_BEHIND = 30 };

struct worker {
    const struct disk_work *work;
    quire_log *log;
    quire_log_lane *lane;
    uint64_t state; /* of the random numbers */
    uint64_t last;  /* sequence that was appended */
    uint64_t durable;
    uint64_t done;    /* records of this run */
    uint64_t session; /* of them in this session */
    uint64_t since;   /* calls since the last sync */
    unsigned char *memory;
};

static int tell(struct worker *w, enum disk_row_kind kind, uint64_t sequence)
{
    struct quire_log_stats stats = {.size = sizeof stats};

    if (w->log) {
        int rc = quire_log_stats(w->log, &stats);
        if (rc < 0)
            return rc;
    }
    return w->work->tell(w->work->context, kind, sequence, stats.segment);
}

static int tell_durable(struct worker *w)
{
    w->durable = w->last;
    w->since = 0;
    return w->last ? tell(w, DISK_ROW_DURABLE, w->last) : 0;
}

static unsigned char *fill(struct worker *w, unsigned char *memory, uint64_t sequence)
{
    disk_record_fill(memory, w->work->seed, sequence, w->work->generation);
    return memory;
}

static int append_one(struct worker *w)
{
    uint64_t sequence = w->last + 1;

    return quire_log_append(w->log, fill(w, w->memory, sequence), disk_record_length(w->work->seed, sequence), NULL);
}

static int append_batch(struct worker *w, uint64_t count)
{
    struct iovec pieces[BATCH_MOST];
    unsigned char *memory = w->memory;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t length = disk_record_length(w->work->seed, w->last + 1 + i);
        pieces[i] = (struct iovec){.iov_base = fill(w, memory, w->last + 1 + i), .iov_len = length};
        memory += length;
    }
    return quire_log_append_batch(w->log, pieces, (int)count, NULL);
}

static int append_claimed(struct worker *w)
{
    struct quire_log_claim claim;
    uint64_t sequence = w->last + 1;

    int rc = quire_log_claim(w->log, disk_record_length(w->work->seed, sequence), &claim);
    if (rc == QUIRE_E_TOO_LARGE)
        return append_one(w);
    if (rc < 0)
        return rc;
    fill(w, claim.memory, sequence);
    return quire_log_publish(w->log, &claim);
}

static int append_by_lane(struct worker *w, uint64_t count)
{
    int rc = 0;

    for (uint64_t i = 1; i <= count && rc == 0; i++)
        rc = quire_log_lane_append(w->lane, fill(w, w->memory, w->last + i),
                                   disk_record_length(w->work->seed, w->last + i));
    return rc < 0 ? rc : quire_log_lane_flush(w->lane, NULL);
}

/* One call, or one lane's worth, by chance. */
static int append_somehow(struct worker *w)
{
    uint64_t way = disk_below(&w->state, 8);
    uint64_t count = way < 3 ? 1 : way < 4 ? 1 : 1 + disk_below(&w->state, BATCH_MOST);

    int rc = tell(w, DISK_ROW_BEGIN, w->last + count);
    if (rc == 0)
        rc = way < 3   ? append_one(w)
             : way < 4 ? append_claimed(w)
             : way < 6 ? append_batch(w, count)
                       : append_by_lane(w, count);
    if (rc < 0)
        return rc;
    w->last += count;
    w->done += count;
    w->session += count;
    w->since++;
    return 0;
}

static int make_durable(struct worker *w)
{
    const struct disk_profile *profile = w->work->profile;
    bool each = profile->sync_policy == QUIRE_SYNC_EACH;

    if (!each && w->since < profile->sync_every && disk_below(&w->state, profile->sync_every) > 0)
        return 0;
    int rc = each ? 0 : quire_log_sync(w->log, 0);
    return rc < 0 ? rc : tell_durable(w);
}

/* What is done beside appending: rotate, and where there are sessions, trim. */
static int tidy(struct worker *w)
{
    const struct disk_profile *profile = w->work->profile;

    if (profile->rotate_every && disk_below(&w->state, profile->rotate_every) == 0)
        return quire_log_rotate(w->log);
    if (!profile->session || w->durable < TRIM_BEHIND + 10 || disk_below(&w->state, 20) > 0)
        return 0;
    int rc = tell(w, DISK_ROW_TRIM, w->durable - TRIM_BEHIND);
    return rc < 0 ? rc : quire_log_trim(w->log, w->durable - TRIM_BEHIND, NULL);
}

static int open_session(struct worker *w)
{
    struct quire_recovery found = {.size = sizeof found};
    struct quire_log_options options = disk_profile_options(w->work->profile, w->work->method);

    options.recovery = &found;
    options.observe = w->work->observe;
    options.observe_context = w->work->context;
    int rc = quire_log_open(w->work->directory, &options, &w->log);
    if (rc < 0)
        return rc;
    w->last = found.last_sequence;
    w->session = 0;
    rc = tell_durable(w); /* all that was recovered */
    return rc < 0 ? rc : quire_log_lane_open(w->log, &w->lane);
}

static int close_log(struct worker *w)
{
    quire_log *log = w->log;

    w->log = NULL;
    w->lane = NULL;
    return quire_log_close(log);
}

/* Closes with a claim that nobody publishes: its sequence is lost, and the rest is whole. */
static int end_session(struct worker *w)
{
    struct quire_log_claim claim;

    int rc = quire_log_sync(w->log, 0);
    if (rc == 0)
        rc = tell_durable(w);
    if (rc == 0)
        rc = tell(w, DISK_ROW_LOST, w->last + 1);
    if (rc == 0)
        rc = tell(w, DISK_ROW_BEGIN, w->last + 1);
    if (rc == 0)
        rc = quire_log_claim(w->log, 100, &claim);
    if (rc < 0)
        return rc;
    rc = close_log(w);
    return rc == 0 || rc == QUIRE_E_CLAIM_OPEN ? open_session(w) : rc;
}

static int work_on(struct worker *w)
{
    const struct disk_work *work = w->work;
    int rc = open_session(w);

    while (rc == 0 && w->done < work->records) {
        rc = append_somehow(w);
        if (rc == 0)
            rc = make_durable(w);
        if (rc == 0)
            rc = tidy(w);
        if (rc == 0 && work->profile->session && w->session >= work->profile->session)
            rc = end_session(w);
    }
    if (!w->log)
        return rc;
    int end = close_log(w);
    rc = rc < 0 ? rc : end;
    if (rc == 0)
        rc = tell_durable(w);
    return rc < 0 ? rc : tell(w, DISK_ROW_END, w->last);
}

int disk_work_run(const struct disk_work *work)
{
    struct worker worker = {
        .work = work,
        .state = work->seed ^ disk_mix(work->generation),
        .memory = malloc((size_t)BATCH_MOST * DISK_RECORD_MOST),
    };

    if (!worker.memory)
        return -ENOMEM;
    int rc = work_on(&worker);
    free(worker.memory);
    return rc;
}
