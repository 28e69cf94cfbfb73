/* Giving records: the face of a reader.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/reader.h"

static void fill_data(const struct quire__unit *unit, uint64_t index, const struct quire__block_record *found,
                      struct quire_record *record)
{
    record->data = found->data;
    record->length = found->length;
    record->sequence = unit->header.first_sequence + index;
    record->time = found->time;
    record->kind = QUIRE_RECORD_DATA;
    record->reason = QUIRE_GAP_NONE;
    record->lost = 0;
    record->segment = unit->begin.segment;
    record->offset = unit->begin.offset;
    if (QUIRE__UNLIKELY(found->is_void)) {
        record->data = NULL;
        record->length = 0;
        record->kind = QUIRE_RECORD_GAP;
        record->reason = QUIRE_GAP_CLAIM;
        record->lost = 1;
    }
}

/* What of it was given already, before the reader went on here, is not lost. */
static void fill_gap(const quire_reader *reader, struct quire_record *record)
{
    const struct quire__unit *unit = &reader->unit;
    uint64_t first = unit->end.sequence - unit->lost;
    uint64_t from = quire__max(first, quire__min(reader->from, unit->end.sequence));

    *record = (struct quire_record){
        .sequence = from,
        .time = unit->time,
        .kind = QUIRE_RECORD_GAP,
        .reason = unit->reason,
        .lost = unit->end.sequence - from,
        .segment = unit->begin.segment,
        .offset = unit->begin.offset,
    };
}

static inline void give_next(quire_reader *reader, struct quire_record *record)
{
    struct quire__unit *unit = &reader->unit;
    struct quire__block_record found;

    quire__block_next_record(&unit->header, unit->payload, &unit->at, &found);
    fill_data(unit, unit->index++, &found, record);
}

int quire__reader_find_next(quire_reader *reader)
{
    struct quire__unit *unit = &reader->unit;

    while (unit->index >= unit->visible) {
        int rc;
        if (unit->index < unit->items) {
            /* What is not known to be durable waits. */
            rc = quire__reader_learn_durable(reader);
            quire__unit_show(reader);
            if (rc < 0 || unit->index >= unit->visible)
                return rc;
        } else {
            rc = quire__reader_advance(reader);
            if (rc <= 0)
                return rc;
        }
    }
    return 1;
}

int quire_reader_next(quire_reader *reader, struct quire_record *record)
{
    if (QUIRE__UNLIKELY(!reader || !record))
        return QUIRE_E_ARGUMENT;
    if (QUIRE__UNLIKELY(reader->unit.index >= reader->unit.visible)) {
        int rc = quire__reader_find_next(reader);
        if (rc <= 0)
            return rc;
    }
    if (QUIRE__LIKELY(reader->unit.kind == QUIRE__UNIT_DATA)) {
        give_next(reader, record);
    } else {
        fill_gap(reader, record);
        reader->unit.index++;
    }
    return 1;
}

static int give_previous(quire_reader *reader, struct quire_record *record)
{
    struct quire__unit *unit = &reader->unit;
    struct quire__block_record found;

    if (unit->kind == QUIRE__UNIT_GAP) {
        unit->index--;
        fill_gap(reader, record);
        return 1;
    }
    int rc = quire__unit_index(reader);
    if (rc < 0)
        return rc;
    unit->at = reader->places[--unit->index];
    uint64_t at = unit->at;
    quire__block_next_record(&unit->header, unit->payload, &at, &found);
    fill_data(unit, unit->index, &found, record);
    return 1;
}

int quire_reader_previous(quire_reader *reader, struct quire_record *record)
{
    if (!reader || !record)
        return QUIRE_E_ARGUMENT;
    reader->from = 0;
    while (reader->unit.index == 0) {
        int rc = quire__reader_retreat(reader);
        if (rc <= 0)
            return rc;
    }
    return give_previous(reader, record);
}

int quire_reader_skip(quire_reader *reader)
{
    if (!reader)
        return QUIRE_E_ARGUMENT;
    if (reader->obstacle.damage.code == 0)
        return 0;
    if (reader->obstacle.is_final)
        return reader->obstacle.damage.code;
    struct quire__place behind = reader->obstacle.behind;
    quire__reader_stand(reader, &behind);
    return 0;
}
