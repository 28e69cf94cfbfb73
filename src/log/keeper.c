/* The keeper's work. See keeper.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/keeper.h"

#include <errno.h>

#include "base/worker.h"
#include "io/retry.h"
#include "log/chain.h"
#include "log/commit.h"
#include "log/drain.h"
#include "log/finish.h"
#include "log/go_on.h"
#include "log/make.h"
#include "log/retire.h"

struct quire__segment *quire__keeper_new_segment(quire_log *log)
{
    pthread_mutex_lock(&log->keeper.lock);
    struct quire__segment *segment = log->keeper.free;
    if (segment)
        log->keeper.free = segment->next;
    pthread_mutex_unlock(&log->keeper.lock);
    return segment;
}

void quire__keeper_free_segment(quire_log *log, struct quire__segment *segment)
{
    pthread_mutex_lock(&log->keeper.lock);
    segment->next = log->keeper.free;
    log->keeper.free = segment;
    pthread_mutex_unlock(&log->keeper.lock);
}

struct quire__segment *quire__keeper_take_ready(quire_log *log)
{
    return atomic_exchange(&log->keeper.ready, NULL);
}

void quire__keeper_poke(quire_log *log)
{
    quire__worker_poke(log->keeper.worker);
}

int quire__keeper_await_ready(quire_log *log, bool wait)
{
    struct quire__log_keeper *keeper = &log->keeper;

    pthread_mutex_lock(&keeper->lock);
    uint64_t attempts = keeper->attempts;
    quire__worker_poke(keeper->worker);
    if (wait)
        quire__log_count(&log->rotation_waits, 1);
    while (wait && !atomic_load(&keeper->ready) && keeper->attempts == attempts && quire__log_code(log) == 0)
        pthread_cond_wait(&keeper->answered, &keeper->lock);
    int rc = 0;
    if (!atomic_load(&keeper->ready)) {
        /* None is made any more for a log that has failed: what the last attempt came to is not the answer. */
        int code = quire__log_code(log);
        rc = code < 0 ? code : keeper->ready_code;
    }
    pthread_mutex_unlock(&keeper->lock);
    return rc == 0 && !wait ? -EAGAIN : rc;
}

void quire__keeper_seal(quire_log *log, struct quire__segment *segment)
{
    struct quire__log_keeper *keeper = &log->keeper;
    struct quire__segment **at = &keeper->sealed;

    quire__chain_end(log, segment);
    segment->next = NULL;
    pthread_mutex_lock(&keeper->lock);
    while (*at)
        at = &(*at)->next;
    *at = segment;
    pthread_mutex_unlock(&keeper->lock);
    quire__worker_poke(keeper->worker);
}

void quire__keeper_fail_sealed(quire_log *log)
{
    pthread_mutex_lock(&log->keeper.lock);
    for (struct quire__segment *segment = log->keeper.sealed; segment; segment = segment->next) {
        segment->failed = true;
        segment->dirty = false; /* no flush of it is asked for again */
    }
    pthread_mutex_unlock(&log->keeper.lock);
}

/* slots: so many were given to the method by the end of what is in the segment so far. */
static void take_dirty(quire_log *log, struct quire__segment *segment, uint64_t slots, struct quire__dirty *dirty,
                       uint32_t *count)
{
    if (!segment->dirty)
        return;
    dirty[(*count)++] = (struct quire__dirty){segment->file, segment->end};
    /* What is under way may come to its end behind the flush. */
    segment->dirty = log->completed < slots;
}

uint32_t quire__keeper_take_dirty(quire_log *log, struct quire__dirty *dirty)
{
    uint32_t count = 0;

    pthread_mutex_lock(&log->keeper.lock);
    for (struct quire__segment *segment = log->keeper.sealed; segment; segment = segment->next)
        take_dirty(log, segment, segment->last_slot, dirty, &count);
    pthread_mutex_unlock(&log->keeper.lock);
    take_dirty(log, log->writing, log->drained, dirty, &count);
    return count;
}

bool quire__keeper_has_dirty(quire_log *log)
{
    bool dirty = log->writing->dirty || log->keeper.unsynced;

    pthread_mutex_lock(&log->keeper.lock);
    for (struct quire__segment *segment = log->keeper.sealed; segment && !dirty; segment = segment->next)
        dirty = segment->dirty;
    pthread_mutex_unlock(&log->keeper.lock);
    return dirty;
}

