/* Which segments go, and how. See retire.h.
 *
 * Always the oldest, one after the other, each removal durable before the next: after a crash what is left is without a
 * hole. When the last record of a segment was made is known from the first block of the next, which is no older. The
 * segment with the last durable record stays, so the sequence is never forgotten. One that counts for nothing goes before
 * the one in front of it, which stays for as long as that is not finished.
 *
 * SPDX-License-Identifier: MIT */
#include "log/retire.h"

#include <errno.h>

#include "io/retry.h"
#include "log/superseded.h"

enum { NOT_YET = 1 };

static uint64_t size_of(quire_log *log, uint64_t number)
{
    struct quire__segment_header header;
    uint64_t bytes;
    int file;

    if (quire__segment_open(log->io, log->directory, number, log->log_id, &file, &header, &bytes) < 0)
        return 0; /* what cannot be read cannot be counted, nor kept from being the oldest */
    log->io->ops->close(log->io, file);
    return bytes;
}

/* With the drain lock: after a power cut the segment being written would have a record, whatever else had gone. */
static bool writing_may_be_all(quire_log *log)
{
    const struct quire__disk_footer *sums = &log->writing->sums;

    return sums->blocks > 0 && (log->options.sync_policy == QUIRE_SYNC_NONE ||
                                sums->first_sequence <= quire__progress_durable(&log->progress));
}

struct reach {
    uint64_t limit;  /* segments before this one are finished, and may go */
    uint64_t newest; /* the one that appends go to, which may be ahead of what is written */
};

static struct reach reach_of(quire_log *log)
{
    struct reach reach;

    pthread_mutex_lock(&log->drain);
    quire__spin_lock(&log->order->lock);
    reach.newest = log->order->segment->number;
    quire__spin_unlock(&log->order->lock);
    pthread_mutex_lock(&log->keeper.lock);
    reach.limit = writing_may_be_all(log) ? log->writing->number : log->keeper.closed;
    if (log->keeper.sealed)
        reach.limit = quire__min(reach.limit, log->keeper.sealed->number);
    pthread_mutex_unlock(&log->keeper.lock);
    pthread_mutex_unlock(&log->drain);
    return reach;
}

static bool is_missing(quire_log *log, uint64_t number)
{
    struct quire__path path;
    uint64_t device;
    uint64_t inode;

    return quire__segment_path(log->directory, number, &path) == 0 &&
           log->io->ops->identify(log->io, path.text, &device, &inode) == -ENOENT;
}

/* Segments are counted, not numbers. Each number is looked at once. */
static bool has_too_many_segments(quire_log *log, uint64_t newest)
{
    struct quire__log_retire *retire = &log->retire;
    uint64_t numbers = newest - retire->oldest + 1;

    if (log->options.keep_segments == 0 || numbers <= log->options.keep_segments)
        return false;
    while (retire->looked_to <= newest)
        retire->missing += is_missing(log, retire->looked_to++);
    return numbers - retire->missing > log->options.keep_segments;
}

static bool has_too_many_bytes(quire_log *log, uint64_t newest)
{
    struct quire__log_retire *retire = &log->retire;

    if (log->options.keep_bytes == 0)
        return false;
    while (retire->counted_to <= newest)
        retire->bytes += size_of(log, retire->counted_to++);
    return retire->bytes > log->options.keep_bytes;
}

static struct quire__segments segments_to(const quire_log *log, uint64_t last)
{
    return (struct quire__segments){log->io, log->directory, log->log_id, last};
}

/* The first block behind the oldest segment. A number may be missing, and a segment be empty or torn: recovery took one
 * away, or the log went on in another. */
static int look_behind_oldest(quire_log *log, uint64_t limit, bool *found, struct quire__disk_block *next)
{
    const struct quire__segments segments = segments_to(log, limit);
    int rc = 0;

    *found = false;
    for (uint64_t number = log->retire.oldest; rc == 0 && !*found && number < limit;) {
        rc = quire__segment_first_block(&segments, ++number, found, next);
        if (rc == -ENOENT)
            rc = 0;
    }
    return rc;
}

static bool is_too_old(quire_log *log, uint64_t limit)
{
    struct quire__disk_block next;
    bool found = false;
    uint64_t age = log->options.keep_ms * 1000000u;

    if (age == 0)
        return false;
    int rc = look_behind_oldest(log, limit, &found, &next);
    return rc == 0 && found && quire__log_now() > next.first_time + age;
}

static bool disk_is_short(quire_log *log)
{
    uint64_t free = UINT64_MAX;

    if (log->options.keep_free == 0 || log->io->ops->free_space(log->io, log->directory, &free) < 0)
        return false;
    return free < log->options.keep_free;
}

