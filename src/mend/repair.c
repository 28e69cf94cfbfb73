/* quire_repair: what makes a damaged log whole again, with the losses declared.
 *
 * Goes over the log from its beginning and knows at each place which sequence is expected. Where a place is not what
 * it should be there is a step: what lies there is copied to a file of its own first, then a gap record takes its
 * place, so that the sequences go on. A segment that is missing, or cannot be read at all, becomes one that declares
 * its loss.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include <quire/reader.h>

#include "io/retry.h"
#include "log/keep_aside.h"
#include "log/live.h"
#include "log/tail.h"
#include "mend/folder.h"
#include "mend/mend.h"
#include "reader/scan.h"

/* More segments than that do not get lost: a file was put there whose name has another number. */
#define MISSING_MOST 100000

struct repair {
    struct quire__folder folder;
    struct quire__scan scan;
    bool apply;
    quire_see_step *see;
    void *context;
    uint64_t steps;
    uint64_t expected;  /* the next sequence; 0: not known yet */
    uint64_t time;      /* of the last block */
    uint64_t mark;      /* known durable, by the blocks and by live.quire */
    uint64_t goes_last; /* a segment to be removed in the end; 0: none */
};

/* What the device would not give is not damage: it may be given another time, or elsewhere. */
static int scan_ahead(struct repair *repair, uint64_t offset, uint64_t sequence, bool *is_found,
                      struct quire__found *found)
{
    int rc = quire__scan_ahead(&repair->scan, offset, sequence, is_found, found);

    return rc == 0 && repair->scan.window.unreadable != UINT64_MAX ? -EIO : rc;
}

/* The first sequence in the segments from index on; 0: there is none. What is broken in front of it in its segment is
 * declared lost there, where a reader looks for it. */
static int find_next(struct repair *repair, uint64_t index, uint64_t *first)
{
    *first = 0;
    for (uint64_t i = index; i < repair->folder.list.count && *first == 0; i++) {
        struct quire__segment_header header;
        struct quire__found found;
        bool is_found = false;
        uint64_t bytes;
        int file;
        int rc = quire__segment_open(repair->folder.io, repair->folder.directory, repair->folder.list.numbers[i],
                                     repair->folder.log_id, &file, &header, &bytes);
        if (rc < 0 && quire__is_damage(rc))
            continue; /* it is a step of its own */
        if (rc < 0)
            return rc;
        quire__scan_enter(&repair->scan, file, &header);
        rc = scan_ahead(repair, QUIRE__SEGMENT_BEGIN, 1, &is_found, &found);
        if (rc < 0)
            return rc;
        if (is_found && (found.offset == QUIRE__SEGMENT_BEGIN || repair->expected == 0))
            *first = found.header.first_sequence;
        else if (is_found)
            *first = quire__min(found.header.first_sequence, repair->expected);
    }
    return 0;
}

/* Tells; 0 if it is to be done. 1: it was only asked for. */
static int announce(struct repair *repair, const struct quire_repair_step *step)
{
    repair->steps++;
    int rc = repair->see ? repair->see(repair->context, step) : 0;
    if (rc != 0)
        return rc < 0 ? rc : -ECANCELED;
    return repair->apply ? 0 : 1;
}

static struct quire__disk_block gap_header(const struct repair *repair, uint64_t first, uint64_t last)
{
    return (struct quire__disk_block){
        .type = QUIRE__BLOCK_GAP,
        .records = last - first + 1,
        .first_sequence = first,
        .first_time = repair->time,
        .last_time = repair->time,
    };
}

