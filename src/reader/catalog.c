/* Listing and looking at segments. See catalog.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/catalog.h"

#include <errno.h>
#include <stdlib.h>

#include <quire/error.h>

#include "io/retry.h"

/* A bad segment is looked at so often, then after 1, 2, 4, ... further loads, up to two to the power of the second. */
enum { LOOKS_EACH = 8, PAUSE_MOST = 12 };

int quire__catalog_open_segment(struct quire__catalog *catalog, uint64_t index, int *file,
                                struct quire__segment_header *header)
{
    uint64_t bytes;

    return quire__segment_open(catalog->io, catalog->directory, catalog->entries[index].number, catalog->log_id, file,
                               header, &bytes);
}

static int look(struct quire__catalog *catalog, const unsigned char *log_id, struct quire__entry *entry)
{
    struct quire__disk_block block;
    enum quire__block_look seen;
    uint64_t bytes;
    int file;

    int rc = quire__segment_open(catalog->io, catalog->directory, entry->number, log_id, &file, &entry->header, &bytes);
    if (rc < 0)
        return rc;
    rc = quire__segment_look(catalog->io, file, &entry->header.identity, QUIRE__SEGMENT_BEGIN, &seen, &block);
    catalog->io->ops->close(catalog->io, file); /* opened for reading: nothing to lose */
    if (rc == -EIO)
        seen = QUIRE__LOOK_UNKNOWN;
    else if (rc < 0)
        return rc;
    entry->state = seen == QUIRE__LOOK_HEADER    ? QUIRE__ENTRY_FILLED
                   : seen == QUIRE__LOOK_UNKNOWN ? QUIRE__ENTRY_BROKEN
                                                 : QUIRE__ENTRY_EMPTY;
    if (seen == QUIRE__LOOK_HEADER) {
        entry->first_sequence = block.first_sequence;
        entry->first_time = block.first_time;
        entry->durable = block.durable < block.first_sequence ? block.durable : 0;
    }
    return 0;
}

/* Each of a row of segments that cannot be opened is loaded whenever one of the others is told of. Were it looked at
 * each time, a row would cost the square of its length. Who tells of one that rested looks at it first. */
static bool rests(struct quire__entry *entry)
{
    if (entry->state != QUIRE__ENTRY_BAD || entry->pause == 0)
        return false;
    entry->pause--;
    entry->is_old = true;
    return true;
}

static void note_look(struct quire__entry *entry)
{
    entry->is_old = false;
    entry->looks = entry->state == QUIRE__ENTRY_BAD ? entry->looks + 1 : 0;
    entry->pause = entry->looks < LOOKS_EACH ? 0 : UINT32_C(1) << quire__min(entry->looks - LOOKS_EACH, PAUSE_MOST);
}

static int load(struct quire__catalog *catalog, const unsigned char *log_id, uint64_t index)
{
    struct quire__entry *entry = &catalog->entries[index];

    if (entry->state == QUIRE__ENTRY_FILLED || rests(entry))
        return 0;
    int rc = look(catalog, log_id, entry);
    entry->is_unborn = false;
    /* One that cannot be opened any more is not: it was opened a moment ago. */
    int again = 0;
    if (rc == QUIRE_E_DAMAGED)
        again = quire__segment_is_unborn(catalog->io, catalog->directory, entry->number, &entry->is_unborn);
    if (quire__is_of_process(again))
        return again;
    /* Its first page may have come between the two. */
    if (rc == QUIRE_E_DAMAGED && !entry->is_unborn)
        rc = look(catalog, log_id, entry);
    if (quire__is_of_process(rc))
        return rc;
    if (rc < 0)
        entry->state = rc == -ENOENT ? QUIRE__ENTRY_EMPTY : QUIRE__ENTRY_BAD;
    entry->code = rc;
    note_look(entry);
    return 0;
}

int quire__catalog_load(struct quire__catalog *catalog, uint64_t index)
{
    return load(catalog, catalog->log_id, index);
}

int quire__catalog_look_anew(struct quire__catalog *catalog, uint64_t index)
{
    catalog->entries[index].state = QUIRE__ENTRY_UNKNOWN;
    return quire__catalog_load(catalog, index);
}

