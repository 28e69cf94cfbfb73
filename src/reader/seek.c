/* Standing somewhere else: by sequence, by time, at the ends.
 *
 * Halving over the segments, then over the pages of one, finds a block near by; from there the reader advances, so that
 * damage on the way is judged by the same rules as anywhere.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/reader.h"

#include <errno.h>

#include "io/retry.h"

/* Begins anew: what was known of the segments may be old. */
static int begin_seek(quire_reader *reader)
{
    int rc = quire__catalog_refresh(&reader->catalog);

    quire__catalog_wake(&reader->catalog);
    reader->from = 0;
    reader->limit = 0;
    quire__scan_leave(&reader->scan);
    reader->obstacle = (struct quire__obstacle){0};
    return rc;
}

static int look_for_first(quire_reader *reader, uint64_t *first)
{
    struct quire__catalog *catalog = &reader->catalog;
    uint64_t i = 0;

    while (i < catalog->count) {
        uint64_t filled = i;
        int rc = quire__catalog_load(catalog, i);
        if (rc == 0 && catalog->entries[i].state == QUIRE__ENTRY_FILLED)
            rc = quire__catalog_filled_from(catalog, i, &filled);
        if (rc < 0)
            return rc;
        if (catalog->entries[i].state != QUIRE__ENTRY_EMPTY && filled == i)
            break;
        /* Nor does what lies in front of the one that counts instead, torn or whole. */
        i = quire__max(i + 1, filled);
    }
    *first = i < catalog->count ? i : 0;
    return 0;
}

/* The first segment that is more than made ready, and counts. Those in front of it may have been filled before it was. */
static int find_first(quire_reader *reader, uint64_t *first)
{
    int rc = look_for_first(reader, first);

    return rc == 0 && *first > 0 ? look_for_first(reader, first) : rc;
}

int quire_reader_seek_begin(quire_reader *reader)
{
    uint64_t index = 0;

    if (!reader)
        return QUIRE_E_ARGUMENT;
    int rc = begin_seek(reader);
    if (rc == 0)
        rc = find_first(reader, &index);
    if (rc == 0)
        quire__reader_stand_before(reader, index);
    return rc;
}

/* In front of the last block of a segment that comes in front of the target. */
static int stand_near(quire_reader *reader, uint64_t index, enum quire__order order, uint64_t target)
{
    struct quire__found found;
    bool is_found = false;

    quire__reader_stand_before(reader, index);
    int rc = quire__reader_enter(reader, reader->catalog.entries[index].number);
    if (rc == -ENOENT)
        return QUIRE_E_TRIMMED; /* since the directory was listed */
    if (rc == 0)
        rc = quire__scan_locate(&reader->scan, order, target, &is_found, &found);
    if (rc < 0 || !is_found)
        return rc;
    struct quire__place place = reader->unit.begin;
    if (found.offset != place.offset)
        place.block = QUIRE__BLOCK_UNCOUNTED;
    place.offset = found.offset;
    place.sequence = found.header.first_sequence;
    place.previous_pages = found.header.previous_pages;
    quire__reader_stand(reader, &place);
    return 0;
}

/* Advances to the unit that has the sequence, or to what is in the way there. */
static int advance_to(quire_reader *reader, uint64_t sequence)
{
    for (;;) {
        int rc = quire__reader_advance(reader);
        if (rc == 0)
            return reader->unit.end.sequence >= sequence ? 0 : QUIRE_E_RANGE;
        const struct quire_damage *damage = &reader->obstacle.damage;
        if (rc < 0 && damage->code == 0)
            return rc;
        if (rc < 0 && (reader->obstacle.is_final || damage->last_sequence >= sequence))
            return reader->obstacle.is_final ? rc : 0;
        if (rc > 0 && reader->unit.end.sequence > sequence)
            return 0;
        if (rc < 0)
            quire_reader_skip(reader);
    }
}

int quire_reader_seek_sequence(quire_reader *reader, uint64_t sequence)
{
    uint64_t first = 0;
    uint64_t index = 0;

    if (!reader)
        return QUIRE_E_ARGUMENT;
    if (sequence == 0)
        return QUIRE_E_RANGE;
    int rc = begin_seek(reader);
    if (rc == 0)
        rc = quire__catalog_filled_from(&reader->catalog, 0, &first);
    if (rc == 0)
        rc = quire__catalog_search(&reader->catalog, false, sequence, &index);
    if (rc < 0)
        return rc;
    if (first == reader->catalog.count) {
        quire__reader_stand_before(reader, 0);
        rc = quire__reader_look_live(reader);
        if (rc < 0)
            return rc;
        /* All others may have been trimmed. */
        bool is_next = reader->live.is_known && reader->live.disk.written + 1 == sequence;
        return sequence == 1 || is_next ? 0 : QUIRE_E_RANGE;
    }
    if (index == reader->catalog.count)
        return QUIRE_E_TRIMMED;
    rc = stand_near(reader, index, QUIRE__BY_SEQUENCE, sequence);
    if (rc < 0)
        return rc;
    reader->from = sequence;
    rc = advance_to(reader, sequence);
    if (rc == QUIRE_E_RANGE)
        reader->from = 0;
    return rc;
}

