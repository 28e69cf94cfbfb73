/* Standing before a sequence, or a time. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "model/world.h"

/* The record that comes next has sequence `sequence` in it. */
static void expect(struct world *world, quire_reader *reader, uint64_t sequence)
{
    struct quire_record record;
    uint64_t next = 0;
    int rc = quire_reader_next(reader, &record);

    if (rc <= 0) {
        object(world, "seek to %" PRIu64 ": nothing is there: %s", sequence, quire_strerror(rc));
        return;
    }
    const char *why = list_see(world->list, &record, &next);
    if (why)
        object(world, "seek to %" PRIu64 ": %s", sequence, why);
    else if (record.sequence > sequence || next <= sequence)
        object(world, "seek to %" PRIu64 ": the next is %" PRIu64, sequence, record.sequence);
}

/* The log begins at or before the last of these, and may begin at the first of them. */
static void judge_refusal(struct world *world, uint64_t sequence, int rc)
{
    const struct list *list = world->list;

    if (rc != QUIRE_E_TRIMMED || (sequence >= list->first_most && !may_be_trimmed(world, rc)))
        object(world, "seek to %" PRIu64 " (the log begins by %" PRIu64 "): %s", sequence, list->first_most,
               quire_strerror(rc));
}

void do_seek(struct world *world, uint64_t back)
{
    uint64_t written = world->log ? world->marks.written : world->list->count;
    uint64_t sequence = back < written ? written - back : 1;
    quire_reader *reader = written > 0 ? open_reader(world, false) : NULL;

    if (!reader)
        return;
    int rc = quire_reader_seek_sequence(reader, sequence);
    if (rc < 0)
        judge_refusal(world, sequence, rc);
    else
        expect(world, reader, sequence);
    rc = WELL(world) ? quire_reader_seek_sequence(reader, list_most(world->list) + 2) : QUIRE_E_RANGE;
    if (rc != QUIRE_E_RANGE)
        object(world, "a seek to what was not appended did not say so: %s", quire_strerror(rc));
    quire_reader_close(reader);
}

/* A record whose time is known, from so many back on. 0: there is none. */
static uint64_t find_timed(const struct world *world, uint64_t back)
{
    const struct list *list = world->list;
    uint64_t sequence = back < list->count ? list->count - back : 0;

    while (sequence > list->first_most && list->entries[sequence].time == 0)
        sequence--;
    return sequence > list->first_most ? sequence : 0;
}

/* The first record that is not older. */
static void judge_place(struct world *world, uint64_t time, uint64_t sequence, const struct quire_record *record)
{
    const struct entry *before = &world->list->entries[record->sequence - 1];

    if (record->sequence > sequence)
        object(world, "seek to the time of %" PRIu64 ": the next is %" PRIu64, sequence, record->sequence);
    else if (record->time < time)
        object(world, "seek to the time of %" PRIu64 ": %" PRIu64 " is older", sequence, record->sequence);
    else if (record->sequence > world->list->first_most && before->kind == ENTRY_DATA && before->time >= time)
        object(world, "seek to the time of %" PRIu64 ": %" PRIu64 " is no older", sequence, record->sequence - 1);
}

void do_seek_time(struct world *world, uint64_t back)
{
    uint64_t sequence = find_timed(world, back);
    quire_reader *reader = sequence > 0 ? open_reader(world, false) : NULL;
    struct quire_record record;

    if (!reader)
        return;
    uint64_t time = world->list->entries[sequence].time;
    int rc = quire_reader_seek_time(reader, time);
    if (rc == 0)
        rc = quire_reader_next(reader, &record);
    if (rc > 0)
        judge_place(world, time, sequence, &record);
    else if (!may_be_trimmed(world, rc))
        object(world, "seek to the time of %" PRIu64 ": %s", sequence, rc ? quire_strerror(rc) : "the end");
    quire_reader_close(reader);
}