/* A gap record over [offset, end) of a segment, which becomes at least a page longer if need be. */
static int put_gap(struct repair *repair, uint64_t number, const struct quire__identity *identity, uint64_t offset,
                   uint64_t end, uint32_t previous_pages, uint64_t first, uint64_t last)
{
    struct quire__disk_gap gap = {.reason = QUIRE_GAP_DAMAGE};
    struct quire__disk_block header = gap_header(repair, first, last);
    struct quire__io *io = repair->folder.io;
    uint64_t length = quire__max(end - offset, QUIRE__PAGE);
    int file = -1;

    header.payload_bytes = header.stored_bytes = length - QUIRE__BLOCK_HEADER;
    header.previous_pages = previous_pages;
    int rc = quire__segment_open_file(io, repair->folder.directory, number, 0, &file);
    if (rc < 0)
        return rc;
    rc = quire__put_block(io, file, identity, offset, length, &header, &gap, sizeof gap);
    if (rc == 0)
        rc = io->ops->sync(io, file);
    io->ops->close(io, file); /* the sync has said all there is to say */
    return rc;
}

/* A segment's bytes from offset to end are not what they should be; the sequences up to before next are lost. cut: what
 * lies behind end goes as well. */
static int mend_place(struct repair *repair, const struct quire__segment_header *header, uint64_t offset, uint64_t end,
                      uint32_t previous_pages, uint64_t next, bool cut)
{
    struct quire__folder *folder = &repair->folder;
    /* Before the first block that is known: one at least. */
    if (repair->expected == 0 && !cut)
        repair->expected = next - 1;
    bool lost = repair->expected != 0 && next > repair->expected;
    struct quire_repair_step step = {
        .kind = lost ? QUIRE_REPAIR_DECLARE_GAP : QUIRE_REPAIR_CUT_TAIL,
        .segment = header->number,
        .offset = offset,
        .bytes = end - offset,
        .first_sequence = lost ? repair->expected : 0,
        .last_sequence = lost ? next - 1 : 0,
    };
    enum quire_call call;

    int rc = announce(repair, &step);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = quire__keep_aside(folder->io, folder->directory, header->number, offset, end, &call);
    if (rc == 0 && cut)
        rc = quire__cut_segment(folder->io, folder->directory, header->number, offset, &call);
    if (rc == 0 && lost)
        rc = put_gap(repair, header->number, &header->identity, offset, cut ? offset : end, previous_pages,
                     repair->expected, next - 1);
    return rc;
}

/* The sums of the blocks in front of the footer, as they lie there now. */
static int sum_up(struct repair *repair, uint64_t footer, struct quire__disk_footer *sums)
{
    struct quire__found found = {0};
    uint64_t offset = QUIRE__SEGMENT_BEGIN;
    uint64_t sequence = 1;
    bool is_found = false;

    quire__window_forget(&repair->scan.window);
    for (;;) {
        int rc = scan_ahead(repair, offset, sequence, &is_found, &found);
        if (rc < 0 || !is_found || found.offset >= footer)
            return rc;
        quire__footer_add(sums, &found.header);
        offset = quire__found_end(&found);
        sequence = quire__block_next(&found.header);
    }
}

/* The footer again, over itself, with the sums of what is in the segment now. Its digest stays: the chain does not hold
 * here any more, and is to say so. */
static int renew_footer(struct repair *repair, const struct quire__segment_header *header,
                        const struct quire__found *footer)
{
    struct quire__disk_block block = footer->header;
    struct quire__disk_footer sums = {0};
    struct quire__disk_footer old;
    int file = -1;

    memcpy(&old, footer->payload, sizeof old);
    int rc = sum_up(repair, footer->offset, &sums);
    if (rc == 0)
        rc = quire__segment_open_file(repair->folder.io, repair->folder.directory, header->number, 0, &file);
    if (rc < 0)
        return rc;
    sums.chained = old.chained;
    memcpy(sums.previous, old.previous, sizeof sums.previous);
    memcpy(sums.digest, old.digest, sizeof sums.digest);
    rc = quire__put_block(repair->folder.io, file, &header->identity, footer->offset, QUIRE__PAGE, &block, &sums,
                          sizeof sums);
    if (rc == 0)
        rc = repair->folder.io->ops->sync(repair->folder.io, file);
    repair->folder.io->ops->close(repair->folder.io, file); /* the sync has said all there is to say */
    return rc;
}

/* At the end of the log, and more had been durable: what the next sequence is then; 0: nothing is missing. Where no
 * block is left to tell which sequences were there, one at least. */
