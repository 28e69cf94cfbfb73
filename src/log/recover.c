/* Recovery. See recover.h; the decisions are in tail.h.
 *
 * Looks at the segments from the last back to the one with the last whole block: behind it there are at most a few, made
 * ready and empty. Before a byte is believed, the file is flushed and dropped from the page cache: what a dead writer
 * left there may not be on the device, and after a failed flush never will.
 *
 * SPDX-License-Identifier: MIT */
#include "log/recover.h"

#include <errno.h>
#include <stdlib.h>

#include "io/retry.h"
#include "log/keep_aside.h"
#include "log/live.h"

/* A segment at the end of the list that has no whole block to go on behind. */
struct trailing {
    uint64_t number;
    struct quire__segment_header header;
    struct quire__tail tail;
    bool unborn; /* no header either: its making was cut short */
};

enum { TRAILING_MOST = 8, BRIEF = 10 };

struct search {
    quire_log *log;
    struct quire__recovered *recovered;
    struct quire_damage *damage;
    enum quire_call *failed_call;
    struct quire__segment_list list;
    struct trailing trailing[TRAILING_MOST];
    uint32_t trailing_count;
    bool has_id;
    uint64_t tag; /* of the log that live.quire is of */
};

static int damaged(struct search *search, int code, uint64_t segment, uint64_t block, uint64_t offset)
{
    *search->damage = (struct quire_damage){.code = code, .segment = segment, .block = block, .offset = offset};
    return code;
}

/* A header page that was never written: its name came to be durable before its content, or it was cut to nothing. */
static bool is_unborn(struct quire__io *io, int file)
{
    unsigned char page[QUIRE__PAGE];
    uint64_t got = 0;

    if (quire__io_read_all(io, file, page, sizeof page, 0, &got) < 0)
        return false;
    for (uint64_t i = 0; i < got; i++)
        if (page[i] != 0)
            return false;
    return true;
}

static int look_at_unreadable(struct search *search, uint64_t number, int code, bool *unborn)
{
    int file = -1;

    *unborn = false;
    if (code != QUIRE_E_DAMAGED)
        return 0;
    int rc = quire__segment_open_file(search->log->io, search->log->directory, number, QUIRE__IO_READ_ONLY, &file);
    if (rc < 0)
        return rc;
    *unborn = is_unborn(search->log->io, file);
    search->log->io->ops->close(search->log->io, file);
    return 0;
}

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

static int read_segment(struct search *search, uint64_t number, struct quire__segment_header *header,
                        struct quire__tail *tail)
{
    quire_log *log = search->log;
    uint64_t bytes;
    int file = -1;

    *search->failed_call = QUIRE_CALL_OPEN;
    int rc = quire__segment_open(log->io, log->directory, number, search->has_id ? log->log_id : NULL, &file, header,
                                 &bytes);
    if (rc < 0)
        return rc;
    if (!search->has_id)
        memcpy(log->log_id, header->identity.log_id, sizeof log->log_id);
    search->has_id = true;
    if (log->options.sync_policy != QUIRE_SYNC_NONE) {
        *search->failed_call = QUIRE_CALL_SYNC;
        rc = settle_file(log, number, bytes);
    }
    if (rc == 0) {
        *search->failed_call = QUIRE_CALL_READ;
        rc = quire__tail_read(log->io, file, &header->identity, bytes, tail);
    }
    log->io->ops->close(log->io, file); /* opened for reading: nothing to lose */
    return rc;
}

/* From the last segment back to the one with the last whole block. */
static int find_last(struct search *search)
{
    struct quire__recovered *r = search->recovered;

    for (uint64_t i = search->list.count; i > 0 && !r->found; i--) {
        struct trailing here = {.number = search->list.numbers[i - 1]};
        int rc = read_segment(search, here.number, &here.header, &here.tail);
        if (rc < 0) {
            int code = rc;
            rc = look_at_unreadable(search, here.number, code, &here.unborn);
            if (rc < 0 || !here.unborn)
                return rc < 0 ? rc : damaged(search, code, here.number, UINT64_MAX, 0);
        }
        r->mark = quire__max(r->mark, here.tail.mark);
        r->found = here.tail.blocks > 0;
        if (r->found || (i == 1 && !here.unborn)) {
            r->found = true;
            r->number = here.number;
            r->header = here.header;
            r->tail = here.tail;
            break;
        }
        if (search->trailing_count == TRAILING_MOST)
            return damaged(search, QUIRE_E_DAMAGED, here.number, 0, QUIRE__SEGMENT_BEGIN);
        search->trailing[search->trailing_count++] = here;
    }
    return 0;
}

