/* Searching a segment's blocks by halving. See scan.h.
 *
 * Blocks say where they end, not where the middle one begins: from a page in the middle the search goes on to the next
 * page that holds a header. Wrong guesses cost time only: in the end the chain of blocks is followed.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/scan.h"

/* How far to look for a header from a page in the middle; among nothing but zeros, which are the unused end most
 * often. */
#define LOOK_MOST (UINT64_C(16) << 20)
#define LOOK_MOST_ZEROS (UINT64_C(512) << 10)
/* Less than this is walked through block by block. */
#define NEAR (UINT64_C(64) << 10)

/* A block in front of the target, and within the file. */
static bool is_before(enum quire__order order, uint64_t target, uint64_t size, const struct quire__found *found)
{
    const struct quire__disk_block *header = &found->header;

    if (found->kind != QUIRE__FIND_BLOCK || quire__found_end(found) > size)
        return false;
    return order == QUIRE__BY_SEQUENCE ? header->first_sequence <= target : header->first_time < target;
}

/* The next header in [offset, end), or as far as looking is worth while. */
static int find_header(struct quire__scan *scan, uint64_t offset, uint64_t end, struct quire__found *found)
{
    uint64_t most = LOOK_MOST_ZEROS;
    int rc = 0;

    for (uint64_t at = offset; at < end && at - offset < most; at += QUIRE__PAGE) {
        rc = quire__scan_look(scan, at, found);
        if (rc < 0 || found->kind == QUIRE__FIND_BLOCK)
            return rc;
        if (found->kind == QUIRE__FIND_BROKEN)
            most = LOOK_MOST;
    }
    found->kind = QUIRE__FIND_EMPTY;
    return rc;
}

static int halve(struct quire__scan *scan, enum quire__order order, uint64_t target, uint64_t size,
                 struct quire__found *best)
{
    uint64_t end = size;

    while (quire__found_end(best) < end && end - quire__found_end(best) > NEAR) {
        uint64_t begin = quire__found_end(best);
        uint64_t middle = begin + quire__round_down((end - begin) / 2, QUIRE__PAGE);
        struct quire__found found;
        int rc = find_header(scan, middle, end, &found);
        if (rc < 0)
            return rc;
        if (is_before(order, target, size, &found) && found.header.first_sequence >= quire__block_next(&best->header))
            *best = found;
        else
            end = middle;
    }
    return 0;
}

/* Along the chain from best on. */
static int walk(struct quire__scan *scan, enum quire__order order, uint64_t target, uint64_t size,
                struct quire__found *best)
{
    while (quire__found_end(best) < size) {
        struct quire__found found;
        int rc = quire__scan_look(scan, quire__found_end(best), &found);
        /* Over a broken link, to where the chain goes on. */
        if (rc == 0 && found.kind == QUIRE__FIND_BROKEN)
            rc = find_header(scan, quire__found_end(best) + QUIRE__PAGE, size, &found);
        if (rc < 0)
            return rc;
        if (!is_before(order, target, size, &found) || found.header.first_sequence < quire__block_next(&best->header))
            return 0;
        *best = found;
    }
    return 0;
}

static int locate(struct quire__scan *scan, enum quire__order order, uint64_t target, bool *is_found,
                  struct quire__found *found)
{
    uint64_t size = 0;

    int rc = quire__scan_size(scan, &size);
    if (rc == 0)
        rc = quire__scan_look(scan, QUIRE__SEGMENT_BEGIN, found);
    if (rc < 0)
        return rc;
    *is_found = is_before(order, target, size, found);
    if (!*is_found)
        return 0;
    rc = halve(scan, order, target, size, found);
    return rc < 0 ? rc : walk(scan, order, target, size, found);
}

int quire__scan_locate(struct quire__scan *scan, enum quire__order order, uint64_t target, bool *is_found,
                       struct quire__found *found)
{
    quire__window_forget(&scan->window);
    scan->window.ahead = QUIRE__WINDOW_PROBE;
    int rc = locate(scan, order, target, is_found, found);
    scan->window.ahead = QUIRE__WINDOW_STREAM;
    quire__window_forget(&scan->window);
    return rc;
}