static uint64_t expect_mark(struct repair *repair)
{
    if (repair->mark == 0 || repair->mark < repair->expected)
        return 0;
    if (repair->expected == 0)
        repair->expected = repair->mark;
    return repair->mark + 1;
}

/* Behind the last block of a segment that can be reached: what is there, and what is missing. */
static int mend_end(struct repair *repair, const struct quire__segment_header *header, uint64_t index, uint64_t offset,
                    uint32_t previous_pages, bool broken, bool sealed)
{
    uint64_t size = 0;
    uint64_t next = 0;

    int rc = quire__scan_size(&repair->scan, &size);
    if (rc == 0)
        rc = find_next(repair, index + 1, &next);
    if (rc < 0)
        return rc;
    if (next == 0)
        next = expect_mark(repair);
    bool lost = repair->expected != 0 && next > repair->expected;
    /* Missing segments are declared by segments, unless the numbers leave no room for them. */
    bool hole = index + 1 < repair->folder.list.count &&
                repair->folder.list.numbers[index + 1] != repair->folder.list.numbers[index] + 1;
    if (!broken && (!lost || hole || sealed))
        return 0;
    struct quire__tail tail;
    rc = quire__tail_read(repair->folder.io, repair->scan.file, &header->identity, size, &tail);
    if (rc < 0)
        return rc;
    /* Space that was made ready is nothing to keep. */
    uint64_t end = tail.end == offset ? tail.junk_end : quire__max(size, offset);
    rc = mend_place(repair, header, offset, end, previous_pages, hole ? 0 : next, true);
    if (rc == 0 && lost && !hole)
        repair->expected = next;
    return rc;
}

/* Do the sums that a footer holds fit the blocks before it? Where a place of the segment was mended they cannot; nor
 * where that was done before, and this was not come to any more: a step of its own. */
static int mend_footer(struct repair *repair, const struct quire__segment_header *header,
                       const struct quire__found *footer, const struct quire__disk_footer *sums, bool mended)
{
    struct quire_repair_step step = {
        .kind = QUIRE_REPAIR_RENEW_FOOTER, .segment = header->number, .offset = footer->offset};
    struct quire__disk_footer is;

    memcpy(&is, footer->payload, sizeof is);
    if (mended)
        return repair->apply ? renew_footer(repair, header, footer) : 0;
    if (is.blocks == sums->blocks && is.records == sums->records && is.lost == sums->lost &&
        is.checksum == sums->checksum)
        return 0;
    int rc = announce(repair, &step);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return renew_footer(repair, header, footer);
}

static int mend_segment(struct repair *repair, uint64_t index, const struct quire__segment_header *header)
{
    struct quire__disk_footer sums = {0};
    uint64_t offset = QUIRE__SEGMENT_BEGIN;
    uint32_t previous_pages = 0;
    uint64_t before = repair->steps;
    struct quire__found found;

    for (;;) {
        int rc = quire__scan_read(&repair->scan, offset, &found);
        if (rc < 0)
            return rc;
        if (found.kind == QUIRE__FIND_BROKEN && found.code != QUIRE_E_DAMAGED)
            return found.code; /* not damaged, but beyond this build */
        bool fits = found.kind == QUIRE__FIND_BLOCK &&
                    (repair->expected == 0 || found.header.first_sequence == repair->expected ||
                     (offset == QUIRE__SEGMENT_BEGIN && found.header.first_sequence < repair->expected));
        if (!fits) {
            bool is_found = false;
            bool broken = found.kind == QUIRE__FIND_BROKEN || found.kind == QUIRE__FIND_BLOCK;
            rc = scan_ahead(repair, offset + (broken ? QUIRE__PAGE : 0), quire__max(repair->expected, 1), &is_found,
                            &found);
            if (rc < 0 || !is_found)
                return rc < 0 ? rc : mend_end(repair, header, index, offset, previous_pages, broken, false);
            /* Pages between two blocks that cost no record are passed over by every reader. */
            if (repair->expected == 0 || found.header.first_sequence > repair->expected)
                rc = mend_place(repair, header, offset, found.offset, previous_pages, found.header.first_sequence,
                                false);
            if (rc < 0)
                return rc;
        }
        repair->expected = quire__block_next(&found.header);
        repair->time = quire__max(repair->time, found.header.last_time);
        repair->mark = quire__max(repair->mark, quire__block_mark(&found.header));
        previous_pages = found.header.pages;
        offset = quire__found_end(&found);
        if (found.header.type != QUIRE__BLOCK_FOOTER) {
            quire__footer_add(&sums, &found.header);
            continue;
        }
        rc = mend_footer(repair, header, &found, &sums, repair->steps > before);
        return rc < 0 ? rc : mend_end(repair, header, index, offset, previous_pages, false, true);
    }
}