/* A block of ours in a segment behind the one where the whole ones end. */
static bool has_later(const struct search *search)
{
    for (uint32_t i = 0; i < search->trailing_count; i++)
        if (search->trailing[i].tail.later || search->trailing[i].tail.header)
            return true;
    return false;
}

static enum quire__tail_verdict judge(struct search *search, uint64_t expected)
{
    const struct quire__tail *tail = &search->recovered->tail;

    if (tail->sealed)
        return quire__tail_judge(search->recovered->mark >= expected, has_later(search), false, true);
    return quire__tail_judge(search->recovered->mark >= expected, tail->later || has_later(search), tail->header,
                             tail->blank);
}

static int cut(struct search *search, uint64_t number, const struct quire__tail *tail, struct quire_recovery *report)
{
    if (tail->sealed || (tail->junk_end == tail->end && !tail->later && tail->blank))
        return 0;
    int rc = quire__keep_aside(search->log->io, search->log->directory, number, tail->end, tail->junk_end,
                               search->failed_call);
    if (rc == 0)
        rc = quire__cut_segment(search->log->io, search->log->directory, number, tail->end, search->failed_call);
    if (rc < 0)
        return rc;
    report->torn_blocks += tail->junk_blocks;
    report->torn_records += tail->junk_records;
    report->torn_bytes += tail->junk_end - tail->end;
    return 0;
}

static int remove_segment(struct search *search, uint64_t number)
{
    struct quire__path path;

    *search->failed_call = QUIRE_CALL_UNLINK;
    int rc = quire__segment_path(search->log->directory, number, &path);
    return rc == 0 ? search->log->io->ops->unlink(search->log->io, path.text) : rc;
}

/* From the last one back: what is cut off behind a place goes before that place is cut. One that is empty and comes next
 * is kept, to be written to. */
static int clear_trailing(struct search *search, struct quire_recovery *report)
{
    struct quire__recovered *r = search->recovered;

    for (uint32_t i = 0; i < search->trailing_count; i++) {
        struct trailing *here = &search->trailing[i];
        bool usable = !here->unborn && r->found && here->number == r->number + 1;
        int rc = here->unborn ? 0 : cut(search, here->number, &here->tail, report);
        if (rc == 0 && !usable)
            rc = remove_segment(search, here->number);
        if (rc < 0)
            return rc;
        if (usable) {
            r->ready = here->number;
            r->ready_header = here->header;
        }
    }
    return 0;
}

/* What was durable is not there. Where the caller wants to go on, it is behind whatever can still be read. */
static int accept_damage(struct search *search, uint64_t expected)
{
    struct quire__recovered *r = search->recovered;
    uint64_t block = r->tail.blocks;

    damaged(search, QUIRE_E_DAMAGED, r->number, block, r->tail.end);
    search->damage->first_sequence = expected;
    search->damage->last_sequence = r->tail.later_first > expected ? r->tail.later_first - 1 : r->mark;
    if (!(search->log->options.flags & QUIRE_LOG_READ_PAST_DAMAGE) || search->trailing_count > 0)
        return QUIRE_E_DAMAGED;
    /* The segment is left as it is, and another begun: its blocks name what is missing by their sequences. */
    r->tail.sealed = true;
    r->next_sequence = quire__max(r->mark + 1, r->tail.last_seen + 1);
    r->gap_first = r->tail.last_seen >= r->mark ? 0 : quire__max(r->tail.last_seen + 1, expected);
    return 0;
}