void quire__catalog_wake(struct quire__catalog *catalog)
{
    for (uint64_t i = 0; i < catalog->count; i++)
        catalog->entries[i].pause = 0;
}

static int add(struct quire__catalog *catalog, const struct quire__entry *entry)
{
    if (catalog->count == catalog->room) {
        uint64_t room = catalog->room ? 2 * catalog->room : 16;
        struct quire__entry *entries = realloc(catalog->entries, room * sizeof *entries);
        if (!entries)
            return -ENOMEM;
        catalog->entries = entries;
        catalog->room = room;
    }
    catalog->entries[catalog->count++] = *entry;
    return 0;
}

/* Takes over what is known of the same segments. Both lists are in order. */
static int take(struct quire__catalog *catalog, const struct quire__segment_list *list)
{
    struct quire__catalog old = *catalog;
    uint64_t known = 0;
    int rc = 0;

    catalog->entries = NULL;
    catalog->count = catalog->room = 0;
    for (uint64_t i = 0; rc == 0 && i < list->count; i++) {
        struct quire__entry entry = {.number = list->numbers[i]};
        while (known < old.count && old.entries[known].number < entry.number)
            known++;
        if (known < old.count && old.entries[known].number == entry.number)
            entry = old.entries[known];
        rc = add(catalog, &entry);
    }
    if (rc < 0) {
        free(catalog->entries);
        *catalog = old;
        return rc;
    }
    free(old.entries);
    return 0;
}

int quire__catalog_refresh(struct quire__catalog *catalog)
{
    struct quire__segment_list list;

    int rc = quire__segment_list_read(catalog->io, catalog->directory, &list);
    if (rc == 0)
        rc = take(catalog, &list);
    quire__segment_list_free(&list);
    return rc;
}

int quire__catalog_extend(struct quire__catalog *catalog)
{
    uint64_t device;
    uint64_t inode;
    struct quire__path path;

    for (;;) {
        struct quire__entry entry = {.number = 1};
        if (catalog->count > 0)
            entry.number = catalog->entries[catalog->count - 1].number + 1;
        int rc = quire__segment_path(catalog->directory, entry.number, &path);
        if (rc == 0)
            rc = catalog->io->ops->identify(catalog->io, path.text, &device, &inode);
        if (rc == 0)
            rc = add(catalog, &entry);
        if (rc < 0)
            return rc == -ENOENT ? 0 : rc;
    }
}

/* The first segment that can be read says which log it is. If the last one says something else, one of them was put
 * there, and a third decides. */
static int learn_id(struct quire__catalog *catalog, uint64_t *number)
{
    const struct quire__entry *seen[3];
    uint64_t found = 0;

    for (uint64_t i = 0; i < catalog->count && found < 3; i++) {
        /* First, last, and then on from the first. */
        uint64_t index = found == 0 ? i : found == 1 ? catalog->count - 1 : i - 1;
        int rc = load(catalog, NULL, index);
        if (rc < 0)
            return rc;
        if (catalog->entries[index].code < 0) {
            if (found == 1)
                break;
            continue;
        }
        seen[found++] = &catalog->entries[index];
        if (found == 2 && memcmp(seen[0]->header.identity.log_id, seen[1]->header.identity.log_id, 16) == 0)
            break;
    }
    if (found == 0) {
        *number = catalog->entries[0].number;
        return catalog->count == 1 && catalog->entries[0].is_unborn ? QUIRE_E_NOT_A_LOG : catalog->entries[0].code;
    }
    bool last_is_right =
        found == 3 && memcmp(seen[1]->header.identity.log_id, seen[2]->header.identity.log_id, 16) == 0;
    memcpy(catalog->log_id, seen[last_is_right ? 1 : 0]->header.identity.log_id, 16);
    return 0;
}

/* What was looked at while the log was not known yet. */
static void forget_foreign(struct quire__catalog *catalog)
{
    for (uint64_t i = 0; i < catalog->count; i++)
        catalog->entries[i] = (struct quire__entry){.number = catalog->entries[i].number};
}

