/* Where a log begins and ends its life in its directory. See begin.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/begin.h"

#include <errno.h>
#include <time.h>

#include <quire/reader.h>

#include "io/retry.h"
#include "log/keeper.h"
#include "log/make.h"
#include "log/resume_chain.h"

/* quire_inspect looks whether somebody has the lock by trying it, for a moment. */
enum { LOCK_ATTEMPTS = 5, LOCK_PAUSE_NS = 2000000 };

static int make_directory(quire_log *log, enum quire_call *failed_call)
{
    uint32_t mode = log->options.file_mode;

    *failed_call = QUIRE_CALL_OPEN;
    /* Who may read or write the files may enter. */
    int rc = log->io->ops->make_directory(log->io, log->directory, mode | (mode & 0444) >> 2);
    if (rc < 0)
        return rc == -EEXIST ? 0 : rc;
    *failed_call = QUIRE_CALL_SYNC_DIRECTORY;
    return log->io->ops->sync_directory(log->io, log->directory);
}

static int lock_folder(quire_log *log)
{
    int rc = QUIRE_E_LOCKED;

    for (int i = 0; i < LOCK_ATTEMPTS && rc == QUIRE_E_LOCKED; i++) {
        if (i > 0)
            nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
        rc = log->io->ops->lock(log->io, log->folder);
    }
    return rc;
}

static int open_folder(quire_log *log, enum quire_call *failed_call)
{
    unsigned how = QUIRE__IO_READ_ONLY | QUIRE__IO_FOLDER;
    int rc = 0;

    if (!(log->options.flags & QUIRE_LOG_EXISTING))
        rc = make_directory(log, failed_call);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_OPEN;
    rc = quire__io_open_file(log->io, log->directory, how, 0, &log->folder);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_LOCK;
    return lock_folder(log);
}

void quire__log_leave_folder(quire_log *log)
{
    if (log->folder >= 0)
        log->io->ops->close(log->io, log->folder); /* with it goes the lock */
    log->folder = -1;
}

int quire__log_find(quire_log *log, struct quire__log_found *found, enum quire_call *failed_call)
{
    int rc = 0;

    if (log->folder < 0)
        rc = open_folder(log, failed_call);
    if (rc == 0)
        rc = quire__recover(log, &found->recovered, &found->report, &found->damage, failed_call);
    if (rc < 0)
        return rc;
    if (found->recovered.found && log->options.flags & QUIRE_LOG_EXCLUSIVE)
        return -EEXIST;
    if (!found->recovered.found && log->options.flags & QUIRE_LOG_EXISTING)
        return QUIRE_E_NOT_A_LOG;
    *failed_call = QUIRE_CALL_NONE;
    return found->recovered.found ? 0 : quire__random(log->log_id, sizeof log->log_id);
}

static void resume_sums(struct quire__segment *segment, const struct quire__tail *tail)
{
    segment->sums = tail->sums;
    segment->previous_pages = tail->previous_pages;
    segment->started = segment->end;
}

/* The segment that the first block goes to. */
static int open_writing(quire_log *log, const struct quire__recovered *r, enum quire_call *failed_call)
{
    if (!r->found)
        return quire__segment_make(log, log->keeper.next_number++, "", log->writing, failed_call);
    if (!r->tail.sealed) {
        int rc = quire__segment_resume(log, r->number, &r->header, r->tail.end, log->writing, failed_call);
        if (rc == 0)
            resume_sums(log->writing, &r->tail);
        return rc;
    }
    if (r->ready)
        return quire__segment_resume(log, r->ready, &r->ready_header, QUIRE__SEGMENT_BEGIN, log->writing, failed_call);
    return quire__segment_make(log, log->keeper.next_number++, "", log->writing, failed_call);
}

static int open_ready(quire_log *log, const struct quire__recovered *r, enum quire_call *failed_call)
{
    if (!r->ready || r->tail.sealed)
        return 0;
    struct quire__segment *segment = quire__keeper_new_segment(log);
    int rc = quire__segment_resume(log, r->ready, &r->ready_header, QUIRE__SEGMENT_BEGIN, segment, failed_call);
    if (rc < 0)
        quire__keeper_free_segment(log, segment);
    else
        atomic_store(&log->keeper.ready, segment);
    return rc;
}

