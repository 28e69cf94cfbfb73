/* Group commit. See commit.h.
 *
 * One thread leads a round: it seals and hands over what was appended, flushes the device, and moves `durable`. Who
 * comes meanwhile and is covered waits for the end of this round; who is not waits for the end of the next. Each group
 * sleeps by its own bit on the number of the round, so that the end of a round wakes those it serves, all at once and
 * without a lock to queue at, and one of the next group, which leads. The next group gathers while the flush is under
 * way.
 *
 * SPDX-License-Identifier: MIT */
#include "log/commit.h"

#include <limits.h>

#include "base/futex.h"
#include "log/drain.h"
#include "log/go_on.h"
#include "log/keeper.h"
#include "log/live.h"
#include "log/places.h"

/* The bit of those who are served at the end of the round with this number. */
static uint32_t group_of(uint32_t round)
{
    return 1u << round % 32;
}

int quire__commit_sync_file(quire_log *log, int file, uint64_t offset)
{
    uint64_t begun = QUIRE__OBSERVE_BEGIN(&log->observer, sync, 0, offset);
    int rc = log->io->ops->sync(log->io, file);
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_SYNC, sync, begun, 0, offset, rc);
    if (rc < 0)
        return quire__log_trouble(log, rc, QUIRE_CALL_SYNC, offset);
    quire__log_count(&log->syncs, 1);
    return 0;
}

/* With the sync lock: flushes what has blocks that no flush covered. *covered is what was written before. */
static int sync_segments(quire_log *log, uint64_t *covered)
{
    struct quire__dirty dirty[QUIRE__SEGMENTS];
    /* After a failure the keeper lets segments go without a flush: then there is nothing dirty, and nothing durable. It
     * does so with this lock, so what is looked at here holds until the end. */
    int rc = quire__log_failure(log);

    if (rc == 0)
        rc = quire__keeper_sync_closed(log);
    pthread_mutex_lock(&log->drain);
    /* Read before the flush begins: what is written while it runs may not be covered. */
    *covered = log->completed_sequence;
    /* Whoever takes them flushes them. After a failure that another thread has survived by now, they are left to the next
     * round: they may be those of the segment where the log went on. */
    uint32_t count = rc == 0 ? quire__keeper_take_dirty(log, dirty) : 0;
    pthread_mutex_unlock(&log->drain);
    /* In order, so that `durable` would be true after each. None of them is closed without the sync lock. */
    for (uint32_t i = 0; i < count && rc == 0; i++)
        rc = quire__commit_sync_file(log, dirty[i].file, dirty[i].end);
    return rc;
}

/* With the sync lock. False: what was flushed is being written again elsewhere, which counts instead, and may be torn. */
static bool note_durable(quire_log *log, uint64_t covered, uint64_t moves)
{
    if (log->retain)
        pthread_mutex_lock(&log->drain);
    bool counts = log->continued == moves;
    if (counts && covered > quire__progress_durable(&log->progress))
        atomic_store_explicit(&log->progress.durable, covered, memory_order_release);
    if (log->retain)
        pthread_mutex_unlock(&log->drain);
    return counts;
}

/* Writes the slots before sealed. *moves: how often they had been moved elsewhere by then. */
static int write_all(quire_log *log, uint64_t sealed, uint64_t *moves, int *open)
{
    pthread_mutex_lock(&log->drain);
    log->hurry = sealed == log->drained + 1 && !quire__keeper_has_dirty(log);
    *open = quire__drain(log, sealed, true);
    log->hurry = false;
    /* A claim that stands in the way does not keep what lies before it from becoming durable. */
    int rc = quire__drain_complete(log, *open == QUIRE_E_CLAIM_OPEN ? log->drained : sealed);
    *moves = log->continued;
    pthread_mutex_unlock(&log->drain);
    return rc;
}

/* Writes the slots before sealed, and flushes. What moves elsewhere meanwhile is to be written there first. */
static int make_durable(quire_log *log, uint64_t sealed)
{
    uint64_t covered = 0;
    uint64_t moves = 0;
    bool counts = false;
    int open = 0;
    int rc = 0;

    while (rc == 0 && !counts) {
        rc = write_all(log, sealed, &moves, &open);
        if (rc < 0)
            break;
        pthread_mutex_lock(&log->sync);
        rc = sync_segments(log, &covered);
        counts = rc == 0 && note_durable(log, covered, moves);
        pthread_mutex_unlock(&log->sync);
    }
    return rc < 0 ? rc : open;
}

