/* quire_truncate and quire_truncate_within: the newest records go, for good, and the end of the last one that stays.
 *
 * A block is never changed. What is removed is removed from the end, so that a crash in between leaves a log that ends
 * later, and whole. Where the cut goes through a block, that is the last one then; what stays of it is written to
 * a new segment, and of two segments with the same sequences the later one counts. Only then the block is cut off.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "log/keep_aside.h"
#include "mend/folder.h"
#include "mend/mend.h"
#include "reader/scan.h"
#include "reader/whole.h"

struct cut {
    struct quire__folder folder;
    struct quire__scan scan;
    uint64_t sequence; /* the last that stays */
    uint64_t length;   /* bytes that stay of it; QUIRE__WHOLE: all */
    uint64_t index;    /* in the list, of the segment with the first that goes, or is cut */
    struct quire__found block;
    int passed;     /* what is wrong with a segment that was passed over on the way back; 0: nothing */
    uint64_t reach; /* the highest sequence in the segments inspected */
    bool overlaps;  /* one begins no higher than that: what lies in front of it from there on counts for nothing */
};

/* Goes over to a segment, and looks at where its first block is. */
static int enter(struct cut *cut, uint64_t index)
{
    struct quire__segment_header header;
    uint64_t bytes;
    int file;

    int rc = quire__segment_open(cut->folder.io, cut->folder.directory, cut->folder.list.numbers[index],
                                 cut->folder.log_id, &file, &header, &bytes);
    if (rc < 0)
        return rc;
    quire__scan_enter(&cut->scan, file, &header);
    cut->index = index;
    return quire__scan_look(&cut->scan, QUIRE__SEGMENT_BEGIN, &cut->block);
}

/* The segment that sequence is in, going back from the last. */
static int find_segment(struct cut *cut, uint64_t sequence)
{
    for (uint64_t i = cut->folder.list.count; i > 0; i--) {
        int rc = enter(cut, i - 1);
        if (rc < 0)
            return rc;
        if (cut->block.kind == QUIRE__FIND_BLOCK && cut->block.header.first_sequence <= sequence)
            return 0;
        if (cut->block.kind == QUIRE__FIND_BROKEN)
            cut->passed = cut->block.code;
    }
    return cut->passed < 0 ? cut->passed : QUIRE_E_TRIMMED;
}

/* No whole block comes where sequence was looked for: the reason, or 0 where those in front of it end, and it would be. */
static int end_at(const struct cut *cut, uint64_t next, uint64_t sequence)
{
    bool is_broken = cut->block.kind == QUIRE__FIND_BROKEN;

    if (next == sequence && (!is_broken || cut->block.code == QUIRE_E_DAMAGED))
        return 0;
    if (is_broken)
        return cut->block.code;
    /* It may be in the segment whose first block is broken. */
    return cut->passed < 0 ? cut->passed : QUIRE_E_RANGE;
}

static bool has_records(const struct quire__found *found)
{
    return found->kind == QUIRE__FIND_BLOCK && found->header.type != QUIRE__BLOCK_FOOTER;
}

/* The place that sequence is in, or would be: from the first block of its segment on, which enter has looked at. */
static int find_block(struct cut *cut, uint64_t sequence)
{
    uint64_t offset = QUIRE__SEGMENT_BEGIN;
    uint64_t next = cut->block.header.first_sequence;

    for (;;) {
        int rc = quire__scan_read(&cut->scan, offset, &cut->block);
        if (rc < 0)
            return rc;
        if (!has_records(&cut->block))
            return end_at(cut, next, sequence);
        next = quire__block_next(&cut->block.header);
        if (next > sequence)
            return 0;
        offset = quire__found_end(&cut->block);
    }
}

/* From the place that was found on. A segment with nothing in it, in front of all others, would be where recovery says that
 * the log begins, anew: unless another one holds what is left. */
static int cut_here(struct cut *cut, bool is_held_behind)
{
    struct quire__folder *folder = &cut->folder;
    uint64_t number = folder->list.numbers[cut->index];
    enum quire_call call;

    if (is_held_behind && cut->index == 0 && cut->block.offset == QUIRE__SEGMENT_BEGIN)
        return quire__folder_remove(folder, number);
    return quire__cut_segment(folder->io, folder->directory, number, cut->block.offset, &call);
}

/* From sequence on, where a block of the segment begins with it, or would. */
static int cut_from(struct cut *cut, uint64_t sequence)
{
    int rc = find_block(cut, sequence);
    bool is_there = rc == 0 && (cut->block.kind == QUIRE__FIND_BROKEN ||
                                (has_records(&cut->block) && cut->block.header.first_sequence == sequence));

    if (rc < 0)
        return quire__is_damage(rc) ? 0 : rc;
    return is_there ? cut_here(cut, true) : 0;
}

/* What counts for nothing, since a later segment wins, goes while that one is there: a truncate that was cut short leaves
 * it, and it would count again. */
static int settle(struct cut *cut)
{
    uint64_t first = UINT64_MAX; /* in any segment behind */

    for (uint64_t i = cut->folder.list.count; i > 0; i--) {
        int rc = enter(cut, i - 1);
        uint64_t own = rc == 0 && has_records(&cut->block) ? cut->block.header.first_sequence : UINT64_MAX;
        if (own != UINT64_MAX && first != UINT64_MAX)
            rc = cut_from(cut, first);
        if (rc < 0 && !quire__is_damage(rc))
            return rc;
        first = quire__min(first, own);
    }
    quire__segment_list_free(&cut->folder.list);
    return quire__segment_list_read(cut->folder.io, cut->folder.directory, &cut->folder.list);
}

