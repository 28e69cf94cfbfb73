/* The rules of judge.h.
 *
 * The order of looking matters while a writer appends. First what it says of itself, then again what lies there:
 * what it said it had written must be seen then. What is found behind the place is compared with what lies there
 * after that.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/judge.h"

#include <errno.h>

struct evidence {
    quire_reader *reader;
    const struct quire__place *place;
    const struct quire__found *found; /* may be NULL */
    uint64_t index;                   /* the first entry behind the place, */
    uint64_t next;                    /* and the first filled one from there; count: none */
    struct quire__judgement *out;
};

static bool has_next(const struct evidence *e)
{
    return e->next < e->reader->catalog.count;
}

static const struct quire__entry *next_entry(const struct evidence *e)
{
    return &e->reader->catalog.entries[e->next];
}

static bool is_known_durable(const struct evidence *e)
{
    return e->place->sequence != 0 && e->place->sequence <= e->reader->durable;
}

static struct quire__place begin_of(const struct quire__entry *entry)
{
    return (struct quire__place){
        .segment = entry->number, .offset = QUIRE__SEGMENT_BEGIN, .sequence = entry->first_sequence};
}

/* Damage at a place of a segment; what is lost ends in front of out->end. */
static void damage_at(struct evidence *e, int code, uint64_t segment, uint64_t block, uint64_t offset)
{
    struct quire_damage damage = {.code = code, .segment = segment, .block = block, .offset = offset};

    if (e->place->sequence != 0 && e->out->end.sequence > e->place->sequence) {
        damage.first_sequence = e->place->sequence;
        damage.last_sequence = e->out->end.sequence - 1;
    }
    e->out->verdict = QUIRE__VERDICT_DAMAGE;
    e->out->damage = damage;
}

static void damage_here(struct evidence *e)
{
    const struct quire__place *place = e->place;
    int code = e->found && e->found->kind == QUIRE__FIND_BROKEN ? e->found->code : QUIRE_E_DAMAGED;

    if (!e->found) {
        damage_at(e, QUIRE_E_MISSING, place->segment + place->sealed, UINT64_MAX, 0);
        return;
    }
    uint64_t block = place->block;
    if (block == QUIRE__BLOCK_UNCOUNTED) {
        block = quire__reader_count_blocks(e->reader, place);
        /* Once is enough. */
        if (e->out->end.segment == place->segment && block != QUIRE__BLOCK_UNCOUNTED)
            e->out->end.block = block + (e->out->end.offset != place->offset);
    }
    damage_at(e, code, place->segment, block, place->offset);
}

/* Behind the place, whatever that is: to the segment that follows, or else here with another sequence. */
static void go_on_behind(struct evidence *e, uint64_t sequence)
{
    if (has_next(e)) {
        e->out->end = begin_of(next_entry(e));
    } else {
        e->out->end = *e->place;
        e->out->end.sequence = sequence;
    }
}

/* Is what was expected there now, or something else to be seen there? *is_there. */
static int look_again(struct evidence *e, bool *is_there)
{
    quire_reader *r = e->reader;
    struct quire__found now = {.kind = QUIRE__FIND_EMPTY};

    *is_there = false;
    if (!e->found)
        return 0;
    int rc = quire__reader_enter(r, e->place->segment);
    quire__window_forget(&r->scan.window);
    if (rc == 0)
        rc = quire__scan_read(&r->scan, e->place->offset, &now);
    *is_there = rc == 0 && now.kind == QUIRE__FIND_BLOCK &&
                (e->place->sequence == 0 || now.header.first_sequence == e->place->sequence);
    /* Taken away meanwhile, as will be seen there. */
    *is_there |= rc == -ENOENT;
    return rc == -ENOENT ? 0 : rc;
}

/* The first segment from index on that cannot be read and was not reported; next: none. */
static uint64_t bad_from(const struct evidence *e, uint64_t index)
{
    for (; index < e->next; index++) {
        const struct quire__entry *entry = &e->reader->catalog.entries[index];
        bool is_unfinished = entry->is_unborn && !has_next(e);
        if (entry->state == QUIRE__ENTRY_BAD && entry->number >= e->place->passed && !is_unfinished)
            break;
    }
    return index;
}