static int act(struct search *search, struct quire_recovery *report)
{
    struct quire__recovered *r = search->recovered;
    uint64_t expected = r->found && r->tail.next_sequence ? r->tail.next_sequence : 1;

    r->next_sequence = expected;
    if (!r->found)
        return clear_trailing(search, report);
    enum quire__tail_verdict verdict = judge(search, expected);
    if (verdict == QUIRE__TAIL_DAMAGED)
        return accept_damage(search, expected);
    int rc = clear_trailing(search, report);
    if (rc == 0 && verdict == QUIRE__TAIL_TORN)
        rc = cut(search, r->number, &r->tail, report);
    return rc;
}

/* The last few segments, where a writer that closed the log said which there are. Listing a directory costs the kernel
 * half a microsecond a name: of thousands that is more than all the rest. */
static int list_briefly(struct search *search)
{
    struct quire__disk_live live;

    if (!quire__live_recall(search->log->io, search->log->directory, search->log->folder, &live))
        return 0;
    search->list.numbers = calloc(BRIEF, sizeof *search->list.numbers);
    if (!search->list.numbers)
        return -ENOMEM;
    uint64_t first = live.newest - live.oldest < BRIEF ? live.oldest : live.newest - BRIEF + 1;
    for (uint64_t number = first; number <= live.newest; number++)
        search->list.numbers[search->list.count++] = number;
    search->recovered->oldest = live.oldest;
    search->recovered->newest = live.newest;
    search->tag = live.log_tag;
    return 0;
}

/* The last whole block is in one of the last segments, and they are of the log that was said. */
static bool brief_is_enough(const struct search *search)
{
    uint64_t tag;

    memcpy(&tag, search->log->log_id, sizeof tag);
    return search->recovered->found && search->recovered->tail.blocks > 0 && tag == search->tag;
}

static int list_all(struct search *search)
{
    quire__segment_list_free(&search->list);
    *search->recovered = (struct quire__recovered){.next_sequence = 1};
    search->trailing_count = 0;
    search->has_id = false;
    *search->failed_call = QUIRE_CALL_LIST;
    int rc = quire__segment_list_read(search->log->io, search->log->directory, &search->list);
    if (rc == 0 && search->list.count > 0) {
        search->recovered->oldest = search->list.numbers[0];
        search->recovered->newest = search->list.numbers[search->list.count - 1];
    }
    return rc;
}

static int find(struct search *search)
{
    int rc = list_briefly(search);

    if (rc == 0 && search->list.count > 0)
        rc = find_last(search);
    if (search->list.count > 0 && rc == 0 && brief_is_enough(search))
        return 0;
    if (rc == -ENOMEM)
        return rc;
    rc = list_all(search);
    return rc < 0 || search->list.count == 0 ? rc : find_last(search);
}

static int search_all(struct search *search, struct quire_recovery *report)
{
    struct quire__recovered *r = search->recovered;
    uint64_t live = 0;

    int rc = find(search);
    if (rc < 0 || search->list.count == 0)
        return rc;
    *search->failed_call = QUIRE_CALL_READ;
    rc = search->has_id ? quire__live_mark(search->log->io, search->log->directory, search->log->log_id, &live) : 0;
    if (rc < 0)
        return rc;
    r->mark = quire__max(r->mark, live);
    return act(search, report);
}

int quire__recover(quire_log *log, struct quire__recovered *recovered, struct quire_recovery *report,
                   struct quire_damage *damage, enum quire_call *failed_call)
{
    struct search search = {.log = log, .recovered = recovered, .damage = damage, .failed_call = failed_call};

    *recovered = (struct quire__recovered){.next_sequence = 1};
    int rc = search_all(&search, report);
    quire__segment_list_free(&search.list);
    if (rc < 0)
        return rc;
    report->last_sequence = recovered->next_sequence - 1;
    report->durable_mark = recovered->mark;
    report->segment = recovered->number;
    report->offset = recovered->found ? recovered->tail.end : 0;
    report->gap_first = recovered->gap_first;
    report->gap_last = recovered->gap_first ? recovered->next_sequence - 1 : 0;
    return 0;
}
