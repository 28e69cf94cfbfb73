/* Reading, and comparing. See listing.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/listing.h"

#include <errno.h>
#include <string.h>

#include "base/crc32c.h"
#include "reader/reader.h"

static int note(struct torture_listing *listing, const struct quire_record *record)
{
    bool is_data = record->kind == QUIRE_RECORD_DATA;
    uint64_t count = is_data ? 1 : record->lost;
    struct torture_held_record held = {.held = TORTURE_LOST};

    /* A damaged place that cost nothing. */
    if (count == 0)
        return 0;
    if (listing->last == 0)
        listing->first = record->sequence;
    else if (record->sequence != listing->last + 1)
        return -ERANGE;
    if (record->sequence + count > TORTURE_SEQUENCES)
        return -ERANGE;
    if (is_data)
        held = (struct torture_held_record){
            .held = TORTURE_HELD,
            .digest = quire__crc32c((uint32_t)record->length, record->data, record->length),
        };
    for (uint64_t i = 0; i < count; i++)
        listing->of[record->sequence + i] = held;
    listing->last = record->sequence + count - 1;
    return 0;
}

int torture_listing_read(struct torture_disk *disk, bool damaged, struct torture_listing *listing)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = damaged ? QUIRE_READ_GAPS : 0};
    struct quire_record record;
    quire_reader *reader;

    memset(listing, 0, sizeof *listing);
    listing->first = 1;
    int rc = quire__reader_open_on(torture_disk_io(disk), TORTURE_DIRECTORY, &options, &reader);
    if (rc < 0)
        return rc;
    while ((rc = quire_reader_next(reader, &record)) > 0)
        if ((rc = note(listing, &record)) < 0)
            break;
    quire_reader_close(reader);
    return rc;
}

const struct torture_held_record *torture_listing_at(const struct torture_listing *listing, uint64_t sequence)
{
    static const struct torture_held_record nothing = {.held = TORTURE_NOT_HELD};

    return sequence >= listing->first && sequence <= listing->last ? &listing->of[sequence] : &nothing;
}

uint64_t torture_listing_differs(const struct torture_listing *a, const struct torture_listing *b, uint64_t first,
                                 uint64_t last, bool all)
{
    for (uint64_t i = first; i <= last; i++) {
        const struct torture_held_record *x = torture_listing_at(a, i), *y = torture_listing_at(b, i);
        bool is_asked = x->held == TORTURE_HELD || (all && x->held == TORTURE_LOST);
        if (is_asked && (x->held != y->held || x->digest != y->digest))
            return i;
    }
    return 0;
}
