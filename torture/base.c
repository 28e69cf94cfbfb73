/* Opening a copy, and reading it. See base.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/base.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "log/log.h"
#include "reader/reader.h"
#include "torture/disk.h"
#include "torture/schedule.h"

enum { STRETCH = 64 * 1024 };

struct opening {
    struct torture_base *base;
    struct torture_disk *disk;
    struct quire_damage *damage;
    int rc;
};

/* The list with room for one more. NULL leaves everything as it was. */
static void *with_room(void *list, uint64_t count, uint64_t *room, uint64_t bytes)
{
    if (list && count < *room)
        return list;
    uint64_t more = *room ? 2 * *room : 1024;
    void *moved = realloc(list, more * bytes);
    if (moved)
        *room = more;
    return moved;
}

static int note_record(struct torture_base *base, const struct quire_record *record)
{
    void *list = with_room(base->known, base->known_count, &base->known_room, sizeof *base->known);
    bool is_data = record->kind == QUIRE_RECORD_DATA;

    if (!list)
        return -ENOMEM;
    base->known = list;
    base->known[base->known_count++] = (struct torture_known){
        .sequence = record->sequence,
        .length = is_data ? record->length : record->lost,
        .digest = is_data ? quire__crc32c(0, record->data, record->length) : 0,
        .kind = record->kind,
    };
    return 0;
}

static int note_place(struct torture_base *base, const struct quire_record *record)
{
    const struct torture_stretch *last = base->stretch_count ? &base->stretches[base->stretch_count - 1] : NULL;
    bool is_next = !last || last->segment != record->segment;

    if (!is_next && record->offset < last->offset + STRETCH)
        return 0;
    void *list = with_room(base->stretches, base->stretch_count, &base->stretch_room, sizeof *base->stretches);
    if (!list)
        return -ENOMEM;
    base->stretches = list;
    base->stretches[base->stretch_count++] =
        (struct torture_stretch){record->sequence, record->segment, is_next ? 0 : record->offset};
    return 0;
}

static int read_records(struct opening *opening)
{
    struct quire_reader_options options = {.size = sizeof options, .damage = opening->damage};
    struct torture_base *base = opening->base;
    struct quire_record record;
    quire_reader *reader;

    int rc = quire__reader_open_on(torture_disk_io(opening->disk), TORTURE_DIRECTORY, &options, &reader);
    if (rc < 0)
        return rc;
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        rc = note_place(base, &record);
        if (rc == 0)
            rc = note_record(base, &record);
        if (rc < 0)
            break;
    }
    quire_reader_close(reader);
    return rc;
}

/* How far it is known to be durable, if all of it can be read as it lies there; 0 if not. */
static uint64_t durable_before(struct opening *opening)
{
    struct quire_watermarks marks = {0};
    struct quire_record record;
    quire_reader *reader;
    int rc;

    if (quire__reader_open_on(torture_disk_io(opening->disk), TORTURE_DIRECTORY, NULL, &reader) < 0)
        return 0;
    while ((rc = quire_reader_next(reader, &record)) > 0)
        continue;
    if (rc == 0)
        rc = quire_reader_watermarks(reader, &marks);
    quire_reader_close(reader);
    return rc == 0 ? marks.durable : 0;
}

/* A log that was left by a crash is opened as its next writer would. */
static void open_and_read(void *argument)
{
    struct opening *opening = argument;
    struct torture_base *base = opening->base;
    struct quire_recovery recovery = {.size = sizeof recovery};
    struct quire_log_options options = {.size = sizeof options, .damage = opening->damage, .recovery = &recovery};
    uint64_t durable = durable_before(opening);
    quire_log *log;

    opening->rc = quire__log_open_on(torture_disk_io(opening->disk), TORTURE_DIRECTORY, &options, &log);
    if (opening->rc < 0)
        return;
    opening->rc = read_records(opening);
    int rc = quire_log_close(log);
    opening->rc = opening->rc < 0 ? opening->rc : rc;
    base->last = recovery.last_sequence;
    base->first = base->known_count ? base->known[0].sequence : base->last + 1;
    base->torn_bytes = recovery.torn_bytes;
    /* What recovery itself spoils is not to be taken for what was there. */
    if (durable > 0 && (base->last < durable || opening->rc == QUIRE_E_DAMAGED || opening->rc == QUIRE_E_MISSING))
        opening->rc = -ENOTRECOVERABLE;
}

