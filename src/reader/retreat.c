/* The unit in front of the present one. See reader.h.
 *
 * A block says how long the one before it is, so that in a whole segment each is found at once.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/judge.h"

#include <errno.h>

#define AGAIN 2

/* A whole block that ends in front of the place, or has records there that do not count any more. */
static int take(quire_reader *reader, const struct quire__found *found, struct quire__place *place)
{
    struct quire__place begin = {
        .segment = place->segment,
        .offset = found->offset,
        .sequence = found->header.first_sequence,
        .previous_pages = found->header.previous_pages,
        .block = found->offset == QUIRE__SEGMENT_BEGIN || place->block == QUIRE__BLOCK_UNCOUNTED || place->block == 0
                     ? QUIRE__BLOCK_UNCOUNTED
                     : place->block - 1,
    };

    if (found->offset == QUIRE__SEGMENT_BEGIN)
        begin.block = 0;
    quire__reader_note(reader, &found->header);
    if (found->header.type == QUIRE__BLOCK_FOOTER) {
        *place = begin;
        return AGAIN;
    }
    quire__unit_load(reader, found, &begin, place->sequence);
    quire__unit_move(&reader->unit, reader->unit.visible);
    return 1;
}

/* Damage between the end of the block found, or the place begin, and the place. */
static int meet(quire_reader *reader, struct quire__place *begin, const struct quire__place *place)
{
    struct quire_damage damage = {.code = QUIRE_E_DAMAGED, .segment = begin->segment, .offset = begin->offset};

    if (begin->sequence != 0 && begin->sequence < place->sequence) {
        damage.first_sequence = begin->sequence;
        damage.last_sequence = place->sequence - 1;
    }
    /* Damage counts as one block. */
    if (begin->segment == place->segment && place->block != QUIRE__BLOCK_UNCOUNTED && place->block > 0)
        begin->block = place->block - 1;
    else
        begin->block = quire__reader_count_blocks(reader, begin);
    damage.block = begin->block;
    struct quire__place end = *place;
    return quire__reader_meet(reader, &damage, begin, &end, false);
}

/* Behind a block that was found. */
static struct quire__place behind(const quire_reader *reader, const struct quire__found *found, uint64_t sequence)
{
    return (struct quire__place){
        .segment = reader->scan.number,
        .offset = quire__found_end(found),
        .sequence = quire__min(quire__block_next(&found->header), sequence),
        .previous_pages = found->header.pages,
        .block = QUIRE__BLOCK_UNCOUNTED,
    };
}

/* The chain says where the block in front is. */
static int follow_chain(quire_reader *reader, struct quire__place *place)
{
    uint64_t bytes = place->previous_pages * QUIRE__PAGE;
    struct quire__found found;

    if (bytes == 0 || bytes > place->offset - QUIRE__SEGMENT_BEGIN)
        return 0;
    int rc = quire__scan_read(&reader->scan, place->offset - bytes, &found);
    if (rc < 0)
        return rc;
    if (found.kind != QUIRE__FIND_BLOCK || found.header.pages != place->previous_pages ||
        quire__block_next(&found.header) < place->sequence || found.header.first_sequence > place->sequence)
        return 0;
    return take(reader, &found, place);
}

/* Searches page by page, where the chain is broken or not known. */
static int search_back(quire_reader *reader, struct quire__place *place)
{
    struct quire__found found;
    bool is_found = false;

    int rc = quire__scan_back(&reader->scan, place->offset, place->sequence, &is_found, &found);
    if (rc < 0)
        return rc;
    if (!is_found) {
        /* Nothing whole in front of it: what is lost begins where the segment before ends. */
        place->offset = QUIRE__SEGMENT_BEGIN;
        place->previous_pages = 0;
        place->block = 0;
        place->is_cut_off = true;
        return AGAIN;
    }
    struct quire__place begin = behind(reader, &found, place->sequence);
    if (begin.sequence < place->sequence)
        return meet(reader, &begin, place);
    *place = begin;
    return AGAIN;
}

