/* quire_truncate: the newest records go, for good.
 *
 * A block is never changed. What is removed is removed from the end, so that a crash in between leaves a log that ends
 * later, and whole. Where the cut goes through a block, that is the last one then; its records that stay are written to
 * a new segment, and of two segments with the same sequences the later one counts. Only then the block is cut off.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "log/keep_aside.h"
#include "mend/folder.h"
#include "mend/mend.h"
#include "reader/scan.h"
#include "reader/whole.h"

struct cut {
    struct quire__folder folder;
    struct quire__scan scan;
    uint64_t sequence; /* the last that stays */
    uint64_t index;    /* in the list, of the segment with the first that goes */
    struct quire__found block;
    int passed; /* what is wrong with a segment that was passed over on the way back; 0: nothing */
};

/* The segment that sequence is in, going back from the last. */
static int find_segment(struct cut *cut, uint64_t sequence)
{
    for (uint64_t i = cut->folder.list.count; i > 0; i--) {
        struct quire__segment_header header;
        uint64_t bytes;
        int file;
        int rc = quire__segment_open(cut->folder.io, cut->folder.directory, cut->folder.list.numbers[i - 1],
                                     cut->folder.log_id, &file, &header, &bytes);
        if (rc < 0)
            return rc;
        quire__scan_enter(&cut->scan, file, &header);
        rc = quire__scan_look(&cut->scan, QUIRE__SEGMENT_BEGIN, &cut->block);
        if (rc < 0)
            return rc;
        cut->index = i - 1;
        if (cut->block.kind == QUIRE__FIND_BLOCK && cut->block.header.first_sequence <= sequence)
            return 0;
        if (cut->block.kind == QUIRE__FIND_BROKEN)
            cut->passed = cut->block.code;
    }
    return cut->passed < 0 ? cut->passed : QUIRE_E_TRIMMED;
}

/* No whole block comes where one was looked for: the reason, or 0 where that is right behind what stays. What is torn or
 * broken there goes just as a block would. */
static int end_at(struct cut *cut, uint64_t next, uint64_t sequence)
{
    bool is_broken = cut->block.kind == QUIRE__FIND_BROKEN;

    if (next == sequence && (!is_broken || cut->block.code == QUIRE_E_DAMAGED)) {
        cut->block.header.first_sequence = sequence;
        return 0;
    }
    if (is_broken)
        return cut->block.code;
    /* It may be in the segment whose first block is broken. */
    return cut->passed < 0 ? cut->passed : QUIRE_E_RANGE;
}

/* The block that sequence is in: from the first of its segment on, which find_segment has looked at. */
static int find_block(struct cut *cut, uint64_t sequence)
{
    uint64_t offset = QUIRE__SEGMENT_BEGIN;
    uint64_t next = cut->block.header.first_sequence;

    for (;;) {
        int rc = quire__scan_read(&cut->scan, offset, &cut->block);
        if (rc < 0)
            return rc;
        if (cut->block.kind != QUIRE__FIND_BLOCK || cut->block.header.type == QUIRE__BLOCK_FOOTER)
            return end_at(cut, next, sequence);
        next = quire__block_next(&cut->block.header);
        if (next > sequence)
            return 0;
        offset = quire__found_end(&cut->block);
    }
}

/* The records of the block that stay, as a segment of their own. */
static int rewrite_beginning(struct cut *cut, uint64_t number)
{
    struct quire__disk_block header = cut->block.header;
    struct quire__draft draft;
    uint64_t bytes = 0;

    header.records = cut->sequence + 1 - header.first_sequence;
    if (header.type == QUIRE__BLOCK_DATA) {
        struct quire__block_record record = {0};
        for (uint64_t i = 0; i < header.records; i++)
            quire__block_next_record(&header, cut->block.payload, &bytes, &record);
        header.last_time = quire__max(record.time, header.first_time);
    } else {
        bytes = header.payload_bytes;
    }
    header.payload_bytes = bytes;
    int rc = quire__draft_begin(&draft, &cut->folder, number);
    if (rc < 0)
        return rc;
    rc = quire__draft_add(&draft, &header, cut->block.payload);
    if (rc < 0) {
        quire__draft_abandon(&draft);
        return rc;
    }
    return quire__draft_finish(&draft);
}

static int carry_out(struct cut *cut)
{
    struct quire__folder *folder = &cut->folder;
    uint64_t number = folder->list.numbers[cut->index];
    bool through = cut->block.header.first_sequence <= cut->sequence;
    enum quire_call call;

    /* It says what was durable, and that is about to be less. */
    int rc = quire__folder_forget_live(folder);
    for (uint64_t i = folder->list.count; i > cut->index + 1 && rc == 0; i--)
        rc = quire__folder_remove(folder, folder->list.numbers[i - 1]);
    /* What lies behind the block says that the block was durable, and must not say so once a later segment counts. */
    if (rc == 0 && through)
        rc = quire__cut_segment(folder->io, folder->directory, number, quire__found_end(&cut->block), &call);
    if (rc == 0 && through)
        rc = rewrite_beginning(cut, number + 1);
    if (rc < 0)
        return rc;
    /* A segment with nothing in it, in front of all others, would be where recovery says that the log begins: anew. */
    if (through && cut->index == 0 && cut->block.offset == QUIRE__SEGMENT_BEGIN)
        return quire__folder_remove(folder, number);
    return quire__cut_segment(folder->io, folder->directory, number, cut->block.offset, &call);
}

/* What cannot be read for another reason than damage is not passed over: the end of the log would not be known. */
static int see_readable(void *context, const struct quire_segment_info *segment)
{
    (void)context;
    return quire__is_damage(segment->code) ? 0 : segment->code;
}

static int find(struct cut *cut, uint64_t *last)
{
    struct quire_log_info info = {.size = sizeof info};

    int rc = quire__inspect_on(cut->folder.io, cut->folder.directory, see_readable, NULL, &info);
    if (rc < 0)
        return rc;
    *last = info.last_sequence;
    if (cut->sequence > info.last_sequence)
        return QUIRE_E_RANGE;
    /* One record stays at least, unless the log begins at its beginning: else the sequence would be forgotten. */
    if (cut->sequence < info.first_sequence && info.first_sequence > 1)
        return QUIRE_E_TRIMMED;
    if (cut->sequence == info.last_sequence)
        return 0;
    rc = find_segment(cut, cut->sequence + 1);
    return rc < 0 ? rc : find_block(cut, cut->sequence + 1);
}

int quire__truncate_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t *records)
{
    struct cut cut = {.sequence = sequence};
    uint64_t last = 0;

    if (!directory)
        return QUIRE_E_ARGUMENT;
    int rc = quire__folder_open(&cut.folder, io, directory);
    if (rc < 0)
        return rc;
    rc = quire__scan_open(&cut.scan, cut.folder.io, QUIRE__BLOCK_MOST_DEFAULT);
    if (rc == 0) {
        rc = find(&cut, &last);
        if (rc == 0 && sequence < last)
            rc = carry_out(&cut);
        quire__scan_close(&cut.scan);
    }
    quire__folder_close(&cut.folder);
    if (rc == 0 && records)
        *records = last - sequence;
    return rc;
}

int quire_truncate(const char *directory, uint64_t sequence, uint64_t *records)
{
    return quire__truncate_on(quire__io_system(), directory, sequence, records);
}
