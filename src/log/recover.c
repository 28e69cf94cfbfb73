/* Recovery. See recover.h; the decisions are in tail.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/recover.h"

#include <errno.h>

#include "io/retry.h"
#include "log/keep_aside.h"
#include "log/look_back.h"

struct search {
    struct quire__look_back back;
    struct quire__recovered *recovered;
    struct quire_recovery *report;
    uint64_t trailing; /* how many of the segments seen lie behind the one where the log ends */
};

/* The log ends in this one of the segments seen, or behind it. */
static void end_in(struct search *search, uint64_t index)
{
    const struct quire__seen *here = &search->back.seen[index];
    struct quire__recovered *r = search->recovered;

    r->found = !here->unborn;
    r->number = here->number;
    r->header = here->header;
    r->tail = here->tail;
    r->next_sequence = here->tail.next_sequence ? here->tail.next_sequence : 1;
    search->trailing = here->unborn ? index + 1 : index; /* one that was never begun goes, too */
}

/* A block of ours in a segment behind the one where the log ends. */
static bool has_later(const struct search *search)
{
    for (uint64_t i = 0; i < search->trailing; i++) {
        const struct quire__seen *here = &search->back.seen[i];
        if (here->is_torn || here->tail.later || here->tail.header)
            return true;
    }
    return false;
}

static enum quire__tail_verdict judge(const struct search *search)
{
    const struct quire__recovered *r = search->recovered;
    bool durable = search->back.mark >= r->next_sequence;

    if (r->tail.sealed || !r->found)
        return quire__tail_judge(durable, has_later(search), false, true);
    return quire__tail_judge(durable, r->tail.later || has_later(search), r->tail.header, r->tail.blank);
}

static int cut(struct search *search, uint64_t number, const struct quire__tail *tail)
{
    quire_log *log = search->back.log;

    if (tail->junk_end == tail->end)
        return 0;
    int rc = quire__keep_aside(log->io, log->directory, number, tail->end, tail->junk_end, search->back.failed_call);
    if (rc == 0)
        rc = quire__cut_segment(log->io, log->directory, number, tail->end, search->back.failed_call);
    if (rc < 0)
        return rc;
    search->report->torn_blocks += tail->junk_blocks;
    search->report->torn_records += tail->junk_records;
    search->report->torn_bytes += tail->junk_end - tail->end;
    return 0;
}

static int remove_segment(struct search *search, uint64_t number)
{
    quire_log *log = search->back.log;
    struct quire__path path;

    *search->back.failed_call = QUIRE_CALL_UNLINK;
    int rc = quire__segment_path(log->directory, number, &path);
    return rc == 0 ? log->io->ops->unlink(log->io, path.text) : rc;
}

/* The same place, with nothing in it that is whole. */
static struct quire__tail all_torn(const struct quire__tail *tail)
{
    struct quire__tail torn = *tail;

    torn.end = QUIRE__SEGMENT_BEGIN;
    torn.junk_end = quire__max(tail->junk_end, tail->end);
    torn.junk_blocks += tail->sums.blocks;
    torn.junk_records += tail->sums.records;
    return torn;
}

/* From the last one back: what is cut off behind a place goes before that place is cut. One that is empty and comes
 * next is kept, to be written to. */
static int clear_trailing(struct search *search)
{
    struct quire__recovered *r = search->recovered;

    for (uint64_t i = 0; i < search->trailing; i++) {
        const struct quire__seen *here = &search->back.seen[i];
        struct quire__tail tail = here->is_torn ? all_torn(&here->tail) : here->tail;
        bool usable = !here->unborn && !here->is_torn && r->found && here->number == r->number + 1;
        int rc = here->unborn ? 0 : cut(search, here->number, &tail);
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

/* Where nothing lies at the end, a block of which only the header got there may lie behind it: it goes, too. */
static int end_here(struct search *search)
{
    int rc = clear_trailing(search);

    if (rc == 0 && search->recovered->found)
        rc = cut(search, search->recovered->number, &search->recovered->tail);
    return rc;
}

/* Names what was durable and is not there. */
static void name_damage(const struct search *search)
{
    const struct quire__recovered *r = search->recovered;
    struct quire_damage *damage = search->back.damage;

    *damage = (struct quire_damage){.code = QUIRE_E_DAMAGED,
                                    .segment = r->number,
                                    .block = r->tail.sums.blocks,
                                    .offset = r->tail.end,
                                    .first_sequence = r->next_sequence,
                                    .last_sequence = search->back.mark};
    if (r->tail.later_first > r->next_sequence) {
        damage->last_sequence = r->tail.later_first - 1;
        return;
    }
    for (uint64_t i = search->trailing; i > 0; i--)
        if (search->back.seen[i - 1].is_torn) {
            damage->last_sequence = search->back.seen[i - 1].tail.sums.first_sequence - 1;
            return;
        }
}

/* Behind whatever can still be read. What is damaged is left as it is. */
static int go_past_damage(struct search *search)
{
    struct quire__recovered *r = search->recovered;
    uint64_t index = 0;

    while (index < search->trailing && !search->back.seen[index].is_torn)
        index++;
    if (index < search->trailing) {
        end_in(search, index);
        if (judge(search) != QUIRE__TAIL_DAMAGED)
            return end_here(search);
    }
    int rc = clear_trailing(search);
    if (rc < 0)
        return rc;
    /* Another segment is begun: its blocks name what is missing by their sequences. */
    r->tail.sealed = true;
    r->gap_first = r->tail.last_seen >= search->back.mark ? 0 : quire__max(r->tail.last_seen + 1, r->next_sequence);
    r->next_sequence = quire__max(search->back.mark, r->tail.last_seen) + 1;
    return 0;
}

/* Records that are appended behind it would have no sequence. */
static bool is_used_up(const struct search *search)
{
    for (uint64_t i = 0; i < search->back.count; i++)
        if (search->back.seen[i].tail.next_sequence > QUIRE__SEQUENCE_MOST ||
            search->back.seen[i].tail.last_seen > QUIRE__SEQUENCE_MOST)
            return true;
    return search->back.mark > QUIRE__SEQUENCE_MOST;
}

static int act(struct search *search)
{
    if (search->back.count == 0)
        return 0;
    if (is_used_up(search))
        return -EOVERFLOW;
    end_in(search, search->back.last);
    if (judge(search) != QUIRE__TAIL_DAMAGED)
        return end_here(search);
    name_damage(search);
    return search->back.log->options.flags & QUIRE_LOG_READ_PAST_DAMAGE ? go_past_damage(search) : QUIRE_E_DAMAGED;
}

int quire__recover(quire_log *log, struct quire__recovered *recovered, struct quire_recovery *report,
                   struct quire_damage *damage, enum quire_call *failed_call)
{
    struct search search = {
        .back = {.log = log, .damage = damage, .failed_call = failed_call}, .recovered = recovered, .report = report};

    *recovered = (struct quire__recovered){.next_sequence = 1};
    int rc = quire__look_back(&search.back);
    if (rc == 0)
        rc = act(&search);
    recovered->mark = search.back.mark;
    recovered->oldest = search.back.oldest;
    recovered->newest = search.back.newest;
    quire__look_back_end(&search.back);
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
