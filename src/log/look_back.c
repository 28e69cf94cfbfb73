/* From the last segment back, and forward again. See look_back.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/look_back.h"

#include <errno.h>
#include <stdlib.h>

#include "io/retry.h"
#include "log/live.h"

enum { BRIEF = 10 };

/* On the device, and read from there. */
static int settle_file(quire_log *log, uint64_t number, uint64_t bytes)
{
    int file = -1;

    int rc = quire__segment_open_file(log->io, log->directory, number, 0, &file);
    if (rc < 0)
        return rc;
    rc = log->io->ops->sync(log->io, file);
    /* Not an error where it cannot be had: then what is read is what the kernel has. */
    log->io->ops->drop_cache(log->io, file, 0, bytes);
    log->io->ops->close(log->io, file); /* the sync has said all there is to say */
    return rc;
}

/* Whose log it is, and what its writer said last. */
static int learn_id(struct quire__look_back *back, const struct quire__segment_header *header)
{
    quire_log *log = back->log;
    uint64_t live = 0;

    if (back->has_id)
        return 0;
    memcpy(log->log_id, header->identity.log_id, sizeof log->log_id);
    back->has_id = true;
    *back->failed_call = QUIRE_CALL_READ;
    int rc = quire__live_mark(log->io, log->directory, log->log_id, &live);
    back->mark = quire__max(back->mark, live);
    return rc;
}

static int read_segment(struct quire__look_back *back, struct quire__seen *here)
{
    quire_log *log = back->log;
    uint64_t bytes;
    int file = -1;

    *back->failed_call = QUIRE_CALL_OPEN;
    int rc = quire__segment_open(log->io, log->directory, here->number, back->has_id ? log->log_id : NULL, &file,
                                 &here->header, &bytes);
    if (rc < 0)
        return rc;
    rc = learn_id(back, &here->header);
    if (rc == 0 && log->options.sync_policy != QUIRE_SYNC_NONE) {
        *back->failed_call = QUIRE_CALL_SYNC;
        rc = settle_file(log, here->number, bytes);
    }
    if (rc == 0) {
        *back->failed_call = QUIRE_CALL_READ;
        rc = quire__tail_read(log->io, file, &here->header.identity, bytes, &here->tail);
    }
    log->io->ops->close(log->io, file); /* opened for reading: nothing to lose */
    return rc;
}

/* The sequence with which readers take a segment to begin: that of the header there, whole block or not. */
static uint64_t begin_of(const struct quire__tail *tail)
{
    if (tail->sums.blocks > 0)
        return tail->sums.first_sequence;
    return tail->header ? tail->header_first : UINT64_MAX;
}

static int see(struct quire__look_back *back, uint64_t number)
{
    struct quire__seen here = {.number = number, .lowest_behind = UINT64_MAX};

    struct quire__seen *seen = realloc(back->seen, (back->count + 1) * sizeof *seen);
    if (!seen)
        return -ENOMEM;
    back->seen = seen;
    int rc = read_segment(back, &here);
    if (rc == QUIRE_E_DAMAGED) {
        int opened = quire__segment_is_unborn(back->log->io, back->log->directory, number, &here.unborn);
        rc = opened < 0 || here.unborn ? opened : rc;
    }
    if (rc < 0) {
        *back->damage = (struct quire_damage){.code = rc, .segment = number, .block = UINT64_MAX};
        return rc;
    }
    if (back->count > 0)
        here.lowest_behind = quire__min(seen[back->count - 1].lowest_behind, begin_of(&seen[back->count - 1].tail));
    back->mark = quire__max(back->mark, here.tail.mark);
    back->seen[back->count++] = here;
    return 0;
}

/* All that lies in front of this segment is known to be durable, or nobody cares. */
static bool is_far_enough(const struct quire__look_back *back, const struct quire__seen *here)
{
    return here->tail.sums.blocks > 0 && (here->tail.sums.first_sequence <= back->mark + 1 ||
                                          (here->tail.sealed && back->log->options.sync_policy == QUIRE_SYNC_NONE));
}

/* *is_enough: there is no need of the segments that a brief list leaves out. */
static int read_back(struct quire__look_back *back, bool *is_enough)
{
    int rc = 0;

    *is_enough = !back->is_brief;
    for (uint64_t i = back->list.count; i > 0 && rc == 0; i--) {
        rc = see(back, back->list.numbers[i - 1]);
        if (rc == 0 && is_far_enough(back, &back->seen[back->count - 1])) {
            *is_enough = true;
            break;
        }
    }
    return rc;
}

/* The whole blocks of here follow on those of before: a later segment may have some of the same sequences, and wins. */
static bool follows(const struct quire__seen *before, const struct quire__seen *here)
{
    uint64_t next = before->tail.next_sequence ? before->tail.next_sequence : 1;

    return here->tail.sums.first_sequence <= next;
}

/* Only the header got there of the block that this segment begins with. It counts, though the record may be in front of it
 * once more, unless a later segment begins no higher. */
