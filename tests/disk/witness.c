/* What a log must hold, by what was seen of it. See witness.h.
 *
 * SPDX-License-Identifier: MIT */
#include "witness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int grow(struct disk_rows *rows, uint64_t *room)
{
    uint64_t more = *room ? *room * 2 : 256;
    struct disk_row *larger = realloc(rows->rows, more * sizeof *larger);

    if (!larger)
        return -ENOMEM;
    rows->rows = larger;
    *room = more;
    return 0;
}

static int read_rows(int file, struct disk_rows *rows)
{
    uint64_t room = 0;
    uint64_t bytes = 0;

    for (;;) {
        if (bytes == room * sizeof *rows->rows) {
            int rc = grow(rows, &room);
            if (rc < 0)
                return rc;
        }
        ssize_t got = read(file, (char *)rows->rows + bytes, room * sizeof *rows->rows - bytes);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            break;
        bytes += got > 0 ? (uint64_t)got : 0;
    }
    rows->count = bytes / sizeof *rows->rows;
    return bytes % sizeof *rows->rows ? -EINVAL : 0;
}

int disk_rows_read(int file, struct disk_rows *rows)
{
    *rows = (struct disk_rows){0};
    int rc = read_rows(file, rows);
    if (rc < 0)
        disk_rows_free(rows);
    return rc;
}

void disk_rows_free(struct disk_rows *rows)
{
    free(rows->rows);
    *rows = (struct disk_rows){0};
}

/* The highest segment that can have been written to at position: that of the first row behind it. Where there is none,
 * the last call had not returned: it may have needed two more. */
static uint64_t newest_segment(const struct disk_rows *rows, uint64_t position)
{
    uint64_t newest = 0;

    for (uint64_t i = 0; i < rows->count; i++) {
        newest = rows->rows[i].segment > newest ? rows->rows[i].segment : newest;
        if (rows->rows[i].position > position || rows->rows[i].kind == DISK_ROW_END)
            return newest;
    }
    return newest + 2;
}

/* The first record that retention must have left. A row's record may lie in the segment before the one that it names:
 * the log may have moved on by then. */
static uint64_t first_kept(const struct disk_rows *rows, uint64_t newest, uint64_t keep_segments)
{
    if (keep_segments == 0 || newest <= keep_segments)
        return 1;
    for (uint64_t i = 0; i < rows->count; i++)
        if (rows->rows[i].kind == DISK_ROW_DURABLE && rows->rows[i].segment > newest - keep_segments + 1)
            return rows->rows[i].sequence;
    return UINT64_MAX;
}

static void look_at(const struct disk_row *row, uint64_t *lost, struct disk_expectation *expectation)
{
    switch (row->kind) {
    case DISK_ROW_BEGIN:
        expectation->begun = row->sequence > expectation->begun ? row->sequence : expectation->begun;
        break;
    case DISK_ROW_DURABLE:
        expectation->durable = row->sequence > expectation->durable ? row->sequence : expectation->durable;
        break;
    case DISK_ROW_LOST:
        lost[expectation->lost_count++] = row->sequence;
        break;
    case DISK_ROW_TRIM:
        expectation->first_most = row->sequence > expectation->first_most ? row->sequence : expectation->first_most;
        break;
    default:
        break;
    }
}

void disk_rows_expect(const struct disk_rows *rows, uint64_t position, uint64_t keep_segments, uint64_t *lost,
                      struct disk_expectation *expectation)
{
    expectation->durable = expectation->begun = expectation->lost_count = 0;
    expectation->first_most = first_kept(rows, newest_segment(rows, position), keep_segments);
    expectation->lost = lost;
    /* Not in the order of positions alone: rows of one position count all. */
    for (uint64_t i = 0; i < rows->count && rows->rows[i].position <= position; i++)
        look_at(&rows->rows[i], lost, expectation);
    /* Retention and trim leave what holds the last durable record. */
    if (expectation->first_most > expectation->durable && expectation->durable > 0)
        expectation->first_most = expectation->durable;
}

uint64_t disk_generation(const struct disk_expectation *expectation, uint64_t sequence)
{
    uint64_t generation = 0;

    for (uint64_t i = 0; i < expectation->life_count && expectation->lives[i].first <= sequence; i++)
        generation = expectation->lives[i].generation;
    return generation;
}