/* Rule 5. */
static bool has_header_only(const struct evidence *e)
{
    const struct quire__found *found = e->found;

    return found && found->kind == QUIRE__FIND_BROKEN && found->has_header && found->code != QUIRE_E_DAMAGED &&
           (e->place->sequence == 0 || found->header.first_sequence == e->place->sequence);
}

static void pass_block(struct evidence *e)
{
    e->out->end = *e->place;
    e->out->end.offset = quire__found_end(e->found);
    e->out->end.sequence = quire__block_next(&e->found->header);
    e->out->end.previous_pages = e->found->header.pages;
    e->out->end.block += e->place->block != QUIRE__BLOCK_UNCOUNTED;
    damage_here(e);
}

static void pass_segment(struct evidence *e, uint64_t bad)
{
    const struct quire__entry *entry = &e->reader->catalog.entries[bad];

    /* What is lost is put down to the last of several. */
    e->out->end = *e->place;
    if (bad_from(e, bad + 1) == e->next)
        go_on_behind(e, is_known_durable(e) ? e->reader->durable + 1 : e->place->sequence);
    e->out->end.passed = entry->number + 1;
    damage_at(e, entry->code, entry->number, UINT64_MAX, 0);
}

/* Rules 5 and 6. *is_decided: it is they that decide. */
static int unreadable(struct evidence *e, bool *is_decided)
{
    struct quire__catalog *catalog = &e->reader->catalog;

    *is_decided = true;
    if (has_header_only(e)) {
        pass_block(e);
        return 0;
    }
    uint64_t bad = bad_from(e, e->index);
    *is_decided = bad < e->next;
    if (bad == e->next)
        return 0;
    if (catalog->entries[bad].is_old) {
        int rc = quire__catalog_look_anew(catalog, bad);
        if (rc < 0)
            return rc;
    }
    if (catalog->entries[bad].state == QUIRE__ENTRY_BAD) {
        pass_segment(e, bad);
    } else {
        e->out->verdict = QUIRE__VERDICT_AGAIN;
        e->out->end = *e->place;
    }
    return 0;
}

/* Reading goes on at a whole block that was found ahead, unless a later segment has its sequence. */
static void go_on_at(struct evidence *e, const struct quire__found *ahead, uint64_t block)
{
    if (has_next(e) && ahead->header.first_sequence >= next_entry(e)->first_sequence) {
        e->out->end = begin_of(next_entry(e));
        return;
    }
    e->out->end = (struct quire__place){
        .segment = e->reader->scan.number,
        .offset = ahead->offset,
        .sequence = ahead->header.first_sequence,
        .previous_pages = 0,
        .block = block,
        .passed = e->place->passed,
    };
}

/* Rule 8, in the segment of the place. */
static int look_ahead_here(struct evidence *e, bool *is_decided)
{
    struct quire__found ahead;
    bool is_there;

    *is_decided = false;
    if (!e->found)
        return 0;
    uint64_t block = e->place->block;
    bool is_passed = e->found->kind == QUIRE__FIND_BROKEN && e->found->has_header;
    uint64_t offset = is_passed ? quire__found_end(e->found) : e->place->offset;
    int rc = quire__scan_ahead(&e->reader->scan, offset, quire__max(1, e->place->sequence), is_decided, &ahead);
    if (rc < 0 || !*is_decided)
        return rc;
    rc = look_again(e, &is_there);
    e->out->verdict = QUIRE__VERDICT_AGAIN;
    if (rc < 0 || is_there)
        return rc;
    go_on_at(e, &ahead, block == QUIRE__BLOCK_UNCOUNTED ? block : block + (ahead.offset != e->place->offset));
    /* Unless it is a hole that no sequence fell into. */
    if (e->out->end.sequence != e->place->sequence)
        damage_here(e);
    return 0;
}

/* Looked at anew. */
static int has_first_block(struct quire__scan *scan, bool *has)
{
    struct quire__found first;

    quire__window_forget(&scan->window);
    int rc = quire__scan_read(scan, QUIRE__SEGMENT_BEGIN, &first);
    *has = rc == 0 && first.kind == QUIRE__FIND_BLOCK;
    return rc;
}