static bool is_torn_at_begin(const struct quire__seen *here)
{
    return here->tail.header && here->tail.sums.blocks == 0 && here->lowest_behind > here->tail.header_first;
}

static void go_forward(struct quire__look_back *back)
{
    bool is_broken = false;

    back->last = back->count > 0 ? back->count - 1 : 0;
    for (uint64_t i = back->last; i > 0; i--) {
        struct quire__seen *here = &back->seen[i - 1];
        is_broken = is_broken || is_torn_at_begin(here);
        if (here->unborn || here->tail.sums.blocks == 0)
            continue;
        is_broken = is_broken || !follows(&back->seen[back->last], here);
        here->is_torn = is_broken;
        if (!is_broken)
            back->last = i - 1;
    }
}

/* The time of a directory may be the same for a while in which names are made. The next name is that of the next
 * number. */
static bool is_last(quire_log *log, uint64_t number)
{
    struct quire__path path;
    uint64_t device;
    uint64_t inode;

    return quire__segment_path(log->directory, number + 1, &path) == 0 &&
           log->io->ops->identify(log->io, path.text, &device, &inode) == -ENOENT;
}

/* The last few segments, where a writer that closed the log said which there are. Listing a directory costs the kernel
 * half a microsecond a name: of thousands that is more than all the rest. */
static int list_briefly(struct quire__look_back *back, uint64_t *tag)
{
    quire_log *log = back->log;
    struct quire__disk_live live;

    if (!quire__live_recall(log->io, log->directory, log->folder, &live) || !is_last(log, live.newest))
        return 0;
    back->list.numbers = calloc(BRIEF, sizeof *back->list.numbers);
    if (!back->list.numbers)
        return -ENOMEM;
    /* Counted, for the numbers come from the file. */
    back->list.count = quire__min(live.newest - live.oldest, BRIEF - 1) + 1;
    for (uint64_t i = 0; i < back->list.count; i++)
        back->list.numbers[i] = live.newest - back->list.count + 1 + i;
    back->is_brief = true;
    back->oldest = live.oldest;
    back->newest = live.newest;
    *tag = live.log_tag;
    return 0;
}

/* After a close that was said there is none of that: it is not listed. */
static int list_all(struct quire__look_back *back)
{
    quire__segment_list_free(&back->list);
    back->is_brief = back->has_id = false;
    back->count = back->mark = back->oldest = back->newest = 0;
    *back->failed_call = QUIRE_CALL_LIST;
    int rc = quire__segment_list_read(back->log->io, back->log->directory, &back->list);
    if (rc == 0 && back->list.count > 0) {
        back->oldest = back->list.numbers[0];
        back->newest = back->list.numbers[back->list.count - 1];
        *back->failed_call = QUIRE_CALL_SYNC_DIRECTORY;
        rc = quire__names_settle(back->log->io, back->log->directory);
    }
    return rc;
}

/* They are of the log that was said. */
static bool has_tag(const struct quire__look_back *back, uint64_t said)
{
    uint64_t tag;

    memcpy(&tag, back->log->log_id, sizeof tag);
    return tag == said;
}

/* A reader asks the first segment which log it is. If that says another than the last, what is appended behind the last
 * would be read by nobody. */
static int check_oldest(struct quire__look_back *back)
{
    quire_log *log = back->log;
    struct quire__segment_header header;
    uint64_t bytes;
    int file;

    /* All that were looked at are of one log. */
    if (!back->has_id || back->count == back->list.count)
        return 0;
    int rc = quire__segment_open(log->io, log->directory, back->oldest, NULL, &file, &header, &bytes);
    if (rc < 0)
        return quire__is_of_process(rc) ? rc : 0; /* one that cannot be read is not asked by readers either */
    log->io->ops->close(log->io, file);           /* opened for reading: nothing to lose */
    if (memcmp(header.identity.log_id, log->log_id, sizeof log->log_id) == 0)
        return 0;
    *back->damage = (struct quire_damage){.code = QUIRE_E_FOREIGN, .segment = back->oldest, .block = UINT64_MAX};
    return QUIRE_E_FOREIGN;
}

int quire__look_back(struct quire__look_back *back)
{
    bool is_enough = false;
    uint64_t tag = 0;

    int rc = list_briefly(back, &tag);
    if (rc == 0 && back->is_brief)
        rc = read_back(back, &is_enough);
    /* What the device refused is not asked for again. */
    if (rc == -ENOMEM || (rc < 0 && *back->failed_call == QUIRE_CALL_SYNC))
        return rc;
    if (rc < 0 || !is_enough || !has_tag(back, tag)) {
        rc = list_all(back);
        if (rc == 0)
            rc = read_back(back, &is_enough);
        if (rc == 0)
            rc = check_oldest(back);
    }
    if (rc == 0)
        go_forward(back);
    return rc;
}

void quire__look_back_end(struct quire__look_back *back)
{
    quire__segment_list_free(&back->list);
    free(back->seen);
}