/* A segment that says that the sequences from first to last are lost, if any are. */
static int declare_missing(struct repair *repair, uint64_t number, uint64_t first, uint64_t last)
{
    struct quire__disk_gap gap = {.reason = QUIRE_GAP_DAMAGE};
    struct quire__disk_block header = gap_header(repair, first, last);
    struct quire_repair_step step = {.kind = QUIRE_REPAIR_DECLARE_MISSING,
                                     .segment = number,
                                     .first_sequence = last >= first ? first : 0,
                                     .last_sequence = last >= first ? last : 0};
    struct quire__draft draft;

    int rc = announce(repair, &step);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = quire__draft_begin(&draft, &repair->folder, number);
    if (rc < 0)
        return rc;
    draft.sums.last_time = repair->time;
    header.payload_bytes = sizeof gap;
    if (last >= first)
        rc = quire__draft_add(&draft, &header, &gap);
    if (rc == 0)
        rc = quire__draft_seal(&draft, quire__max(last + 1, first));
    if (rc < 0) {
        quire__draft_abandon(&draft);
        return rc;
    }
    return quire__draft_finish(&draft);
}

/* Numbers from first to last have no segment that can be read; index is that of the next one that may. */
static int mend_missing(struct repair *repair, uint64_t first, uint64_t last, uint64_t index)
{
    uint64_t next = 0;

    if (last - first >= MISSING_MOST)
        return QUIRE_E_MISSING;
    int rc = find_next(repair, index, &next);
    if (rc < 0)
        return rc;
    /* Nothing is known of what was before: the log begins with what comes next. */
    if (next != 0 && repair->expected == 0)
        return 0;
    if (next == 0)
        next = quire__max(repair->mark + 1, repair->expected);
    /* Recovery takes away a segment of which nothing was left, and its number is not given again. */
    if (next == repair->expected)
        return 0;
    uint64_t from = repair->expected ? repair->expected : next;
    for (uint64_t number = first; number <= last && rc == 0; number++) {
        /* All in the first one; the others keep the numbers together. */
        rc = declare_missing(repair, number, from, quire__max(next, from) - 1);
        from = quire__max(next, from);
    }
    repair->expected = quire__max(next, from);
    return rc;
}

/* What stands there is no file: its name can only be changed. */
static int move_aside(struct repair *repair, uint64_t number)
{
    struct quire__io *io = repair->folder.io;
    struct quire__path path;
    struct quire__path aside;
    int file = -1;

    int rc = quire__segment_path(repair->folder.directory, number, &path);
    if (rc == 0)
        rc = quire__torn_create(io, repair->folder.directory, number, 0, &aside, &file);
    if (rc < 0)
        return rc;
    io->ops->close(io, file); /* an empty file that holds the name: nothing to lose */
    rc = io->ops->rename(io, path.text, aside.text);
    return rc < 0 ? rc : io->ops->sync_directory(io, path.text);
}

