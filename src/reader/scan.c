/* One block of a segment, read and checked. See scan.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/scan.h"

#include <errno.h>
#include <stdlib.h>

#include <quire/error.h>
#include <quire/log.h>

#include "io/retry.h"
#include "log/codec.h"

int quire__scan_open(struct quire__scan *scan, struct quire__io *io, uint64_t block_most)
{
    *scan = (struct quire__scan){.io = io, .file = -1, .block_most = block_most};
    return quire__window_open(&scan->window);
}

void quire__scan_leave(struct quire__scan *scan)
{
    if (scan->file >= 0)
        scan->io->ops->close(scan->io, scan->file); /* opened for reading: nothing to lose */
    scan->file = -1;
    scan->window.unreadable = UINT64_MAX;
    quire__window_forget(&scan->window);
}

void quire__scan_close(struct quire__scan *scan)
{
    quire__scan_leave(scan);
    quire__window_close(&scan->window);
    free(scan->expanded);
    scan->expanded = NULL;
}

void quire__scan_enter(struct quire__scan *scan, int file, const struct quire__segment_header *header)
{
    quire__scan_leave(scan);
    scan->file = file;
    scan->number = header->number;
    scan->identity = header->identity;
}

int quire__scan_size(struct quire__scan *scan, uint64_t *bytes)
{
    struct quire__io_facts facts;

    int rc = scan->io->ops->facts(scan->io, scan->file, &facts);
    if (rc == 0)
        *bytes = facts.size;
    return rc;
}

int quire__scan_is_recycled(struct quire__scan *scan, bool *is_recycled)
{
    unsigned char page[QUIRE__PAGE];
    struct quire__segment_header header;
    uint64_t got = 0;

    int rc = quire__io_read_all(scan->io, scan->file, page, sizeof page, 0, &got);
    if (rc < 0)
        return rc;
    /* A header that is broken now is damage, and for whoever opens the segment next to find. */
    *is_recycled = got == sizeof page && quire__segment_decode(page, &header) == 0 &&
                   header.identity.epoch != scan->identity.epoch;
    return 0;
}

int quire__scan_look(struct quire__scan *scan, uint64_t offset, struct quire__found *found)
{
    const unsigned char *page;
    uint64_t have;

    found->kind = QUIRE__FIND_BROKEN;
    found->code = QUIRE_E_DAMAGED;
    found->has_header = false;
    found->offset = offset;
    int rc = quire__window_need(&scan->window, scan->io, scan->file, offset, QUIRE__PAGE, &page, &have);
    if (rc < 0)
        return rc;
    if (have == 0)
        found->kind = QUIRE__FIND_EMPTY;
    if (scan->window.unreadable <= offset && offset < scan->window.unreadable_end)
        found->code = -EIO;
    if (have < QUIRE__PAGE)
        return 0;
    switch (quire__block_look(page, &scan->identity, offset, &found->header)) {
    case QUIRE__LOOK_HEADER:
        found->kind = QUIRE__FIND_BLOCK;
        found->has_header = true;
        break;
    case QUIRE__LOOK_ZERO:
    case QUIRE__LOOK_STALE:
        found->kind = QUIRE__FIND_EMPTY;
        break;
    case QUIRE__LOOK_UNKNOWN:
        break;
    }
    return 0;
}

/* Memory for a payload, expanded. */
static int make_room(struct quire__scan *scan, uint64_t bytes)
{
    if (bytes <= scan->expanded_room)
        return 0;
    free(scan->expanded);
    scan->expanded = malloc(bytes);
    scan->expanded_room = scan->expanded ? bytes : 0;
    return scan->expanded ? 0 : -ENOMEM;
}

/* 0 and *payload; QUIRE_E_DAMAGED, QUIRE_E_NO_CODEC. */
static int expand(struct quire__scan *scan, const struct quire__disk_block *header, const unsigned char *block,
                  const unsigned char **payload)
{
    if (header->codec == QUIRE_CODEC_NONE) {
        *payload = block + QUIRE__BLOCK_HEADER;
        return 0;
    }
    int rc = make_room(scan, header->payload_bytes);
    if (rc == 0)
        rc = quire__codec_expand(header->codec, block + QUIRE__BLOCK_HEADER, header->stored_bytes, scan->expanded,
                                 header->payload_bytes);
    if (rc == 0)
        *payload = scan->expanded;
    return rc;
}

/* The bytes of the block of a header that was found. QUIRE_E_DAMAGED: the file ends within it. */
static int read_block(struct quire__scan *scan, const struct quire__found *found, const unsigned char **block)
{
    uint64_t bytes = quire__block_bytes(&found->header);
    uint64_t size = 0;
    uint64_t have;

    if (bytes > scan->block_most || found->header.payload_bytes > scan->block_most)
        return QUIRE_E_TOO_LARGE;
    if (bytes > scan->window.room) {
        int rc = quire__scan_size(scan, &size);
        if (rc < 0)
            return rc;
        if (found->offset > size || bytes > size - found->offset)
            return QUIRE_E_DAMAGED;
    }
    int rc = quire__window_need(&scan->window, scan->io, scan->file, found->offset, bytes, block, &have);
    if (rc < 0)
        return rc;
    return have < bytes ? QUIRE_E_DAMAGED : 0;
}

static int check_block(struct quire__scan *scan, struct quire__found *found)
{
    const unsigned char *block;

    int rc = read_block(scan, found, &block);
    if (rc < 0)
        return rc;
    if (!quire__block_payload_is_whole(&found->header, block)) {
        const struct quire__window *window = &scan->window;
        bool unread = window->unreadable < quire__found_end(found) && window->unreadable_end > found->offset;
        return unread ? -EIO : QUIRE_E_DAMAGED;
    }
    rc = expand(scan, &found->header, block, &found->payload);
    if (rc < 0)
        return rc;
    if (found->header.type == QUIRE__BLOCK_DATA && !quire__block_records_fit(&found->header, found->payload))
        return QUIRE_E_DAMAGED;
    return 0;
}

/* Says what is wrong with this block, not with the reading of it. */
static bool is_of_block(int code)
{
    return code == QUIRE_E_DAMAGED || code == QUIRE_E_TOO_LARGE || code == QUIRE_E_NO_CODEC || code == -EIO;
}

int quire__scan_read(struct quire__scan *scan, uint64_t offset, struct quire__found *found)
{
    int rc = quire__scan_look(scan, offset, found);

    if (rc < 0 || found->kind != QUIRE__FIND_BLOCK)
        return rc;
    rc = check_block(scan, found);
    if (rc == 0)
        return 0;
    if (!is_of_block(rc))
        return rc;
    found->kind = QUIRE__FIND_BROKEN;
    found->code = rc;
    return 0;
}
