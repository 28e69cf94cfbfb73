/* Comparing what segments begin with. See superseded.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/superseded.h"

#include <errno.h>

#include "io/retry.h"
#include "log/log.h"
#include "log/tail.h"

int quire__segment_first_block(const struct quire__segments *segments, uint64_t number, bool *found,
                               struct quire__disk_block *header)
{
    struct quire__segment_header segment;
    enum quire__block_look look = QUIRE__LOOK_ZERO;
    uint64_t bytes;
    int file;

    int rc = quire__segment_open(segments->io, segments->directory, number, segments->log_id, &file, &segment, &bytes);
    if (rc < 0)
        return rc;
    rc = quire__segment_look(segments->io, file, &segment.identity, QUIRE__SEGMENT_BEGIN, &look, header);
    segments->io->ops->close(segments->io, file); /* opened for reading: nothing to lose */
    *found = look == QUIRE__LOOK_HEADER;
    return rc;
}

/* Where segment number ends; 0: unknown. */
static int end_of(const struct quire__segments *segments, uint64_t number, uint64_t *next_sequence)
{
    struct quire__segment_header header;
    struct quire__tail tail = {.next_sequence = 0};
    uint64_t bytes;
    int file;

    int rc = quire__segment_open(segments->io, segments->directory, number, segments->log_id, &file, &header, &bytes);
    if (rc < 0)
        return rc;
    rc = quire__tail_read(segments->io, file, &header.identity, bytes, &tail);
    segments->io->ops->close(segments->io, file); /* opened for reading: nothing to lose */
    *next_sequence = tail.next_sequence;
    return rc;
}

/* Does one behind begin no higher? No more were ever begun ahead of one that failed than there are at a time. What was
 * durable is never begun again, so there is nothing to look for behind a block that calls it so. */
static int look_for_lower(const struct quire__segments *segments, uint64_t number, uint64_t begin, bool *found)
{
    uint64_t last = number < segments->last ? number + quire__min(QUIRE__SEGMENTS, segments->last - number) : number;
    struct quire__disk_block header;
    bool is_durable = false;
    int rc = 0;

    *found = false;
    while (rc == 0 && !*found && !is_durable && number < last) {
        bool has_block = false;
        rc = quire__segment_first_block(segments, ++number, &has_block, &header);
        if (rc == -ENOENT)
            rc = 0;
        if (rc < 0 || !has_block)
            continue;
        *found = header.first_sequence <= begin;
        is_durable = quire__block_mark(&header) >= begin;
    }
    return rc;
}

int quire__segment_is_superseded(const struct quire__segments *segments, uint64_t number, uint64_t in_front,
                                 bool *superseded)
{
    struct quire__disk_block header;
    uint64_t begin = 0;
    bool has_block = false;
    bool found = false;

    int rc = quire__segment_first_block(segments, number, &has_block, &header);
    if (rc == -ENOENT)
        return rc;
    if (rc == 0 && has_block)
        begin = header.first_sequence;
    else if (rc == 0)
        rc = end_of(segments, in_front, &begin);
    if (rc == 0 && begin > 0)
        rc = look_for_lower(segments, number, begin, &found);
    if (rc < 0 && quire__is_of_process(rc))
        return rc;
    *superseded = rc == 0 && found;
    return 0;
}
