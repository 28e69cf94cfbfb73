/* The unit behind the present one. See reader.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "reader/judge.h"

#define AGAIN 2

/* A later segment may hold what this one holds too: it counts. */
static int find_limit(quire_reader *reader, uint64_t segment)
{
    struct quire__catalog *catalog = &reader->catalog;
    uint64_t next = 0;

    if (reader->limit_segment == segment && reader->limit != 0)
        return 0;
    uint64_t index = quire__catalog_find(catalog, segment);
    int rc = quire__catalog_filled_from(catalog, index + 1, &next);
    if (rc < 0)
        return rc;
    reader->limit_segment = segment;
    reader->limit = next < catalog->count ? catalog->entries[next].first_sequence : UINT64_MAX;
    return 0;
}

/* Goes over to a segment that begins with what is expected, or earlier: what was given already is passed over. */
static void go_over(quire_reader *reader, struct quire__place *place, const struct quire__place *to)
{
    if (place->sequence != 0)
        reader->from = quire__max(reader->from, place->sequence);
    *place = *to;
}

/* The segment of the place is not there any more, or never was. */
static int gone(quire_reader *reader, struct quire__place *place)
{
    uint64_t next = 0;

    int rc = quire__catalog_refresh(&reader->catalog);
    uint64_t index = quire__catalog_find(&reader->catalog, place->segment);
    if (rc == 0)
        rc = quire__catalog_filled_from(&reader->catalog, index, &next);
    if (rc < 0)
        return rc;
    /* Retention takes from the front. */
    if (index == 0 && (next == reader->catalog.count ||
                       (place->sequence != 0 && reader->catalog.entries[next].first_sequence > place->sequence)))
        return quire__reader_trimmed(reader, place->segment, place->offset);
    return 0;
}

static void leave(quire_reader *reader, const struct quire__place *place, const struct quire__found *found)
{
    reader->left = *found;
    reader->left_segment = place->segment;
}

static int judge(quire_reader *reader, struct quire__place *place, const struct quire__found *found)
{
    struct quire__judgement judgement;

    int rc = quire__judge(reader, place, found, &judgement);
    if (rc < 0)
        return rc;
    if (found && judgement.verdict != QUIRE__VERDICT_DAMAGE && judgement.end.segment != place->segment)
        leave(reader, place, found);
    switch (judgement.verdict) {
    case QUIRE__VERDICT_GONE:
        return quire__reader_trimmed(reader, place->segment, place->offset);
    case QUIRE__VERDICT_DAMAGE:
        reader->from = quire__max(reader->from, place->sequence);
        return quire__reader_meet(reader, &judgement.damage, place, &judgement.end, true);
    case QUIRE__VERDICT_AGAIN:
        go_over(reader, place, &judgement.end);
        return AGAIN;
    case QUIRE__VERDICT_END:
        break;
    }
    if (found)
        leave(reader, place, found);
    return 0;
}

/* A whole block, the one expected. */
static int take(quire_reader *reader, struct quire__place *place, const struct quire__found *found)
{
    struct quire__window *window = &reader->scan.window;

    window->ahead = quire__min(2 * window->ahead, QUIRE__WINDOW_STREAM);
    quire__reader_note(reader, &found->header);
    if (found->header.type == QUIRE__BLOCK_FOOTER) {
        if (reader->footer.blocks == UINT64_MAX) {
            memcpy(&reader->footer, found->payload, sizeof reader->footer);
            reader->footer_segment = place->segment;
        }
        place->sequence = found->header.first_sequence;
        place->offset = quire__found_end(found);
        place->previous_pages = found->header.pages;
        place->block += place->block != QUIRE__BLOCK_UNCOUNTED;
        place->sealed = true;
        return AGAIN;
    }
    quire__unit_load(reader, found, place, reader->limit);
    if (reader->from <= reader->unit.begin.sequence)
        return 1;
    quire__unit_move(&reader->unit, quire__min(reader->from - reader->unit.begin.sequence, reader->unit.items));
    if (reader->from < reader->unit.end.sequence) {
        if (reader->unit.kind == QUIRE__UNIT_GAP)
            reader->unit.index = 0;
        return 1;
    }
    *place = reader->unit.end;
    quire__reader_stand(reader, place);
    return AGAIN;
}

static bool is_expected(const struct quire__found *found, const struct quire__place *place)
{
    return found->kind == QUIRE__FIND_BLOCK &&
           (place->sequence == 0 || found->header.first_sequence == place->sequence);
}

static bool is_footer(const struct quire__found *found)
{
    return found->kind == QUIRE__FIND_BLOCK && found->header.type == QUIRE__BLOCK_FOOTER;
}

static int step(quire_reader *reader, struct quire__place *place)
{
    struct quire__found found;

    int rc = quire__reader_enter(reader, place->segment);
    if (rc == -ENOENT) {
        rc = gone(reader, place);
        return rc < 0 ? rc : judge(reader, place, NULL);
    }
    if (rc < 0) {
        /* It was read before, and cannot be entered now: what was known of it counts no more. */
        rc = quire__catalog_look_anew(&reader->catalog, quire__catalog_find(&reader->catalog, place->segment));
        return rc < 0 ? rc : judge(reader, place, NULL);
    }
    rc = find_limit(reader, place->segment);
    if (rc < 0)
        return rc;
    if (place->sealed)
        return judge(reader, place, NULL);
    rc = quire__scan_read(&reader->scan, place->offset, &found);
    if (rc < 0)
        return rc;
    uint64_t sequence = place->sequence == 0 && found.has_header ? found.header.first_sequence : place->sequence;
    if (sequence >= reader->limit && !is_footer(&found)) {
        /* What lies there does not count, as if the segment were sealed. */
        leave(reader, place, &found);
        place->sealed = true;
        return judge(reader, place, NULL);
    }
    return is_expected(&found, place) ? take(reader, place, &found) : judge(reader, place, &found);
}

int quire__reader_advance(quire_reader *reader)
{
    struct quire__place place = reader->unit.end;
    uint64_t time = reader->unit.time;

    if (reader->obstacle.damage.code != 0)
        return reader->obstacle.damage.code;
    /* The unit's memory is used for the next. */
    quire__reader_stand(reader, &place);
    reader->unit.time = time;
    for (;;) {
        int rc = step(reader, &place);
        if (rc == AGAIN)
            continue;
        if (rc == 0) {
            quire__reader_stand(reader, &place);
            /* What lies there may be written at any time, little by little. */
            quire__window_forget(&reader->scan.window);
            reader->scan.window.ahead = QUIRE__WINDOW_PROBE;
        }
        return rc;
    }
}