static void begin_order(quire_log *log, const struct quire__recovered *r)
{
    struct quire__log_order *order = log->order;

    order->next_sequence = r->gap_first ? r->gap_first : r->next_sequence;
    if (r->gap_first) {
        order->lost = r->next_sequence - r->gap_first;
        order->lost_reason = QUIRE_GAP_DAMAGE;
        order->lost_first_time = r->tail.last_time;
    } else {
        order->lost_reason = QUIRE_GAP_DROPPED;
    }
    order->limit = log->options.block_bytes;
    order->last_time = order->block_time = r->tail.last_time;
    order->segment = log->writing;
    order->offset = log->writing->end;
    log->begin_sequence = order->next_sequence;
    atomic_store(&order->alive, true);
}

/* What earlier sessions left without a flush, open has flushed, unless nobody cares: then the first sync that somebody
 * asks for owes it. */
static void inherit(quire_log *log, const struct quire__recovered *r)
{
    if (log->options.sync_policy != QUIRE_SYNC_NONE || r->mark + 1 >= r->next_sequence)
        return;
    log->keeper.unsynced_from = r->oldest;
    log->keeper.unsynced = true;
    log->writing->dirty = true;
}

/* Everything that recovery found was flushed, unless nobody cares. */
static int begin_progress(quire_log *log, const struct quire__recovered *r)
{
    uint64_t last = r->next_sequence - 1;

    int rc = quire__progress_init(&log->progress, last);
    log->completed_sequence = last;
    atomic_store(&log->progress.durable,
                 log->options.sync_policy == QUIRE_SYNC_NONE ? quire__min(r->mark, last) : last);
    return rc;
}

int quire__log_begin(quire_log *log, const struct quire__log_found *found, enum quire_call *failed_call)
{
    const struct quire__recovered *r = &found->recovered;

    log->keeper.free = NULL;
    for (int i = 0; i < QUIRE__SEGMENTS; i++) {
        log->segments[i] = (struct quire__segment){.file = -1, .direct = -1};
        quire__keeper_free_segment(log, &log->segments[i]);
    }
    log->keeper.next_number = r->newest + 1;
    log->retire.oldest = log->retire.counted_to = log->retire.looked_to = r->oldest ? r->oldest : r->newest + 1;
    log->writing = quire__keeper_new_segment(log);
    int rc = open_writing(log, r, failed_call);
    if (rc == 0)
        rc = open_ready(log, r, failed_call);
    if (rc == 0 && log->chain)
        rc = quire__chain_resume(log, r, failed_call);
    if (rc == 0)
        rc = begin_progress(log, r);
    if (rc < 0) {
        quire__log_abandon(log);
        return rc;
    }
    begin_order(log, r);
    inherit(log, r);
    log->keeper.closed = r->found ? r->number : log->writing->number;
    return 0;
}

void quire__log_unmake(quire_log *log)
{
    struct quire__path path;

    /* The error is known already; this one adds nothing to it. */
    if (quire__segment_path(log->directory, log->writing->number, &path) == 0)
        log->io->ops->unlink(log->io, path.text);
}

void quire__log_abandon(quire_log *log)
{
    atomic_store(&log->keeper.ready, NULL);
    /* The one being written, the one that is ready, and those between: the order may be several ahead. */
    for (int i = 0; i < QUIRE__SEGMENTS; i++)
        quire__segment_close(log, &log->segments[i]);
}

/* Only where it costs little to have it again. */
void quire__log_end(quire_log *log, uint64_t *newest)
{
    struct quire__segment *ready = atomic_load(&log->keeper.ready);
    struct quire__path path;

    *newest = ready ? ready->number : log->order->segment->number;
    if (quire__log_code(log) < 0 || log->options.prepare == QUIRE_LOG_PREPARE_WRITTEN)
        return;
    int rc = quire__io_truncate(log->io, log->writing->file, log->writing->end);
    if (rc < 0) {
        quire__log_fail(log, rc, QUIRE_CALL_TRUNCATE, log->writing->end);
        return;
    }
    /* One that stays is found empty, and used, by the next open. */
    if (ready && quire__segment_path(log->directory, ready->number, &path) == 0 &&
        log->io->ops->unlink(log->io, path.text) == 0)
        *newest = ready->number - 1;
}