/* All of a segment's file is copied, and stays where it is for now. */
static int keep_all(struct repair *repair, uint64_t number)
{
    struct quire__io *io = repair->folder.io;
    struct quire__io_facts facts;
    enum quire_call call;
    int file = -1;

    int rc = quire__segment_open_file(io, repair->folder.directory, number, QUIRE__IO_READ_ONLY, &file);
    if (rc < 0)
        return quire__is_damage(rc) ? move_aside(repair, number) : rc;
    rc = io->ops->facts(io, file, &facts);
    io->ops->close(io, file); /* opened for reading: nothing to lose */
    return rc < 0 ? rc : quire__keep_aside(io, repair->folder.directory, number, 0, facts.size, &call);
}

/* A segment that cannot be read at all. One that declares its loss takes its place with one rename: were the number
 * gone in between, a log whose first segment it was would seem to begin later, and nothing would be declared. */
static int set_aside(struct repair *repair, uint64_t number, uint64_t index)
{
    struct quire_repair_step step = {.kind = QUIRE_REPAIR_SET_ASIDE, .segment = number};

    int rc = announce(repair, &step);
    if (rc == 0)
        rc = keep_all(repair, number);
    if (rc < 0)
        return rc;
    uint64_t before = repair->steps;
    rc = mend_missing(repair, number, number, index + 1);
    if (rc < 0 || !repair->apply || repair->steps > before)
        return rc;
    /* Nothing was lost with it; or what was, is declared by the next one, and until then the first one is needed. */
    if (index > 0)
        return quire__folder_remove(&repair->folder, number);
    repair->goes_last = number;
    return 0;
}

static int mend_one(struct repair *repair, uint64_t index)
{
    const uint64_t *numbers = repair->folder.list.numbers;
    struct quire__segment_header header;
    uint64_t bytes;
    int file = -1;
    int rc = 0;

    if (index == 0 && numbers[0] == 1)
        repair->expected = 1;
    if (index > 0 && numbers[index] != numbers[index - 1] + 1)
        rc = mend_missing(repair, numbers[index - 1] + 1, numbers[index] - 1, index);
    if (rc < 0)
        return rc;
    rc = quire__segment_open(repair->folder.io, repair->folder.directory, numbers[index], repair->folder.log_id, &file,
                             &header, &bytes);
    if (rc < 0 && !quire__is_damage(rc))
        return rc; /* not damaged, but beyond this build, this user, or this device today */
    if (rc < 0)
        return set_aside(repair, numbers[index], index);
    quire__scan_enter(&repair->scan, file, &header);
    return mend_segment(repair, index, &header);
}

/* More is known to have been durable than the last segment, which is sealed, has room to declare. */
static int mend_last(struct repair *repair)
{
    const struct quire__segment_list *list = &repair->folder.list;
    uint64_t number = list->numbers[list->count - 1] + 1;

    return expect_mark(repair) > 0 ? mend_missing(repair, number, number, list->count) : 0;
}

int quire__repair_on(struct quire__io *io, const char *directory, int apply, quire_see_step *see, void *context,
                     uint64_t *steps)
{
    struct repair repair = {.apply = apply, .see = see, .context = context};

    if (!directory)
        return QUIRE_E_ARGUMENT;
    int rc = quire__folder_open(&repair.folder, io, directory);
    if (rc < 0)
        return rc;
    rc = quire__live_mark(repair.folder.io, directory, repair.folder.log_id, &repair.mark);
    if (rc == 0)
        rc = quire__scan_open(&repair.scan, repair.folder.io, QUIRE__BLOCK_MOST_DEFAULT);
    if (rc == 0) {
        for (uint64_t i = 0; i < repair.folder.list.count && rc == 0; i++)
            rc = mend_one(&repair, i);
        if (rc == 0)
            rc = mend_last(&repair);
        if (rc == 0 && repair.goes_last > 0)
            rc = quire__folder_remove(&repair.folder, repair.goes_last);
        quire__scan_close(&repair.scan);
    }
    quire__folder_close(&repair.folder);
    if (rc == 0 && steps)
        *steps = repair.steps;
    return rc;
}

int quire_repair(const char *directory, int apply, quire_see_step *see, void *context, uint64_t *steps)
{
    return quire__repair_on(quire__io_system(), directory, apply, see, context, steps);
}
