/* Where a reader stands, in bytes that can be kept.
 *
 * SPDX-License-Identifier: MIT */
#include <quire/error.h>

#include "base/crc32c.h"
#include "reader/reader.h"

#define CURSOR_MAGIC 0x52435551u /* "QUCR" */

struct disk_cursor {
    uint32_t magic;
    uint32_t checksum; /* crc32c of bytes 8 to 47 */
    unsigned char log_id[16];
    uint64_t sequence; /* of the next record; 0: the log was empty */
    uint64_t segment;  /* where it was expected: for people. A log that went on in a fresh segment has it elsewhere */
    uint64_t offset;
};

_Static_assert(sizeof(struct disk_cursor) == sizeof(struct quire_cursor), "layout");

static uint32_t checksum(const struct disk_cursor *cursor)
{
    return quire__crc32c(0, (const unsigned char *)cursor + 8, sizeof *cursor - 8);
}

int quire_reader_tell(quire_reader *reader, struct quire_cursor *cursor)
{
    if (!reader || !cursor)
        return QUIRE_E_ARGUMENT;
    const struct quire__unit *unit = &reader->unit;
    const struct quire__place *place = unit->index < unit->items ? &unit->begin : &unit->end;
    struct disk_cursor disk = {.magic = CURSOR_MAGIC, .sequence = place->sequence};

    if (unit->kind == QUIRE__UNIT_DATA && unit->index < unit->items)
        disk.sequence += unit->index;
    if (disk.sequence != 0)
        disk.sequence = quire__max(disk.sequence, reader->from);
    memcpy(disk.log_id, reader->catalog.log_id, sizeof disk.log_id);
    disk.segment = place->segment;
    disk.offset = place->offset;
    disk.checksum = checksum(&disk);
    memcpy(cursor->bytes, &disk, sizeof disk);
    return 0;
}

int quire_reader_resume(quire_reader *reader, const struct quire_cursor *cursor)
{
    struct disk_cursor disk;

    if (!reader || !cursor)
        return QUIRE_E_ARGUMENT;
    memcpy(&disk, cursor->bytes, sizeof disk);
    if (disk.magic != CURSOR_MAGIC || disk.checksum != checksum(&disk) ||
        memcmp(disk.log_id, reader->catalog.log_id, sizeof disk.log_id) != 0)
        return QUIRE_E_CURSOR;
    return disk.sequence == 0 ? quire_reader_seek_begin(reader) : quire_reader_seek_sequence(reader, disk.sequence);
}