static bool may_go(quire_log *log, const struct reach *reach)
{
    return has_too_many_segments(log, reach->newest) || has_too_many_bytes(log, reach->newest) ||
           is_too_old(log, reach->limit) || disk_is_short(log);
}

/* Kept for the next segment where blocks that were written before are worth it. */
static int remove_file(quire_log *log, const char *path, uint64_t bytes)
{
    struct quire__path spare;
    bool keep = log->options.prepare == QUIRE_LOG_PREPARE_WRITTEN && !log->retire.spare &&
                bytes >= log->options.segment_bytes && !disk_is_short(log);

    if (!keep)
        return log->io->ops->unlink(log->io, path);
    int rc = quire__path_join(log->directory, QUIRE__SPARE_NAME, &spare);
    if (rc == 0)
        rc = log->io->ops->rename(log->io, path, spare.text);
    log->retire.spare = rc == 0;
    return rc;
}

/* *was_there false: there is no such segment. */
static int remove_segment(quire_log *log, uint64_t number, bool *was_there)
{
    struct quire__path path;
    uint64_t bytes = size_of(log, number);

    int rc = quire__segment_path(log->directory, number, &path);
    if (rc == 0)
        rc = remove_file(log, path.text, bytes);
    *was_there = rc == 0;
    if (rc == -ENOENT)
        rc = 0;
    /* Its name is gone for good before the file gets another content, or the next one goes. */
    if (rc == 0)
        rc = log->io->ops->sync_directory(log->io, path.text);
    if (rc < 0)
        return rc;
    if (number < log->retire.counted_to)
        log->retire.bytes -= quire__min(bytes, log->retire.bytes);
    quire__log_count(&log->trimmed, *was_there);
    return 0;
}

/* Behind the oldest segment; before it, while it says that they count for nothing. NOT_YET: one of them is in use. */
static int remove_superseded(quire_log *log, const struct reach *reach, uint64_t *gone)
{
    const struct quire__segments segments = segments_to(log, reach->newest);
    bool superseded = true;
    int rc = 0;

    for (uint64_t number = log->retire.oldest + 1; rc == 0 && superseded && number <= reach->newest; number++) {
        bool was_there = false;
        rc = quire__segment_is_superseded(&segments, number, log->retire.oldest, &superseded);
        if (rc == 0 && superseded)
            rc = number < reach->limit ? remove_segment(log, number, &was_there) : NOT_YET;
        if (rc == -ENOENT)
            rc = 0;
        log->retire.missing += was_there && number < log->retire.looked_to;
        *gone += was_there;
    }
    return rc;
}

static int remove_oldest(quire_log *log, uint64_t *gone)
{
    struct quire__log_retire *retire = &log->retire;
    bool was_there;

    int rc = remove_segment(log, retire->oldest, &was_there);
    if (rc < 0)
        return rc;
    if (retire->oldest < retire->looked_to)
        retire->missing -= !was_there && retire->missing > 0;
    retire->oldest++;
    retire->counted_to = quire__max(retire->counted_to, retire->oldest);
    retire->looked_to = quire__max(retire->looked_to, retire->oldest);
    *gone += was_there;
    return 0;
}

static int retire_oldest(quire_log *log, const struct reach *reach, uint64_t *gone)
{
    int rc = remove_superseded(log, reach, gone);

    return rc == 0 ? remove_oldest(log, gone) : rc;
}

void quire__retire(quire_log *log)
{
    const struct reach reach = reach_of(log);
    uint64_t gone = 0;

    pthread_mutex_lock(&log->retire.lock);
    while (log->retire.oldest < reach.limit && may_go(log, &reach))
        if (retire_oldest(log, &reach, &gone) != 0)
            break;
    pthread_mutex_unlock(&log->retire.lock);
}

int quire__retire_below(quire_log *log, uint64_t sequence, uint64_t *segments)
{
    const struct reach reach = reach_of(log);
    uint64_t gone = 0;
    int rc = 0;

    pthread_mutex_lock(&log->retire.lock);
    while (rc == 0 && log->retire.oldest < reach.limit) {
        struct quire__disk_block next;
        bool found = false;
        rc = look_behind_oldest(log, reach.limit, &found, &next);
        if (rc < 0 || !found || next.first_sequence > sequence)
            break;
        rc = retire_oldest(log, &reach, &gone);
    }
    pthread_mutex_unlock(&log->retire.lock);
    if (rc >= 0 && segments)
        *segments = gone;
    return rc < 0 ? rc : 0;
}

bool quire__retire_take_spare(quire_log *log, struct quire__path *path)
{
    pthread_mutex_lock(&log->retire.lock);
    bool spare = log->retire.spare && quire__path_join(log->directory, QUIRE__SPARE_NAME, path) == 0;
    log->retire.spare = false;
    pthread_mutex_unlock(&log->retire.lock);
    return spare;
}