static int work_round(quire_log *log)
{
    uint64_t last;
    uint64_t sealed = quire__places_seal_now(log, &last);

    atomic_store(&log->commit.covering, last);
    int rc = make_durable(log, sealed);
    /* Somebody else may have gone on by now: then there is nothing to do but to try again. */
    while (rc < 0 && rc != QUIRE_E_CLAIM_OPEN && log->retain && quire__log_code(log) == 0) {
        pthread_mutex_lock(&log->drain);
        rc = quire__log_go_on(log);
        pthread_mutex_unlock(&log->drain);
        if (rc == 0)
            rc = make_durable(log, sealed);
    }
    return rc;
}

/* What a finished round leaves: readers are told, and buffers kept until now are free. */
static void tell(quire_log *log)
{
    pthread_mutex_lock(&log->drain);
    quire__drain_free_durable(log);
    quire__live_tell(log);
    pthread_mutex_unlock(&log->drain);
}

static int lead(quire_log *log)
{
    struct quire__log_commit *commit = &log->commit;

    int rc = work_round(log);
    if (rc == 0 || rc == QUIRE_E_CLAIM_OPEN)
        tell(log);
    atomic_store(&commit->code, rc);
    atomic_store(&commit->covering, 0);
    atomic_store(&commit->leading, false);
    uint32_t ended = atomic_fetch_add(&commit->round, 1) + 1;
    if (atomic_load(&commit->waiters) > 0) {
        quire__futex_wake(&commit->round, INT_MAX, group_of(ended));
        quire__futex_wake(&commit->round, 1, group_of(ended + 1));
    }
    return rc;
}

static bool is_over(quire_log *log, uint64_t sequence, int *rc)
{
    *rc = 0;
    if (quire__progress_durable(&log->progress) >= sequence)
        return true; /* what was durable stays so, whatever failed later */
    *rc = quire__log_code(log);
    return *rc < 0;
}

/* Sleeps until a round that may serve sequence has ended, or the next one wants a leader. How the round ended, if it
 * was to serve sequence. Who may not lead sleeps though nobody leads: the ticker will. */
static int follow(quire_log *log, uint64_t sequence, bool may_lead)
{
    struct quire__log_commit *commit = &log->commit;
    int code;

    atomic_fetch_add(&commit->waiters, 1);
    uint32_t round = atomic_load(&commit->round);
    bool served = sequence <= atomic_load(&commit->covering);
    uint32_t target = round + (served ? 1 : 2);
    /* Looked at after the round was read: a round that ends from here on changes the word. */
    if ((atomic_load(&commit->leading) || !may_lead) && !is_over(log, sequence, &code))
        quire__futex_wait(&commit->round, round, group_of(target));
    atomic_fetch_sub(&commit->waiters, 1);
    /* Woken to lead the next round, and served already, or not one who leads: somebody else of the group must. */
    bool ended = atomic_load(&commit->round) - round == 1;
    if (ended && !served && (!may_lead || is_over(log, sequence, &code)))
        quire__futex_wake(&commit->round, 1, group_of(target));
    return ended && served ? atomic_load(&commit->code) : 0;
}

/* Did a round that began since round number `begun` end in vain, and was the last to do so? */
static bool met_claim(quire_log *log, uint32_t begun)
{
    return atomic_load(&log->commit.round) - begun >= 2 && atomic_load(&log->commit.code) == QUIRE_E_CLAIM_OPEN;
}

static int await(quire_log *log, uint64_t sequence, bool may_lead)
{
    uint32_t begun = atomic_load(&log->commit.round);
    bool followed = false;
    int rc;

    while (!is_over(log, sequence, &rc)) {
        bool leading = false;
        if (may_lead && atomic_compare_exchange_strong(&log->commit.leading, &leading, true)) {
            followed = false;
            rc = lead(log);
        } else {
            followed = true;
            rc = follow(log, sequence, may_lead);
            /* A round that was under way may have waited for a claim that was published before this call. */
            if (rc == 0 || rc == QUIRE_E_CLAIM_OPEN)
                rc = met_claim(log, begun) ? QUIRE_E_CLAIM_OPEN : 0;
        }
        if (rc < 0 && quire__progress_durable(&log->progress) < sequence)
            return rc;
    }
    if (rc == 0 && followed)
        quire__log_count(&log->sync_joins, 1);
    return rc;
}

int quire__commit_up_to(quire_log *log, uint64_t sequence)
{
    return await(log, sequence, true);
}

int quire__commit_await(quire_log *log, uint64_t sequence)
{
    return await(log, sequence, false);
}

void quire__commit_wake_all(quire_log *log)
{
    atomic_fetch_add(&log->commit.round, 1);
    quire__futex_wake(&log->commit.round, INT_MAX, UINT32_MAX);
}