/* The block with its last record cut to length: in memory of its own, which is the caller's. NULL: there is none. */
static unsigned char *shorten(const struct cut *cut, const struct quire__block_record *record,
                              struct quire__disk_block *header)
{
    uint64_t begin = (uint64_t)(record->data - cut->block.payload);
    uint64_t word_at = begin - quire__block_frame(header);
    unsigned char *payload = malloc(begin + cut->length);
    uint32_t word;

    if (!payload)
        return NULL;
    memcpy(payload, cut->block.payload, begin + cut->length);
    memcpy(&word, payload + word_at, sizeof word);
    word = (word & QUIRE__RECORD_VOID) | ((uint32_t)cut->length + 1);
    memcpy(payload + word_at, &word, sizeof word);
    header->payload_bytes = begin + cut->length;
    return payload;
}

static int write_alone(struct cut *cut, uint64_t number, struct quire__disk_block *header, const void *payload)
{
    struct quire__draft draft;

    int rc = quire__draft_begin(&draft, &cut->folder, number);
    if (rc < 0)
        return rc;
    rc = quire__draft_add(&draft, header, payload);
    if (rc < 0) {
        quire__draft_abandon(&draft);
        return rc;
    }
    return quire__draft_finish(&draft);
}

/* What stays of the block, as a segment of its own. */
static int rewrite_beginning(struct cut *cut, uint64_t number)
{
    struct quire__disk_block header = cut->block.header;
    struct quire__block_record record = {0};
    unsigned char *shorter = NULL;

    header.records = cut->sequence + 1 - header.first_sequence;
    if (header.type == QUIRE__BLOCK_DATA) {
        header.payload_bytes = 0;
        for (uint64_t i = 0; i < header.records; i++)
            quire__block_next_record(&header, cut->block.payload, &header.payload_bytes, &record);
        header.last_time = quire__max(record.time, header.first_time);
    }
    if (record.length > cut->length) {
        shorter = shorten(cut, &record, &header);
        if (!shorter)
            return -ENOMEM;
    }
    int rc = write_alone(cut, number, &header, shorter ? shorter : cut->block.payload);
    free(shorter);
    return rc;
}

static int carry_out(struct cut *cut)
{
    struct quire__folder *folder = &cut->folder;
    uint64_t number = folder->list.numbers[cut->index];
    bool through = has_records(&cut->block) && cut->block.header.first_sequence <= cut->sequence;
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
    return rc < 0 ? rc : cut_here(cut, through);
}

/* What cannot be read for another reason than damage is not passed over: the end of the log would not be known. */
static int see_segment(void *context, const struct quire_segment_info *segment)
{
    struct cut *cut = context;

    if (!quire__is_damage(segment->code))
        return segment->code;
    cut->overlaps |= segment->first_sequence != 0 && segment->first_sequence <= cut->reach;
    cut->reach = quire__max(cut->reach, segment->last_sequence);
    return 0;
}

static int look(struct cut *cut, uint64_t *last)
{
    struct quire_log_info info = {.size = sizeof info};

    int rc = quire__inspect_on(cut->folder.io, cut->folder.directory, see_segment, cut, &info);
    if (rc < 0)
        return rc;
    *last = info.last_sequence;
    if (cut->sequence > info.last_sequence)
        return QUIRE_E_RANGE;
    /* One record stays at least, unless the log begins at its beginning: else the sequence would be forgotten. */
    return cut->sequence < info.first_sequence && info.first_sequence > 1 ? QUIRE_E_TRIMMED : 0;
}

/* The first record that goes; or the last that stays, where that is cut. */
static int find(struct cut *cut)
{
    uint64_t sequence = cut->length == QUIRE__WHOLE ? cut->sequence + 1 : cut->sequence;

    int rc = find_segment(cut, sequence);
    if (rc == 0)
        rc = find_block(cut, sequence);
    if (rc < 0 || cut->length == QUIRE__WHOLE || has_records(&cut->block))
        return rc;
    return cut->block.kind == QUIRE__FIND_BROKEN ? cut->block.code : QUIRE_E_RANGE;
}

static int truncate_folder(struct cut *cut, uint64_t *last)
{
    int rc = look(cut, last);

    if (rc < 0 || (cut->sequence == *last && cut->length == QUIRE__WHOLE))
        return rc;
    if (cut->overlaps)
        rc = settle(cut);
    if (rc == 0)
        rc = find(cut);
    return rc < 0 ? rc : carry_out(cut);
}

int quire__truncate_within_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t length,
                              uint64_t *records)
{
    struct cut cut = {.sequence = sequence, .length = length};
    uint64_t last = 0;

    if (!directory)
        return QUIRE_E_ARGUMENT;
    int rc = quire__folder_open(&cut.folder, io, directory);
    if (rc < 0)
        return rc;
    rc = quire__scan_open(&cut.scan, cut.folder.io, QUIRE__BLOCK_MOST_DEFAULT);
    if (rc == 0) {
        rc = truncate_folder(&cut, &last);
        quire__scan_close(&cut.scan);
    }
    quire__folder_close(&cut.folder);
    if (rc == 0 && records)
        *records = last - sequence;
    return rc;
}

int quire__truncate_on(struct quire__io *io, const char *directory, uint64_t sequence, uint64_t *records)
{
    return quire__truncate_within_on(io, directory, sequence, QUIRE__WHOLE, records);
}

int quire_truncate(const char *directory, uint64_t sequence, uint64_t *records)
{
    return quire__truncate_on(quire__io_system(), directory, sequence, records);
}

int quire_truncate_within(const char *directory, uint64_t sequence, uint64_t length, uint64_t *records)
{
    return quire__truncate_within_on(quire__io_system(), directory, sequence, length, records);
}