int quire__catalog_open(struct quire__catalog *catalog, struct quire__io *io, const char *directory, uint64_t *number)
{
    *catalog = (struct quire__catalog){.io = io, .directory = strdup(directory)};
    if (!catalog->directory)
        return -ENOMEM;
    int rc = quire__catalog_refresh(catalog);
    if (rc == 0 && catalog->count == 0)
        rc = QUIRE_E_NOT_A_LOG;
    if (rc == 0)
        rc = learn_id(catalog, number);
    if (rc < 0) {
        quire__catalog_close(catalog);
        return rc;
    }
    forget_foreign(catalog);
    return 0;
}

void quire__catalog_close(struct quire__catalog *catalog)
{
    free(catalog->directory);
    free(catalog->entries);
    *catalog = (struct quire__catalog){0};
}

uint64_t quire__catalog_find(const struct quire__catalog *catalog, uint64_t number)
{
    uint64_t low = 0;
    uint64_t high = catalog->count;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (catalog->entries[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int look_for_block(struct quire__catalog *catalog, uint64_t index, uint64_t *found)
{
    for (; index < catalog->count; index++) {
        int rc = quire__catalog_load(catalog, index);
        if (rc < 0)
            return rc;
        if (catalog->entries[index].state == QUIRE__ENTRY_FILLED)
            break;
    }
    *found = quire__min(index, catalog->count);
    return 0;
}

/* The first from index on that has a block; count: none. A writer fills them in order, so one that was empty when it was
 * looked at may have been filled by the time that one behind it had a block. */
static int next_with_block(struct quire__catalog *catalog, uint64_t index, uint64_t *found)
{
    int rc = look_for_block(catalog, index, found);

    return rc == 0 && index < *found && *found < catalog->count ? look_for_block(catalog, index, found) : rc;
}

/* A later segment wins: what is in this one counts for nothing where one behind it begins no higher. No log goes on in
 * front of what was durable, so one that knows of this one's first record as durable is the last to be asked. */
static int is_overtaken(struct quire__catalog *catalog, uint64_t index, bool *is)
{
    uint64_t first = catalog->entries[index].first_sequence;
    const struct quire__entry *entry;
    uint64_t next = index;

    do {
        int rc = next_with_block(catalog, next + 1, &next);
        if (rc < 0)
            return rc;
        *is = false;
        if (next == catalog->count)
            return 0;
        entry = &catalog->entries[next];
    } while (entry->first_sequence > first && entry->durable < first);
    *is = entry->first_sequence <= first;
    return 0;
}

int quire__catalog_filled_from(struct quire__catalog *catalog, uint64_t index, uint64_t *filled)
{
    bool is = true;

    for (;; index++) {
        int rc = next_with_block(catalog, index, &index);
        if (rc == 0 && index < catalog->count)
            rc = is_overtaken(catalog, index, &is);
        if (rc < 0)
            return rc;
        if (index == catalog->count || !is)
            break;
    }
    *filled = index;
    return 0;
}

int quire__catalog_last_filled(struct quire__catalog *catalog, uint64_t *filled)
{
    uint64_t index = catalog->count;

    do {
        if (index == 0) {
            *filled = catalog->count;
            return 0;
        }
        int rc = quire__catalog_load(catalog, --index);
        if (rc < 0)
            return rc;
    } while (catalog->entries[index].state != QUIRE__ENTRY_FILLED);
    *filled = index;
    return 0;
}

int quire__catalog_search(struct quire__catalog *catalog, bool by_time, uint64_t target, uint64_t *index)
{
    uint64_t low = 0;
    uint64_t none = catalog->count;
    uint64_t high = none;
    uint64_t best = none;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t filled;
        int rc = quire__catalog_filled_from(catalog, middle, &filled);
        if (rc < 0)
            return rc;
        const struct quire__entry *entry = &catalog->entries[filled];
        if (filled < high && (by_time ? entry->first_time < target : entry->first_sequence <= target)) {
            best = filled;
            low = filled + 1;
        } else {
            high = middle;
        }
    }
    *index = best;
    return 0;
}
