/* Finding whole blocks where the chain of blocks is broken: ahead and back, page by page. See scan.h.
 *
 * A header that is whole says how long its block is, and is believed, be what is in the block whole or not: so each
 * byte is looked at once.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/scan.h"

int quire__scan_ahead(struct quire__scan *scan, uint64_t offset, uint64_t sequence, bool *is_found,
                      struct quire__found *found)
{
    uint64_t size = 0;

    *is_found = false;
    int rc = quire__scan_size(scan, &size);
    while (rc == 0 && offset < size) {
        rc = quire__scan_look(scan, offset, found);
        if (rc < 0)
            break;
        if (found->kind != QUIRE__FIND_BLOCK) {
            offset += QUIRE__PAGE;
            continue;
        }
        if (found->header.first_sequence >= sequence)
            rc = quire__scan_read(scan, offset, found);
        if (rc == 0 && found->kind == QUIRE__FIND_BLOCK && found->header.first_sequence >= sequence) {
            *is_found = true;
            break;
        }
        offset = quire__found_end(found);
    }
    return rc;
}

/* Whole blocks that lie in front of offset, and have records below sequence only. *budget: bytes that may still be
 * checked; a file made for it could hold many blocks within each other. */
static int try_back(struct quire__scan *scan, uint64_t at, uint64_t offset, uint64_t sequence, uint64_t *budget,
                    struct quire__found *found)
{
    int rc = quire__scan_look(scan, at, found);

    if (rc < 0 || found->kind != QUIRE__FIND_BLOCK)
        return rc;
    uint64_t bytes = quire__block_bytes(&found->header);
    if (quire__found_end(found) > offset || quire__block_next(&found->header) > sequence || bytes > *budget) {
        found->kind = QUIRE__FIND_BROKEN;
        return 0;
    }
    *budget -= bytes;
    return quire__scan_read(scan, at, found);
}

int quire__scan_back(struct quire__scan *scan, uint64_t offset, uint64_t sequence, bool *is_found,
                     struct quire__found *found)
{
    uint64_t size = 0;

    *is_found = false;
    int rc = quire__scan_size(scan, &size);
    if (rc < 0)
        return rc;
    uint64_t end = quire__min(offset, quire__round_down(size, QUIRE__PAGE));
    uint64_t budget = 2 * end;
    while (end > QUIRE__SEGMENT_BEGIN) {
        uint64_t begin = end - quire__min(end - QUIRE__SEGMENT_BEGIN, QUIRE__WINDOW_STREAM);
        for (uint64_t at = end; at > begin;) {
            const unsigned char *unused;
            uint64_t have;
            at -= QUIRE__PAGE;
            /* The window goes forwards only by itself. */
            rc = quire__window_need(&scan->window, scan->io, scan->file, begin, at + QUIRE__PAGE - begin, &unused,
                                    &have);
            if (rc == 0)
                rc = try_back(scan, at, offset, sequence, &budget, found);
            if (rc < 0)
                return rc;
            *is_found = found->kind == QUIRE__FIND_BLOCK;
            if (*is_found)
                return 0;
        }
        end = begin;
    }
    return 0;
}
