/* A unit: the records of one block, or one gap. See reader.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "reader/reader.h"

static void load_gap(struct quire__unit *unit, const struct quire__found *found)
{
    struct quire__disk_gap gap;

    memcpy(&gap, found->payload, sizeof gap);
    unit->kind = QUIRE__UNIT_GAP;
    unit->items = 1;
    unit->lost = unit->end.sequence - unit->begin.sequence;
    unit->time = found->header.first_time;
    unit->reason = gap.reason >= QUIRE_GAP_DROPPED && gap.reason <= QUIRE_GAP_DAMAGE ? gap.reason : QUIRE_GAP_DAMAGE;
}

void quire__unit_load(quire_reader *reader, const struct quire__found *found, const struct quire__place *place,
                      uint64_t end)
{
    struct quire__unit *unit = &reader->unit;
    const struct quire__disk_block *header = &found->header;

    unit->header = *header;
    unit->payload = found->payload;
    unit->at = 0;
    unit->index = 0;
    unit->indexed = false;
    unit->begin = *place;
    unit->begin.sequence = header->first_sequence;
    unit->end = unit->begin;
    unit->end.offset = quire__found_end(found);
    unit->end.previous_pages = header->pages;
    unit->end.sequence = quire__min(quire__block_next(header), end);
    if (place->block != QUIRE__BLOCK_UNCOUNTED)
        unit->end.block++;
    if (header->type == QUIRE__BLOCK_GAP) {
        load_gap(unit, found);
    } else {
        unit->kind = QUIRE__UNIT_DATA;
        unit->items = unit->end.sequence - header->first_sequence;
    }
    quire__unit_show(reader);
}

void quire__unit_show(quire_reader *reader)
{
    struct quire__unit *unit = &reader->unit;
    uint64_t first = unit->begin.sequence;

    unit->visible = unit->items;
    if (!(reader->flags & QUIRE_READ_DURABLE) || unit->end.sequence <= reader->durable + 1)
        return;
    if (unit->kind == QUIRE__UNIT_GAP || reader->durable < first)
        unit->visible = 0;
    else
        unit->visible = reader->durable - first + 1;
}

void quire__unit_move(struct quire__unit *unit, uint64_t index)
{
    struct quire__block_record unused;

    if (index < unit->index) {
        unit->index = 0;
        unit->at = 0;
    }
    if (unit->kind == QUIRE__UNIT_GAP)
        unit->index = index;
    for (; unit->index < index; unit->index++)
        quire__block_next_record(&unit->header, unit->payload, &unit->at, &unused);
}

int quire__unit_index(quire_reader *reader)
{
    struct quire__unit *unit = &reader->unit;
    struct quire__block_record unused;
    uint64_t at = 0;

    if (unit->indexed)
        return 0;
    if (unit->items > reader->places_room) {
        uint32_t *places = realloc(reader->places, unit->items * sizeof *places);
        if (!places)
            return -ENOMEM;
        reader->places = places;
        reader->places_room = unit->items;
    }
    for (uint64_t i = 0; i < unit->items; i++) {
        reader->places[i] = (uint32_t)at; /* below block_most, which is below 4 GiB */
        quire__block_next_record(&unit->header, unit->payload, &at, &unused);
    }
    unit->indexed = true;
    return 0;
}

void quire__reader_stand(quire_reader *reader, const struct quire__place *place)
{
    struct quire__place copy = *place;

    reader->unit = (struct quire__unit){.begin = copy, .end = copy};
    reader->obstacle = (struct quire__obstacle){0};
}

void quire__reader_stand_before(quire_reader *reader, uint64_t index)
{
    struct quire__place place = {.offset = QUIRE__SEGMENT_BEGIN};

    if (index < reader->catalog.count) {
        const struct quire__entry *entry = &reader->catalog.entries[index];
        place.segment = entry->number;
        if (entry->state == QUIRE__ENTRY_FILLED)
            place.sequence = entry->first_sequence;
        else if (entry->number == 1)
            place.sequence = 1; /* a log begins with it */
    }
    quire__reader_stand(reader, &place);
}

static void make_gap(quire_reader *reader, const struct quire_damage *damage, const struct quire__place *begin,
                     const struct quire__place *end, bool forwards)
{
    struct quire__unit unit = {
        .kind = QUIRE__UNIT_GAP, .items = 1, .index = forwards ? 0 : 1, .begin = *begin, .end = *end};

    unit.reason = QUIRE_GAP_DAMAGE;
    if (damage->first_sequence != 0)
        unit.lost = damage->last_sequence - damage->first_sequence + 1;
    unit.time = reader->unit.time;
    reader->unit = unit;
    quire__unit_show(reader);
}

int quire__reader_meet(quire_reader *reader, const struct quire_damage *damage, const struct quire__place *begin,
                       const struct quire__place *end, bool forwards)
{
    if (reader->damage)
        *reader->damage = *damage;
    if (reader->flags & QUIRE_READ_GAPS) {
        make_gap(reader, damage, begin, end, forwards);
        return 1;
    }
    reader->obstacle = (struct quire__obstacle){.damage = *damage, .behind = forwards ? *end : *begin};
    return damage->code;
}

int quire__reader_trimmed(quire_reader *reader, uint64_t segment, uint64_t offset)
{
    reader->obstacle = (struct quire__obstacle){
        .damage = {.code = QUIRE_E_TRIMMED, .segment = segment, .block = UINT64_MAX, .offset = offset},
        .is_final = true,
    };
    if (reader->damage)
        *reader->damage = reader->obstacle.damage;
    return QUIRE_E_TRIMMED;
}
