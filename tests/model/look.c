/* Reading all of it, both ways, and along. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <time.h>

#include "model/world.h"
#include "reader/reader.h"

quire_reader *open_reader(struct world *world, bool durable)
{
    struct quire_reader_options o = {.size = sizeof o, .flags = durable ? QUIRE_READ_DURABLE : 0};
    quire_reader *reader = NULL;

    if (!world->exists || world->crashed)
        return NULL;
    int rc = quire__reader_open_on(world->io, world->directory, &o, &reader);
    if (rc < 0)
        object(world, "opening a reader: %s", quire_strerror(rc));
    return rc < 0 ? NULL : reader;
}

bool may_be_trimmed(const struct world *world, int rc)
{
    return rc == QUIRE_E_TRIMMED && world->log && (world->options.keep_segments > 0 || world->trimmed);
}

/* The record where one is expected, as the list has it. *next: the sequence behind it. */
static bool see(struct world *world, const struct quire_record *record, const char *how, uint64_t *next)
{
    look_at_marks(world); /* the log's threads hand over what lanes hold */
    const char *why = list_see(world->list, record, next);

    return why ? object(world, "%s: sequence %" PRIu64 ": %s", how, record->sequence, why) : true;
}

/* Where the log begins. */
static bool see_first(struct world *world, const quire_reader *reader, uint64_t first)
{
    struct list *list = world->list;

    look_at_marks(world); /* retention may have gone on */
    if (first <= list->first_most && reader == world->follower)
        return true; /* it may have in its hands what is gone */
    if (first > list->first_most)
        return object(world, "the log begins with %" PRIu64 ", and %" PRIu64 " is to be there", first,
                      list->first_most);
    if (first < list->first_seen)
        return object(world, "the log begins with %" PRIu64 ", and began with %" PRIu64 " before", first,
                      list->first_seen);
    list->first_seen = first;
    return true;
}

/* Up to the end: *next is the sequence expected, 0: whichever comes first; and then the one behind the last. */
static int read_on(struct world *world, quire_reader *reader, const char *how, uint64_t *next)
{
    struct quire_record record;
    uint64_t time = 0;
    int rc;

    while (WELL(world) && (rc = quire_reader_next(reader, &record)) > 0) {
        if (*next == 0 && !see_first(world, reader, record.sequence))
            return 0;
        if (*next != 0 && record.sequence != *next)
            object(world, "%s: sequence %" PRIu64 " follows on %" PRIu64, how, record.sequence, *next - 1);
        else if (record.time < time)
            object(world, "%s: the time of sequence %" PRIu64 " goes back", how, record.sequence);
        else
            see(world, &record, how, next);
        time = record.time;
    }
    return WELL(world) ? rc : 0;
}

enum { PATIENCE = 5 };

/* A reader hears of what was written a moment later than the log counts it. */
static int read_up_to(struct world *world, quire_reader *reader, uint64_t written, const char *how, uint64_t *next)
{
    int rc = read_on(world, reader, how, next);

    for (int i = 0; i < PATIENCE && rc == 0 && WELL(world) && *next <= written; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        rc = read_on(world, reader, how, next);
    }
    return rc;
}

/* The end of a log that is closed is known; of one that is open, that what was written can be read. */
static void judge_end(struct world *world, uint64_t next, uint64_t written, bool durable)
{
    uint64_t end = next ? next - 1 : 0;
    struct list *list = world->list;

    if (durable) {
        look_at_marks(world);
        /* A log that was opened without care may know of less than a reader was told before. */
        if (world->log && end > most(world->marks.durable, list->durable))
            object(world, "a reader of what is durable read up to %" PRIu64 ", of %" PRIu64, end, world->marks.durable);
        list->durable = most(list->durable, end); /* somebody was told */
    } else if (end < written) {
        object(world, "read: %" PRIu64 " is the last that can be read, and %" PRIu64 " were written", end, written);
    }
}