static int sync_by_name(quire_log *log, uint64_t number)
{
    int file = -1;

    int rc = quire__segment_open_file(log->io, log->directory, number, 0, &file);
    if (rc == -ENOENT)
        return 0; /* retention took it */
    if (rc < 0)
        return quire__log_fail(log, rc, QUIRE_CALL_OPEN, 0);
    rc = log->io->ops->sync(log->io, file);
    log->io->ops->close(log->io, file); /* the sync has said all there is to say */
    if (rc < 0)
        return quire__log_fail(log, rc, QUIRE_CALL_SYNC, 0);
    quire__log_count(&log->syncs, 1);
    return 0;
}

int quire__keeper_sync_closed(quire_log *log)
{
    struct quire__log_keeper *keeper = &log->keeper;
    int rc = 0;

    if (!keeper->unsynced)
        return 0;
    pthread_mutex_lock(&log->drain);
    uint64_t end = log->writing->number;
    pthread_mutex_unlock(&log->drain);
    for (uint64_t number = keeper->unsynced_from; number < end && rc == 0; number++)
        rc = sync_by_name(log, number);
    keeper->unsynced = rc < 0;
    return rc;
}

/* All blocks of the segment are in the file. After trouble it is for others to go on. */
static int await_blocks(quire_log *log, struct quire__segment *segment)
{
    pthread_mutex_lock(&log->drain);
    int rc = segment->failed ? QUIRE_E_DAMAGED : quire__drain_reap(log, segment->last_slot);
    if (rc < 0 && log->method->quiet)
        log->method->quiet(log); /* the kernel may still be writing to it */
    segment->failed |= rc < 0;
    pthread_mutex_unlock(&log->drain);
    return rc;
}

static int write_footer(quire_log *log, struct quire__segment *segment)
{
    uint64_t done;
    uint64_t calls = 0;

    quire__finish_footer(log, segment);
    int rc = quire__io_write_all(log->io, segment->file, log->page, QUIRE__PAGE, segment->end, &done, &calls);
    if (rc < 0)
        return quire__log_trouble(log, rc, QUIRE_CALL_WRITE, segment->end);
    quire__log_count(&log->blocks, 1);
    quire__log_count(&log->writes, calls);
    quire__log_count(&log->write_bytes, QUIRE__PAGE);
    return 0;
}

/* With the sync lock: flushed, unless nobody asked for durability; then a later sync finds it by its name. */
static int flush(quire_log *log, const struct quire__segment *segment)
{
    if (log->options.sync_policy == QUIRE_SYNC_NONE) {
        if (!log->keeper.unsynced)
            log->keeper.unsynced_from = segment->number;
        log->keeper.unsynced = true;
        return 0;
    }
    int rc = quire__commit_sync_file(log, segment->file, segment->end);
    /* Those before it were flushed in their turn, so the mark may move; blocks from now on say so, and the next open
     * need not look back so far. Not after a failure: what was lost then is written again elsewhere. */
    pthread_mutex_lock(&log->drain);
    if (rc == 0 && quire__log_failure(log) == 0 && !segment->failed &&
        segment->sums.last_sequence > quire__progress_durable(&log->progress))
        atomic_store_explicit(&log->progress.durable, segment->sums.last_sequence, memory_order_release);
    pthread_mutex_unlock(&log->drain);
    return rc;
}

/* With the sync lock: nobody holds it any more. */
static void let_go(quire_log *log, struct quire__segment *segment, bool finished)
{
    struct quire__log_keeper *keeper = &log->keeper;

    pthread_mutex_lock(&log->drain); /* where the dirty ones are taken */
    pthread_mutex_lock(&keeper->lock);
    keeper->sealed = segment->next;
    if (finished)
        keeper->closed = segment->number;
    pthread_cond_broadcast(&keeper->answered);
    pthread_mutex_unlock(&keeper->lock);
    pthread_mutex_unlock(&log->drain);
    quire__segment_close(log, segment);
    quire__keeper_free_segment(log, segment);
}

static struct quire__segment *first_sealed(quire_log *log)
{
    pthread_mutex_lock(&log->keeper.lock);
    struct quire__segment *segment = log->keeper.sealed;
    pthread_mutex_unlock(&log->keeper.lock);
    return segment;
}