/* The end of what counts in the segment that is entry index. A place with the sequence 0: it holds nothing below. */
static int find_end(quire_reader *reader, uint64_t index, uint64_t sequence, struct quire__place *end)
{
    struct quire__found found;
    bool is_found = false;

    int rc = quire__reader_enter(reader, reader->catalog.entries[index].number);
    if (rc == 0)
        rc = quire__scan_locate(&reader->scan, QUIRE__BY_SEQUENCE, sequence - 1, &is_found, &found);
    /* The chain is broken somewhere: from the other end, then. */
    if (rc == 0 && (!is_found || quire__block_next(&found.header) < sequence)) {
        struct quire__found last;
        bool has_last;
        rc = quire__scan_back(&reader->scan, QUIRE__FILE_MAX, sequence, &has_last, &last);
        if (rc == 0 && has_last && (!is_found || last.offset > found.offset)) {
            found = last;
            is_found = true;
        }
    }
    if (rc == -ENOENT)
        return 0;
    if (rc == 0)
        *end = is_found ? behind(reader, &found, sequence) : (struct quire__place){0};
    return rc;
}

/* The nearest segment in front that holds something below the sequence; one that seems empty only if all are asked for.
 * *end is where that ends; its sequence is 0 if there is none, and its segment then one that cannot be read, if any. */
static int find_before(quire_reader *reader, const struct quire__place *place, bool all, struct quire__place *end)
{
    struct quire__catalog *catalog = &reader->catalog;
    uint64_t unreadable = place->segment;
    int rc = 0;

    *end = (struct quire__place){0};
    for (uint64_t index = quire__catalog_find(catalog, place->segment); rc == 0 && end->sequence == 0 && index-- > 0;) {
        rc = quire__catalog_load(catalog, index);
        const struct quire__entry *entry = &catalog->entries[index];
        if (rc == 0 && entry->state == QUIRE__ENTRY_BAD)
            unreadable = entry->number;
        bool is_wanted = entry->state == QUIRE__ENTRY_FILLED ? entry->first_sequence < place->sequence
                                                             : entry->state == QUIRE__ENTRY_BROKEN || all;
        if (rc == 0 && entry->state != QUIRE__ENTRY_BAD && is_wanted)
            rc = find_end(reader, index, place->sequence, end);
        /* What the device will not give may be what is looked for. */
        if (rc == 0 && end->sequence == 0 && reader->scan.number == entry->number &&
            reader->scan.window.unreadable != UINT64_MAX)
            unreadable = entry->number;
    }
    if (end->sequence == 0)
        *end = (struct quire__place){.segment = unreadable, .offset = QUIRE__SEGMENT_BEGIN};
    return rc;
}

/* In front of the first block of a segment. */
static int leave_segment(quire_reader *reader, struct quire__place *place)
{
    struct quire__place end;

    int rc = find_before(reader, place, false, &end);
    if (rc == 0 && end.sequence < place->sequence)
        rc = find_before(reader, place, true, &end);
    if (rc < 0)
        return rc;
    if (end.sequence == 0 && end.segment == place->segment && !place->is_cut_off)
        return 0;
    if (end.sequence < place->sequence)
        return meet(reader, &end, place);
    *place = end;
    return AGAIN;
}

static int step(quire_reader *reader, struct quire__place *place)
{
    if (place->sequence <= 1)
        return 0;
    if (place->offset > QUIRE__SEGMENT_BEGIN) {
        int rc = quire__reader_enter(reader, place->segment);
        if (rc == -ENOENT)
            return quire__reader_trimmed(reader, place->segment, place->offset);
        if (rc == 0)
            rc = follow_chain(reader, place);
        return rc == 0 ? search_back(reader, place) : rc;
    }
    return leave_segment(reader, place);
}

int quire__reader_retreat(quire_reader *reader)
{
    struct quire__place place = reader->unit.begin;
    uint64_t time = reader->unit.time;

    if (reader->obstacle.damage.code != 0)
        return reader->obstacle.damage.code;
    quire__reader_stand(reader, &place);
    reader->unit.time = time;
    for (;;) {
        struct quire__place before = place;
        int rc = step(reader, &place);
        if (rc == AGAIN)
            continue;
        if (rc == 0)
            quire__reader_stand(reader, &before);
        return rc;
    }
}
