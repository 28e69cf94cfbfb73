/* A log over several lives. See history.h.
 *
 * SPDX-License-Identifier: MIT */
#include "history.h"

#include <errno.h>
#include <stdlib.h>

void vm_history_free(struct vm_history *history)
{
    disk_rows_free(&history->rows);
    free(history->lost);
    *history = (struct vm_history){0};
}

void vm_history_begin_life(struct vm_history *history, uint64_t generation)
{
    for (uint64_t i = 0; i < history->rows.count; i++)
        history->rows.rows[i].position = 0;
    history->before = history->now;
    history->generation = generation;
    history->recovered = false;
}

static int grow(struct vm_history *history)
{
    uint64_t more = history->room ? history->room * 2 : 256;
    struct disk_row *rows = realloc(history->rows.rows, more * sizeof *rows);

    if (!rows)
        return -ENOMEM;
    history->rows.rows = rows;
    uint64_t *lost = realloc(history->lost, more * sizeof *lost);
    if (!lost)
        return -ENOMEM;
    history->lost = lost;
    history->room = more;
    return 0;
}

/* The records behind what was recovered are no more, and their sequences are given again. */
static void recover(struct vm_history *history, const struct disk_row *row)
{
    uint64_t last = row->kind == DISK_ROW_DURABLE ? row->sequence : 0;
    struct vm_lives *now = &history->now;

    while (now->count > 0 && now->lives[now->count - 1].first > last)
        now->count--;
    now->lives[now->count++] = (struct disk_life){.first = last + 1, .generation = history->generation};
    history->recovered = true;
    history->recovered_last = last;
    history->recovered_at = row->position;
}

int vm_history_add(struct vm_history *history, const struct disk_row *row)
{
    if (history->rows.count == history->room) {
        int rc = grow(history);
        if (rc < 0)
            return rc;
    }
    if (!history->recovered)
        recover(history, row);
    history->rows.rows[history->rows.count++] = *row;
    return 0;
}

void vm_history_expect(struct vm_history *history, uint64_t position, uint64_t keep_segments,
                       struct disk_expectation *expectation)
{
    bool recovered = history->recovered && position >= history->recovered_at;
    const struct vm_lives *lives = recovered ? &history->now : &history->before;

    disk_rows_expect(&history->rows, position, keep_segments, history->lost, expectation);
    /* Nothing may have been begun behind what was recovered. */
    if (expectation->begun < expectation->durable)
        expectation->begun = expectation->durable;
    expectation->lives = lives->lives;
    expectation->life_count = lives->count;
}