/* A segment that failed is let go as it is: nothing is tried again on it. */
static void finish_sealed(quire_log *log)
{
    struct quire__segment *segment;

    while ((segment = first_sealed(log)) != NULL) {
        int rc = await_blocks(log, segment);
        if (rc == 0)
            rc = write_footer(log, segment);
        pthread_mutex_lock(&log->sync);
        /* Somebody's sync may have failed on this very file meanwhile: no flush is asked for again. Asked in this order,
         * for what was survived is no failure any more, and the segment is marked before. */
        bool finished = rc == 0 && quire__log_failure(log) == 0 && !segment->failed && flush(log, segment) == 0;
        let_go(log, segment, finished);
        pthread_mutex_unlock(&log->sync);
    }
}

/* A little room, so that a full disk does not keep the log from being closed properly. */
static void keep_reserve(quire_log *log)
{
    struct quire__path path;
    int file = -1;

    if (log->keeper.reserved || log->options.prepare == QUIRE_LOG_PREPARE_NONE ||
        quire__path_join(log->directory, QUIRE__RESERVE_NAME, &path) < 0)
        return;
    if (quire__io_open_file(log->io, path.text, QUIRE__IO_CREATE, log->options.file_mode, &file) < 0)
        return; /* it is only a precaution, and will be tried again */
    log->keeper.reserved = quire__io_allocate(log->io, file, 0, log->options.reserve_bytes, true) == 0;
    log->io->ops->close(log->io, file);
}

static void give_reserve(quire_log *log)
{
    struct quire__path path;

    if (quire__path_join(log->directory, QUIRE__RESERVE_NAME, &path) == 0)
        log->io->ops->unlink(log->io, path.text); /* not there: then there is nothing to give */
    log->keeper.reserved = false;
}

static int make_one(quire_log *log, struct quire__segment *segment)
{
    struct quire__path spare = {.text = ""};
    enum quire_call failed_call;
    bool used_before = quire__retire_take_spare(log, &spare);

    int rc = quire__segment_make(log, log->keeper.next_number, used_before ? spare.text : "", segment, &failed_call);
    if (rc == 0)
        quire__log_count(&log->recycled, used_before);
    if (rc == -ENOSPC || rc == -EDQUOT)
        give_reserve(log);
    else if (rc == 0)
        keep_reserve(log);
    return rc;
}

static void make_ready(quire_log *log)
{
    struct quire__log_keeper *keeper = &log->keeper;
    struct quire__segment *segment = quire__keeper_new_segment(log);

    int rc = segment ? make_one(log, segment) : -EAGAIN;
    if (rc == 0)
        keeper->next_number++;
    else if (segment)
        quire__keeper_free_segment(log, segment);
    pthread_mutex_lock(&keeper->lock);
    if (rc == 0)
        atomic_store(&keeper->ready, segment);
    keeper->ready_code = rc;
    keeper->attempts++;
    pthread_cond_broadcast(&keeper->answered);
    pthread_mutex_unlock(&keeper->lock);
}

static void work(void *argument)
{
    quire_log *log = argument;

    /* First what appends may come to wait for. */
    if (quire__log_code(log) == 0) {
        quire__retire(log);
        if (!atomic_load(&log->keeper.ready))
            make_ready(log);
    }
    finish_sealed(log);
    if (quire__log_code(log) == 0)
        quire__retire(log);
}

int quire__keeper_await_sealed(quire_log *log, uint64_t number)
{
    struct quire__log_keeper *keeper = &log->keeper;

    pthread_mutex_lock(&keeper->lock);
    quire__worker_poke(keeper->worker);
    while (keeper->sealed && keeper->sealed->number < number && quire__log_code(log) == 0)
        pthread_cond_wait(&keeper->answered, &keeper->lock);
    pthread_mutex_unlock(&keeper->lock);
    return quire__log_code(log);
}

void quire__keeper_wake_all(quire_log *log)
{
    pthread_mutex_lock(&log->keeper.lock);
    pthread_cond_broadcast(&log->keeper.answered);
    pthread_mutex_unlock(&log->keeper.lock);
}

int quire__keeper_start(quire_log *log)
{
    /* Retention by age and by free space goes on while nothing is appended. */
    bool watches = log->options.keep_ms > 0 || log->options.keep_free > 0;

    int rc = quire__worker_start(work, log, watches ? 1000 : 0, &log->keeper.worker);
    if (rc == 0)
        quire__worker_poke(log->keeper.worker);
    return rc;
}

void quire__keeper_stop(quire_log *log)
{
    quire__worker_stop(log->keeper.worker);
    log->keeper.worker = NULL;
    finish_sealed(log);
}