/* Rule 8, in a segment whose first block is not to be seen. */
static int look_into(struct evidence *e, const struct quire__entry *entry, bool *is_decided)
{
    struct quire__found ahead;

    int rc = quire__reader_enter(e->reader, entry->number);
    if (rc < 0)
        return rc == -ENOENT ? 0 : rc;
    rc = quire__scan_ahead(&e->reader->scan, QUIRE__SEGMENT_BEGIN, quire__max(1, e->place->sequence), is_decided,
                           &ahead);
    /* One that stays empty goes when its log is closed, and another gets its number: it is opened anew the next time. */
    if (rc == 0 && !*is_decided)
        quire__scan_leave(&e->reader->scan);
    if (rc < 0 || !*is_decided)
        return rc;
    bool is_begun = ahead.offset == QUIRE__SEGMENT_BEGIN;
    if (!is_begun)
        rc = has_first_block(&e->reader->scan, &is_begun);
    /* It came meanwhile. */
    e->out->verdict = QUIRE__VERDICT_AGAIN;
    if (rc < 0 || is_begun)
        return rc;
    go_on_at(e, &ahead, 1);
    damage_at(e, QUIRE_E_DAMAGED, entry->number, 0, QUIRE__SEGMENT_BEGIN);
    return 0;
}

static int look_ahead_behind(struct evidence *e, bool *is_decided)
{
    *is_decided = false;
    for (uint64_t i = e->index; i < e->next && !*is_decided; i++) {
        const struct quire__entry *entry = &e->reader->catalog.entries[i];
        /* One with a block was overtaken by the next one, and counts for nothing. */
        if (entry->state == QUIRE__ENTRY_BAD || entry->state == QUIRE__ENTRY_FILLED ||
            (!has_next(e) &&
             quire__live_is_behind(&e->reader->live, entry->number, QUIRE__SEGMENT_BEGIN, e->place->sequence)))
            continue;
        int rc = look_into(e, entry, is_decided);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* That the segment behind the place has, or the place's own if it was not to be found. */
static uint64_t number_behind(const struct evidence *e)
{
    return e->place->segment + (e->found || e->place->sealed);
}

/* The number of a segment that is missing in front of the next one; 0: none is. */
static uint64_t missing_number(const struct evidence *e)
{
    uint64_t number = number_behind(e);

    for (uint64_t i = e->index; i <= e->next; i++, number++)
        if (e->reader->catalog.entries[i].number != number || e->reader->catalog.entries[i].code == -ENOENT)
            return number;
    return 0;
}

/* The log begins behind the missing segment by now: retention overtook the reader. */
static bool is_trimmed(struct evidence *e, uint64_t missing)
{
    struct quire__catalog *catalog = &e->reader->catalog;

    if (quire__catalog_refresh(catalog) < 0 || catalog->count == 0 || catalog->entries[0].number <= missing)
        return false;
    e->out->verdict = QUIRE__VERDICT_GONE;
    return true;
}

/* The first number from this one on, as the directory was listed; 0: none. */
static uint64_t first_number_from(const struct quire__catalog *catalog, uint64_t number)
{
    uint64_t index = quire__catalog_find(catalog, number);

    return index < catalog->count ? catalog->entries[index].number : 0;
}

/* The catalog grows number by number, and stops where one is left out or gone, or was there before it was filled: so
 * where a segment must follow, and none seems to, the directory is listed anew. number: that it would have. */
static bool changed_meanwhile(struct evidence *e, uint64_t number)
{
    uint64_t before = first_number_from(&e->reader->catalog, number);

    if (is_trimmed(e, number))
        return true;
    if (first_number_from(&e->reader->catalog, number) == before)
        return false;
    e->out->end = *e->place;
    e->out->verdict = QUIRE__VERDICT_AGAIN;
    return true;
}

/* Rule 9. */
static int hole(struct evidence *e)
{
    uint64_t missing = missing_number(e);
    bool is_there;

    /* The next segment was looked at last, so all that lies in front of it is there now. */
    int rc = look_again(e, &is_there);
    e->out->verdict = QUIRE__VERDICT_AGAIN;
    if (rc < 0 || is_there)
        return rc;
    e->out->end = begin_of(next_entry(e));
    if (e->place->sequence == 0 && !(e->found && e->found->kind == QUIRE__FIND_BROKEN))
        return 0;
    if (e->found && (e->found->kind == QUIRE__FIND_BROKEN || missing == 0))
        damage_here(e);
    else if (missing == 0)
        damage_at(e, QUIRE_E_MISSING, e->place->segment, UINT64_MAX, e->place->offset);
    else if (!changed_meanwhile(e, missing))
        damage_at(e, QUIRE_E_MISSING, missing, UINT64_MAX, 0);
    return 0;
}

/* Rule 7. Several writes are under way at a time: what follows, be it in the next segment, may be there first. A writer
 * that died, and whose live.quire is old, has left no more than one segment behind it. */
static int is_yet_to_come(struct evidence *e, bool *is_decided)
{
    const struct quire__live *live = &e->reader->live;
    const struct quire__place *place = e->place;
    uint64_t last = e->next;

    *is_decided = false;
    if (!live->is_known || is_known_durable(e))
        return 0;
    int rc = has_next(e) ? quire__catalog_filled_from(&e->reader->catalog, e->next + 1, &last) : 0;
    if (rc < 0 || last != e->reader->catalog.count)
        return rc;
    if (has_next(e) && live->disk.segment == next_entry(e)->number)
        *is_decided = live->disk.written < place->sequence;
    else if (has_next(e))
        *is_decided = live->disk.segment == place->segment && live->disk.written < place->sequence;
    else
        *is_decided = e->found && quire__live_is_behind(live, place->segment, place->offset, place->sequence);
    return 0;
}

/* Rules 7 to 11. */
static int weigh(struct evidence *e)
{
    quire_reader *r = e->reader;
    bool is_decided;

    int rc = is_yet_to_come(e, &is_decided);
    if (rc == 0 && !is_decided)
        rc = look_ahead_here(e, &is_decided);
    if (rc == 0 && !is_decided)
        rc = look_ahead_behind(e, &is_decided);
    if (rc < 0 || is_decided)
        return rc;
    if (has_next(e))
        return hole(e);
    if ((!e->found || is_known_durable(e)) && changed_meanwhile(e, number_behind(e)))
        return 0;
    if (!is_known_durable(e))
        return 0;
    go_on_behind(e, r->durable + 1);
    damage_here(e);
    return 0;
}

static int gather(struct evidence *e)
{
    struct quire__catalog *catalog = &e->reader->catalog;

    e->index = quire__catalog_find(catalog, e->place->segment);
    if (e->index < catalog->count && catalog->entries[e->index].number == e->place->segment &&
        (e->found || e->place->sealed))
        e->index++;
    int rc = quire__catalog_extend(catalog);
    return rc < 0 ? rc : quire__catalog_filled_from(catalog, e->index, &e->next);
}

int quire__judge(quire_reader *reader, const struct quire__place *place, const struct quire__found *found,
                 struct quire__judgement *judgement)
{
    struct evidence e = {.reader = reader, .place = place, .found = found, .out = judgement};
    bool is_true = false;

    *judgement = (struct quire__judgement){.verdict = QUIRE__VERDICT_END, .end = *place};
    int rc = found ? quire__scan_is_recycled(&reader->scan, &is_true) : 0;
    if (rc == 0 && is_true) {
        judgement->verdict = QUIRE__VERDICT_GONE;
        return 0;
    }
    if (rc == 0)
        rc = quire__reader_look_live(reader);
    if (rc == 0)
        rc = look_again(&e, &is_true);
    if (rc == 0 && !is_true)
        rc = gather(&e);
    if (rc < 0 || is_true) {
        judgement->verdict = QUIRE__VERDICT_AGAIN;
        return rc;
    }
    /* Nothing is in front of the first record, whatever the segment was to hold. */
    if (has_next(&e) && next_entry(&e)->first_sequence <= quire__max(place->sequence, 1)) {
        judgement->verdict = QUIRE__VERDICT_AGAIN;
        judgement->end = begin_of(next_entry(&e));
    }
    rc = unreadable(&e, &is_true);
    if (rc < 0 || is_true || judgement->verdict == QUIRE__VERDICT_AGAIN)
        return rc;
    if (reader->flags & QUIRE_READ_DURABLE && place->sequence > reader->durable)
        return 0;
    return weigh(&e);
}
