/* The plain list. See list.h.
 *
 * SPDX-License-Identifier: MIT */
#include "model/list.h"

#include <string.h>

#include "torture/random.h"

void list_fill(uint64_t id, uint64_t length, unsigned char *to)
{
    uint64_t word = id;

    for (uint64_t i = 0; i < length; i += 8) {
        memcpy(to + i, &word, length - i < 8 ? length - i : 8);
        word = id % 2 ? torture_mix(word + i) : id;
    }
}

bool list_is(uint64_t id, uint64_t length, const void *data, uint64_t data_length)
{
    static unsigned char should[LIST_RECORD_MOST];

    if (data_length != length)
        return false;
    list_fill(id, length, should);
    return length == 0 || memcmp(data, should, length) == 0;
}

uint64_t list_name(struct list *list)
{
    return ++list->ids;
}

const char *list_extend(struct list *list, uint64_t appended)
{
    while (list->count < appended) {
        struct entry entry = {.kind = ENTRY_LANE};
        if (list->count + 1 == LIST_MOST)
            return "more records than the list has room for";
        if (list->undeclared > 0) {
            entry = (struct entry){.kind = ENTRY_LOST, .reason = QUIRE_GAP_DROPPED};
            list->undeclared--;
        } else if (list->unplaced > 0) {
            list->unplaced--;
        } else {
            return "sequences were given that nobody asked for";
        }
        list->entries[++list->count] = entry;
    }
    return NULL;
}

const char *list_add(struct list *list, uint64_t sequence, struct entry entry)
{
    if (sequence <= list->count)
        return "a sequence was given twice";
    const char *why = list_extend(list, sequence - 1);
    if (why)
        return why;
    if (list->count + 1 == LIST_MOST)
        return "more records than the list has room for";
    list->entries[++list->count] = entry;
    return NULL;
}

void list_cut(struct list *list, uint64_t last)
{
    list->count = last;
    list->entries[last].joined = false;
    list->undeclared = list->unplaced = 0;
    list->lane_record_count = list->lane_record_count < LIST_MOST / 2 ? list->lane_record_count : 0;
    list->durable = list->durable < last ? list->durable : last;
    list->written = list->written < last ? list->written : last;
}

void list_void_claims(struct list *list)
{
    for (uint64_t i = 1; i <= list->count; i++)
        if (list->entries[i].kind == ENTRY_CLAIMED)
            list->entries[i] = (struct entry){.kind = ENTRY_LOST, .reason = QUIRE_GAP_CLAIM};
}

static struct lane_record *find_lane_record(struct list *list, const void *data, uint64_t length)
{
    for (uint64_t i = 0; i < list->lane_record_count; i++) {
        struct lane_record *record = &list->lane_records[i];
        if (!record->seen && list_is(record->id, record->length, data, length))
            return record;
    }
    return NULL;
}

/* A record of a lane, read for the first time: now it is known. Whether the lane's order was kept its id says. */
static const char *recognise(struct list *list, const struct quire_record *record)
{
    struct entry *entry = &list->entries[record->sequence];
    struct lane_record *found = find_lane_record(list, record->data, record->length);

    if (!found)
        return "a record is there that no lane was given, or is there twice";
    if (entry->id && entry->id != found->id)
        return "a lane said that another record of it has this sequence";
    found->seen = true;
    entry->kind = ENTRY_DATA;
    entry->id = found->id;
    entry->length = found->length;
    /* Ids of one lane grow, the lane's number being in the upper half. */
    for (uint64_t i = record->sequence - 1; i > 0; i--)
        if (list->entries[i].kind == ENTRY_DATA && list->entries[i].id >> 32 == found->id >> 32)
            return list->entries[i].id < found->id ? NULL : "the order of a lane was not kept";
    return NULL;
}

static const char *see_gap(const struct list *list, const struct quire_record *record, uint64_t *next)
{
    if (record->lost == 0 || record->sequence + record->lost - 1 > list->count)
        return "a gap of records that were never appended";
    for (uint64_t i = record->sequence; i < record->sequence + record->lost; i++) {
        const struct entry *entry = &list->entries[i];
        if (entry->kind != ENTRY_LOST)
            return "a record is declared lost that was appended";
        if (entry->reason != record->reason)
            return "a record is declared lost for another reason";
    }
    *next = record->sequence + record->lost;
    return NULL;
}

static const char *see_data(struct list *list, const struct quire_record *record, uint64_t *next)
{
    struct entry *entry = &list->entries[record->sequence];

    if (entry->kind == ENTRY_LOST)
        return "a record is there that was dropped, or declared lost";
    if (entry->kind == ENTRY_CLAIMED)
        return "a record is there that was claimed and not published";
    const char *why = entry->kind == ENTRY_LANE ? recognise(list, record) : NULL;
    if (why)
        return why;
    if (!list_is(entry->id, entry->length, record->data, record->length))
        return "a record has other bytes than were appended";
    if (entry->time != 0 && entry->time != record->time)
        return "a record has another time than before";
    entry->time = record->time;
    *next = record->sequence + 1;
    return NULL;
}

const char *list_see(struct list *list, const struct quire_record *record, uint64_t *next)
{
    if (record->sequence == 0 || record->sequence > list->count)
        return "a record is there that was never appended";
    return record->kind == QUIRE_RECORD_GAP ? see_gap(list, record, next) : see_data(list, record, next);
}