void do_read(struct world *world, bool durable)
{
    uint64_t written = world->log ? world->marks.written : world->list->count;
    quire_reader *reader = open_reader(world, durable);
    uint64_t next = 0;

    if (!reader)
        return;
    int rc = read_up_to(world, reader, durable ? 0 : written, "read", &next);
    if (rc < 0 && !may_be_trimmed(world, rc))
        object(world, "read behind %" PRIu64 ": %s", next ? next - 1 : 0, quire_strerror(rc));
    if (rc == 0 && WELL(world))
        judge_end(world, next, written, durable);
    quire_reader_close(reader);
}

void do_backwards(struct world *world)
{
    uint64_t written = world->log ? world->marks.written : world->list->count;
    quire_reader *reader = open_reader(world, false);
    struct quire_record record;
    uint64_t before = 0, behind = 0;

    if (!reader)
        return;
    int rc = quire_reader_seek_end(reader);
    if (rc < 0 && !may_be_trimmed(world, rc))
        object(world, "seek to the end: %s", quire_strerror(rc));
    while (rc >= 0 && WELL(world) && (rc = quire_reader_previous(reader, &record)) > 0) {
        if (!see(world, &record, "backwards", &behind))
            break;
        if (before != 0 && behind != before)
            object(world, "backwards: sequence %" PRIu64 " comes before %" PRIu64, record.sequence, before);
        if (before == 0 && behind <= written)
            object(world, "backwards: the last is %" PRIu64 ", and %" PRIu64 " were written", behind - 1, written);
        before = record.sequence;
    }
    if (rc < 0 && !may_be_trimmed(world, rc))
        object(world, "backwards before %" PRIu64 ": %s", before, quire_strerror(rc));
    if (rc == 0 && before != 0 && WELL(world))
        see_first(world, reader, before);
    quire_reader_close(reader);
}

void stop_following(struct world *world)
{
    if (world->follower)
        quire_reader_close(world->follower);
    world->follower = NULL;
    world->follower_next = 0;
}

/* Trim and retention overtake who is slow: then it goes on where the log begins. */
static bool was_overtaken(const struct world *world, int rc)
{
    return rc == QUIRE_E_TRIMMED && (world->follower_next <= world->list->first_most || world->log);
}

void do_follow(struct world *world, bool durable)
{
    uint64_t written = world->log ? world->marks.written : world->list->count;
    int rc = 0;

    if (!world->follower) {
        world->follower = open_reader(world, durable);
        world->follower_durable = durable;
    }
    if (!world->follower || world->crashed)
        return;
    for (int i = 0; i < 16; i++) {
        rc = read_up_to(world, world->follower, world->follower_durable ? 0 : written, "follow", &world->follower_next);
        if (!was_overtaken(world, rc))
            break;
        rc = quire_reader_seek_begin(world->follower);
        world->follower_next = 0;
    }
    if (rc < 0)
        object(world, "following behind %" PRIu64 ": %s", world->follower_next, quire_strerror(rc));
    else if (WELL(world))
        judge_end(world, world->follower_next, written, world->follower_durable);
}

/* A consumer that stores where it is, and comes back. */
void do_resume(struct world *world)
{
    struct quire_cursor cursor;

    if (!world->follower || world->crashed)
        return;
    int rc = quire_reader_tell(world->follower, &cursor);
    if (rc < 0)
        object(world, "tell: %s", quire_strerror(rc));
    quire_reader_close(world->follower);
    world->follower = open_reader(world, world->follower_durable);
    if (!world->follower)
        return;
    rc = quire_reader_resume(world->follower, &cursor);
    if (was_overtaken(world, rc)) {
        world->follower_next = 0;
        rc = quire_reader_seek_begin(world->follower);
    }
    if (rc < 0)
        object(world, "resume before %" PRIu64 ": %s", world->follower_next, quire_strerror(rc));
    do_follow(world, world->follower_durable);
}