/* Moves on within the unit to the first record that is not older. False: all are. */
static bool move_to_time(struct quire__unit *unit, uint64_t time)
{
    struct quire__block_record record;

    /* What was lost there and not declared may be what is looked for. */
    if (unit->kind == QUIRE__UNIT_GAP)
        return unit->header.type != QUIRE__BLOCK_GAP || unit->time >= time;
    for (; unit->index < unit->items; unit->index++) {
        uint64_t at = unit->at;
        quire__block_next_record(&unit->header, unit->payload, &at, &record);
        if (record.time >= time)
            return true;
        unit->at = at;
    }
    return false;
}

/* Times never go back: if what lies behind the obstacle is older, so is what is in the way. Negative: what the process
 * lacks. */
static int look_behind(quire_reader *reader, uint64_t time, bool *is_older)
{
    const struct quire__place *behind = &reader->obstacle.behind;
    struct quire__found found = {0};

    int rc = quire__reader_enter(reader, behind->segment);
    if (rc == 0)
        rc = quire__scan_look(&reader->scan, behind->offset, &found);
    if (rc < 0)
        return quire__is_of_process(rc) ? rc : 0;
    *is_older =
        found.kind == QUIRE__FIND_BLOCK && found.header.type != QUIRE__BLOCK_FOOTER && found.header.first_time < time;
    return 0;
}

int quire_reader_seek_time(quire_reader *reader, uint64_t time)
{
    uint64_t index = 0;

    if (!reader)
        return QUIRE_E_ARGUMENT;
    int rc = begin_seek(reader);
    if (rc == 0)
        rc = quire__catalog_search(&reader->catalog, true, time, &index);
    if (rc < 0)
        return rc;
    /* No segment is known to begin before; one of which the first page is broken may all the same. */
    if (index == reader->catalog.count)
        rc = quire_reader_seek_begin(reader);
    else
        rc = stand_near(reader, index, QUIRE__BY_TIME, time);
    while (rc == 0) {
        rc = quire__reader_advance(reader);
        if (rc < 0 && reader->obstacle.damage.code != 0 && !reader->obstacle.is_final) {
            bool is_older = false;
            rc = look_behind(reader, time, &is_older);
            /* What is in the way may be what is looked for. */
            if (rc < 0 || !is_older)
                return rc;
            rc = quire_reader_skip(reader);
            continue;
        }
        if (rc <= 0 || move_to_time(&reader->unit, time))
            return rc < 0 ? rc : 0;
        rc = 0;
    }
    return rc;
}

int quire_reader_seek_end(quire_reader *reader)
{
    uint64_t last = 0;

    if (!reader)
        return QUIRE_E_ARGUMENT;
    int rc = begin_seek(reader);
    if (rc == 0)
        rc = quire__catalog_last_filled(&reader->catalog, &last);
    if (rc < 0)
        return rc;
    /* Where the first block of every segment is broken, others may lie behind it. */
    rc = last == reader->catalog.count ? quire_reader_seek_begin(reader)
                                       : stand_near(reader, last, QUIRE__BY_SEQUENCE, UINT64_MAX);
    while (rc == 0) {
        rc = quire__reader_advance(reader);
        if (rc < 0 && (reader->obstacle.damage.code == 0 || reader->obstacle.is_final))
            return rc;
        if (rc < 0)
            quire_reader_skip(reader);
        /* What is not durable is behind the end of who reads only the durable. */
        if (rc == 0 || (rc > 0 && reader->unit.visible < reader->unit.items))
            break;
        rc = 0;
    }
    if (rc > 0)
        quire__unit_move(&reader->unit, reader->unit.visible);
    return rc < 0 ? rc : 0;
}

uint64_t quire__reader_count_blocks(quire_reader *reader, const struct quire__place *place)
{
    uint64_t size = 0;
    uint64_t count = 0;
    bool is_broken = false;
    struct quire__found found;

    if (quire__reader_enter(reader, place->segment) < 0 || quire__scan_size(&reader->scan, &size) < 0)
        return QUIRE__BLOCK_UNCOUNTED;
    for (uint64_t at = QUIRE__SEGMENT_BEGIN; at < quire__min(place->offset, size);) {
        if (quire__scan_look(&reader->scan, at, &found) < 0)
            return QUIRE__BLOCK_UNCOUNTED;
        bool is_block = found.kind == QUIRE__FIND_BLOCK;
        /* Damage counts as one. */
        count += is_block || !is_broken;
        is_broken = !is_block;
        at = is_block ? quire__found_end(&found) : at + QUIRE__PAGE;
    }
    return count;
}
