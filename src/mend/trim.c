/* quire_trim: the oldest segments go, while nobody has the log open.
 *
 * SPDX-License-Identifier: MIT */
#include "log/retire.h"
#include "mend/folder.h"
#include "mend/mend.h"

/* The records of a segment end where the next begins. */
static int is_below(struct quire__folder *folder, uint64_t index, uint64_t sequence, bool *below)
{
    struct quire__disk_block next;
    bool found = false;

    *below = false;
    if (index + 1 >= folder->list.count)
        return 0; /* the last one stays: with it the sequence would be forgotten */
    int rc = quire__segment_first_block(folder->io, folder->directory, folder->list.numbers[index + 1], folder->log_id,
                                        &found, &next);
    if (rc == 0)
        *below = found && next.first_sequence <= sequence;
    return rc;
}

int quire__trim_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t *segments)
{
    struct quire__folder folder;
    uint64_t gone = 0;
    bool below = true;

    if (!directory)
        return QUIRE_E_ARGUMENT;
    int rc = quire__folder_open(&folder, io, directory);
    if (rc < 0)
        return rc;
    for (uint64_t i = 0; i < folder.list.count && rc == 0; i++) {
        rc = is_below(&folder, i, sequence, &below);
        if (rc < 0 || !below)
            break;
        rc = quire__folder_remove(&folder, folder.list.numbers[i]);
        gone += rc == 0;
    }
    quire__folder_close(&folder);
    if (rc == 0 && segments)
        *segments = gone;
    return rc;
}

int quire_trim(const char *directory, uint64_t sequence, uint64_t *segments)
{
    return quire__trim_on(quire__io_system(), directory, sequence, segments);
}