int torture_base_load(const char *directory, struct torture_base *base, struct quire_damage *damage)
{
    struct opening opening = {.base = base, .damage = damage};

    *base = (struct torture_base){.load = {.most = base->load.most}};
    int rc = torture_image_load(directory, &base->load, &base->arena, &base->image);
    if (rc < 0 || base->load.segments == 0)
        return rc;
    opening.disk = torture_disk_new(&base->image, NULL, 1);
    if (!opening.disk)
        return -ENOMEM;
    if (torture_schedule_run(1, open_and_read, &opening) || torture_disk_complaint(opening.disk))
        opening.rc = opening.rc < 0 ? opening.rc : -EDEADLK;
    torture_disk_free(opening.disk);
    return opening.rc;
}

void torture_base_free(struct torture_base *base)
{
    torture_arena_free(&base->arena);
    free(base->known);
    free(base->stretches);
    *base = (struct torture_base){.last = 0};
}

const struct torture_known *torture_base_find(const struct torture_base *base, uint64_t sequence)
{
    uint64_t from = 0, to = base->known_count;

    /* Where there is no gap. */
    uint64_t behind = sequence - base->first;
    if (behind < to && base->known[behind].sequence == sequence)
        from = to = behind + 1;
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        if (base->known[middle].sequence <= sequence)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0)
        return NULL;
    const struct torture_known *known = &base->known[from - 1];
    uint64_t covers = known->kind == QUIRE_RECORD_DATA ? 1 : known->length;
    return sequence - known->sequence < covers ? known : NULL;
}

const char *torture_base_object(const struct torture_base *base, const struct quire_record *record)
{
    const struct torture_known *known = torture_base_find(base, record->sequence);

    if (!known)
        return "was not there";
    if (record->kind != known->kind)
        return record->kind == QUIRE_RECORD_DATA ? "was declared lost, and is there" : "is declared lost";
    if (record->kind != QUIRE_RECORD_DATA)
        return record->lost == known->length ? NULL : "begins a gap of another length";
    if (record->length != known->length)
        return "has another length than it had";
    return quire__crc32c(0, record->data, record->length) == known->digest ? NULL : "has other bytes than it had";
}

uint64_t torture_base_first(const struct torture_base *base)
{
    return base && base->first ? base->first : 1;
}

uint64_t torture_base_last(const struct torture_base *base)
{
    return base ? base->last : 0;
}

/* The segment's file as it is in an image; NULL: it is gone. */
static const struct torture_file *file_of(const struct torture_image *image, uint64_t segment)
{
    char name[TORTURE_NAME_MOST];

    snprintf(name, sizeof name, QUIRE__SEGMENT_NAME, segment);
    uint32_t number = torture_image_find(image, name);
    return number == TORTURE_NO_FILE ? NULL : &image->files[number];
}

static const unsigned char *page_of(const struct torture_file *file, uint64_t i)
{
    return i < file->pages ? file->page[i] : NULL;
}

static bool are_same(const struct torture_file *a, const struct torture_file *b, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        if (page_of(a, i) != page_of(b, i))
            return false;
    return true;
}

/* Of a stretch that is the last of its segment: as far as anything was written. What came behind that is not the
 * base's. */
static bool is_unchanged(const struct torture_base *base, const struct torture_image *image, uint64_t i)
{
    const struct torture_stretch *stretch = &base->stretches[i];
    const struct torture_file *was = file_of(&base->image, stretch->segment);
    const struct torture_file *is = file_of(image, stretch->segment);
    bool is_last = i + 1 == base->stretch_count || base->stretches[i + 1].segment != stretch->segment;

    if (!was || !is)
        return false;
    return are_same(was, is, stretch->offset / TORTURE_PAGE,
                    is_last ? was->pages : base->stretches[i + 1].offset / TORTURE_PAGE);
}

uint64_t torture_base_unchanged(const struct torture_base *base, const struct torture_image *image, bool may_trim)
{
    uint64_t i = 0;

    while (may_trim && i < base->stretch_count && !file_of(image, base->stretches[i].segment))
        i++;
    uint64_t begun = i;
    while (i < base->stretch_count && is_unchanged(base, image, i))
        i++;
    if (i == begun)
        return base->first;
    /* The one record in front of it is read again: what follows on it is to be seen. */
    return i < base->stretch_count ? base->stretches[i].first_sequence - 1 : base->last;
}
