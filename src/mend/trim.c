/* quire_trim: the oldest segments go, while nobody has the log open.
 *
 * SPDX-License-Identifier: MIT */
#include "log/superseded.h"
#include "mend/folder.h"
#include "mend/mend.h"

/* The records of a segment end where the next that has any begins. *end: the first whose records may not all be below;
 * index itself, or the next that has any. */
static int find_end(const struct quire__folder *folder, const struct quire__segments *segments, uint64_t index,
                    uint64_t sequence, uint64_t *end)
{
    struct quire__disk_block next;
    uint64_t behind = index;
    bool found = false;
    int rc = 0;

    while (rc == 0 && !found && ++behind < folder->list.count)
        rc = quire__segment_first_block(segments, folder->list.numbers[behind], &found, &next);
    /* The last one stays: with it the sequence would be forgotten. */
    *end = found && next.first_sequence <= sequence ? behind : index;
    return rc;
}

/* Those behind index that count for nothing, as it says, while it is there. *end: the first that stays. */
static int remove_superseded(struct quire__folder *folder, const struct quire__segments *segments, uint64_t index,
                             uint64_t *end)
{
    const uint64_t *numbers = folder->list.numbers;
    bool superseded = true;
    int rc = 0;

    *end = index + 1;
    while (rc == 0 && *end + 1 < folder->list.count) {
        rc = quire__segment_is_superseded(segments, numbers[*end], numbers[index], &superseded);
        if (rc < 0 || !superseded)
            break;
        rc = quire__folder_remove(folder, numbers[(*end)++]);
    }
    return rc;
}

/* *gone: those in front of it are. */
static int trim(struct quire__folder *folder, uint64_t sequence, uint64_t *gone)
{
    const uint64_t *numbers = folder->list.numbers;
    uint64_t count = folder->list.count;
    const struct quire__segments segments = {folder->io, folder->directory, folder->log_id, numbers[count - 1]};
    uint64_t index = 0;
    uint64_t end;

    int rc = find_end(folder, &segments, index, sequence, &end);
    while (rc == 0 && end > index) {
        uint64_t behind;
        rc = remove_superseded(folder, &segments, index, &behind);
        if (rc == 0)
            rc = quire__folder_remove(folder, numbers[index]);
        for (index = behind; rc == 0 && index < end; index++)
            rc = quire__folder_remove(folder, numbers[index]);
        if (rc == 0)
            rc = find_end(folder, &segments, index, sequence, &end);
    }
    *gone = index;
    return rc;
}

int quire__trim_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t *segments)
{
    struct quire__folder folder;
    uint64_t gone = 0;

    if (!directory)
        return QUIRE_E_ARGUMENT;
    int rc = quire__folder_open(&folder, io, directory);
    if (rc < 0)
        return rc;
    rc = trim(&folder, sequence, &gone);
    quire__folder_close(&folder);
    if (rc == 0 && segments)
        *segments = gone;
    return rc;
}

int quire_trim(const char *directory, uint64_t sequence, uint64_t *segments)
{
    return quire__trim_on(quire__io_system(), directory, sequence, segments);
}
