/* Reading a segment to the end of what is whole, and looking at what lies behind. See tail.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/tail.h"

#include <errno.h>
#include <stdlib.h>

#include "base/at_once.h"
#include "base/crc32c.h"
#include "io/retry.h"

/* The file in pieces. */
struct pieces {
    struct quire__io *io;
    int file;
    const struct quire__identity *identity;
    uint64_t file_bytes;
    unsigned char *memory;
    uint64_t offset, length; /* what of the file is in memory */
};

/* Bytes of the file from offset on: at least a page of them, or *length 0 where there is none. */
static int load(struct pieces *pieces, uint64_t offset, const unsigned char **bytes, uint64_t *length)
{
    if (offset < pieces->offset || offset + QUIRE__PAGE > pieces->offset + pieces->length) {
        uint64_t got = 0;
        int rc = quire__io_read_all(pieces->io, pieces->file, pieces->memory, QUIRE__AT_ONCE, offset, &got);
        if (rc < 0)
            return rc;
        pieces->offset = offset;
        pieces->length = got;
    }
    uint64_t at = offset - pieces->offset;
    *bytes = pieces->memory + at;
    *length = pieces->length - at < QUIRE__PAGE ? 0 : pieces->length - at;
    return 0;
}

static int look_at(struct pieces *pieces, uint64_t offset, enum quire__block_look *look,
                   struct quire__disk_block *header)
{
    const unsigned char *bytes;
    uint64_t length;

    int rc = load(pieces, offset, &bytes, &length);
    if (rc < 0)
        return rc;
    if (length == 0)
        *look = offset >= pieces->file_bytes ? QUIRE__LOOK_ZERO : QUIRE__LOOK_UNKNOWN;
    else
        *look = quire__block_look(bytes, pieces->identity, offset, header);
    return 0;
}

/* The payload against its checksum, in pieces. */
static int check_payload(struct pieces *pieces, const struct quire__disk_block *header, uint64_t offset, bool *whole)
{
    uint64_t end = offset + quire__block_bytes(header);
    uint64_t at = offset + QUIRE__BLOCK_HEADER;
    uint32_t checksum = 0;

    *whole = false;
    if (end > pieces->file_bytes)
        return 0;
    while (at < end) {
        const unsigned char *bytes;
        uint64_t length;
        uint64_t page = quire__round_down(at, QUIRE__PAGE);
        int rc = load(pieces, page, &bytes, &length);
        if (rc < 0)
            return rc;
        if (length == 0)
            return 0; /* the file has become shorter */
        uint64_t part = quire__min(end, page + quire__round_down(length, QUIRE__PAGE)) - at;
        checksum = quire__crc32c(checksum, bytes + (at - page), part);
        at += part;
    }
    *whole = checksum == header->payload_checksum;
    return 0;
}

static void add_block(struct quire__tail *tail, const struct quire__disk_block *header)
{
    tail->end += quire__block_bytes(header);
    tail->next_sequence = quire__block_next(header);
    tail->last_seen = tail->next_sequence - 1;
    tail->last_time = header->last_time;
    tail->previous_pages = header->pages;
    tail->sealed = header->type == QUIRE__BLOCK_FOOTER;
    if (tail->sealed)
        return;
    quire__footer_add(&tail->sums, header);
}

static bool follows(const struct quire__tail *tail, const struct quire__disk_block *header)
{
    return tail->next_sequence == 0 || header->first_sequence == tail->next_sequence;
}

/* Block after block, as long as they are whole and follow. */
static int read_whole(struct pieces *pieces, struct quire__tail *tail)
{
    for (;;) {
        struct quire__disk_block header;
        enum quire__block_look look;
        bool whole = false;

        int rc = look_at(pieces, tail->end, &look, &header);
        if (rc == 0 && look == QUIRE__LOOK_HEADER)
            rc = check_payload(pieces, &header, tail->end, &whole);
        if (rc < 0)
            return rc;
        if (look == QUIRE__LOOK_HEADER)
            tail->mark = quire__max(tail->mark, quire__block_mark(&header));
        if (!whole || !follows(tail, &header)) {
            tail->header = look == QUIRE__LOOK_HEADER;
            tail->blank = look == QUIRE__LOOK_ZERO || look == QUIRE__LOOK_STALE;
            tail->junk_end = tail->end;
            if (tail->header) {
                tail->header_first = header.first_sequence;
                tail->junk_blocks = 1;
                tail->junk_records = header.records;
                tail->junk_end = quire__min(tail->end + quire__block_bytes(&header), pieces->file_bytes);
            } else if (!tail->blank) {
                tail->junk_end = quire__min(tail->end + QUIRE__PAGE, pieces->file_bytes);
            }
            return 0;
        }
        add_block(tail, &header);
        if (tail->sealed)
            return 0;
    }
}

/* Page after page behind the end: is there a whole block of ours? It is stepped over as one. */
static int look_behind(struct pieces *pieces, struct quire__tail *tail)
{
    uint64_t at = tail->end + QUIRE__PAGE;

    while (at < pieces->file_bytes) {
        struct quire__disk_block header;
        enum quire__block_look look;
        bool whole = false;
        uint64_t step = QUIRE__PAGE;

        int rc = look_at(pieces, at, &look, &header);
        if (rc == 0 && look == QUIRE__LOOK_HEADER)
            rc = check_payload(pieces, &header, at, &whole);
        if (rc < 0)
            return rc;
        if (whole) {
            if (!tail->later)
                tail->later_first = header.first_sequence;
            tail->later = true;
            tail->last_seen = quire__max(tail->last_seen, quire__block_next(&header) - 1);
            tail->junk_blocks++;
            tail->junk_records += header.records;
            tail->mark = quire__max(tail->mark, quire__block_mark(&header));
            step = quire__block_bytes(&header);
        }
        if (whole || look == QUIRE__LOOK_HEADER || (look == QUIRE__LOOK_UNKNOWN && !tail->blank))
            tail->junk_end = quire__max(tail->junk_end, quire__min(at + step, pieces->file_bytes));
        at += step;
    }
    return 0;
}

int quire__tail_read(struct quire__io *io, int file, const struct quire__identity *identity, uint64_t file_bytes,
                     struct quire__tail *tail)
{
    struct pieces pieces = {.io = io, .file = file, .identity = identity, .file_bytes = file_bytes};

    *tail = (struct quire__tail){.end = QUIRE__SEGMENT_BEGIN};
    pieces.memory = malloc(QUIRE__AT_ONCE);
    if (!pieces.memory)
        return -ENOMEM;
    int rc = read_whole(&pieces, tail);
    if (tail->sealed)
        tail->junk_end = tail->end;
    if (rc == 0 && !tail->sealed)
        rc = look_behind(&pieces, tail);
    free(pieces.memory);
    return rc;
}

enum quire__tail_verdict quire__tail_judge(bool durable, bool later, bool header, bool blank)
{
    if (durable)
        return QUIRE__TAIL_DAMAGED;
    if (later || header || !blank)
        return QUIRE__TAIL_TORN;
    return QUIRE__TAIL_END;
}
