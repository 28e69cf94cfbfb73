/* quire_inspect: what is in a log, by the headers of its blocks.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include <quire/check.h>

#include "base/given.h"
#include "io/retry.h"
#include "reader/reader.h"
#include "reader/whole.h"

#define INFO_LEAST (offsetof(struct quire_log_info, segments) + sizeof(uint64_t))

struct inspect {
    struct quire__catalog catalog;
    struct quire__scan scan;
    struct quire__live live;
    struct quire_log_info *info;
    uint64_t durable;
};

static void count_header(struct inspect *inspect, const struct quire__found *found, struct quire_segment_info *segment)
{
    const struct quire__disk_block *header = &found->header;

    inspect->durable = quire__max(inspect->durable, quire__block_mark(header));
    segment->blocks++;
    segment->data_bytes = quire__found_end(found);
    if (header->type == QUIRE__BLOCK_FOOTER) {
        segment->sealed = 1;
        return;
    }
    *(header->type == QUIRE__BLOCK_GAP ? &segment->lost : &segment->records) += header->records;
    if (segment->first_sequence == 0) {
        segment->first_sequence = header->first_sequence;
        segment->first_time = header->first_time;
    }
    segment->last_sequence = quire__block_next(header) - 1;
    segment->last_time = header->last_time;
}

/* Does the file end within the block? It may have grown since it was measured. */
static int reaches_behind(struct inspect *inspect, const struct quire__found *found, struct quire_segment_info *segment,
                          bool *is)
{
    int rc = 0;

    if (quire__found_end(found) > segment->file_bytes)
        rc = quire__scan_size(&inspect->scan, &segment->file_bytes);
    *is = quire__found_end(found) > segment->file_bytes;
    return rc;
}

/* Along the headers. Ends at a footer, or where the chain of blocks ends or breaks: *stop says with what. */
static int walk(struct inspect *inspect, uint64_t *next, struct quire__found *stop, struct quire_segment_info *segment)
{
    uint64_t offset = stop->offset;
    bool is_cut_off = false;

    for (;;) {
        int rc = quire__scan_look(&inspect->scan, offset, stop);
        if (rc < 0 || stop->kind != QUIRE__FIND_BLOCK || (*next != 0 && stop->header.first_sequence != *next))
            return rc;
        rc = reaches_behind(inspect, stop, segment, &is_cut_off);
        if (rc < 0 || is_cut_off)
            return rc;
        count_header(inspect, stop, segment);
        *next = quire__block_next(&stop->header);
        offset = quire__found_end(stop);
        if (segment->sealed)
            return 0;
    }
}

/* What is there behind the place where the chain broke? It may be what was expected, which came meanwhile. */
static int look_ahead(struct inspect *inspect, uint64_t *next, struct quire__found *stop,
                      struct quire_segment_info *segment, bool *is_found)
{
    uint64_t offset = stop->offset;
    bool is_cut_off = false;

    int rc = quire__scan_ahead(&inspect->scan, offset, quire__max(1, *next), is_found, stop);
    if (rc == 0 && *is_found)
        rc = reaches_behind(inspect, stop, segment, &is_cut_off);
    *is_found = *is_found && !is_cut_off;
    if (rc < 0 || !*is_found || (stop->offset == offset && stop->header.first_sequence == *next))
        return rc;
    segment->code = segment->code < 0 ? segment->code : QUIRE_E_DAMAGED;
    *next = stop->header.first_sequence;
    return 0;
}

/* Where the chain broke: is there more behind? Then it goes on there. */
static int inspect_blocks(struct inspect *inspect, struct quire_segment_info *segment)
{
    struct quire__found stop = {.offset = QUIRE__SEGMENT_BEGIN};
    uint64_t next = 0;
    bool is_found = true;
    int rc = 0;

    while (rc == 0 && is_found) {
        rc = walk(inspect, &next, &stop, segment);
        is_found = false;
        if (rc < 0 || segment->sealed || stop.kind == QUIRE__FIND_EMPTY)
            break;
        /* Not to be read is not the same as not there. */
        if (stop.kind == QUIRE__FIND_BROKEN && stop.code != QUIRE_E_DAMAGED)
            segment->code = stop.code;
        rc = look_ahead(inspect, &next, &stop, segment, &is_found);
    }
    return rc;
}

static int inspect_segment(struct inspect *inspect, uint64_t index, struct quire_segment_info *segment)
{
    struct quire__segment_header header;
    int file;

    int rc = quire__catalog_open_segment(&inspect->catalog, index, &file, &header);
    if (rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE)
        return rc;
    if (rc < 0) {
        segment->code = rc;
        return 0;
    }
    quire__scan_enter(&inspect->scan, file, &header);
    segment->created = header.created;
    rc = quire__scan_size(&inspect->scan, &segment->file_bytes);
    segment->data_bytes = quire__min(QUIRE__SEGMENT_BEGIN, segment->file_bytes);
    if (rc == 0)
        rc = inspect_blocks(inspect, segment);
    quire__scan_leave(&inspect->scan);
    return rc;
}

static void add_segment(struct quire_log_info *info, const struct quire_segment_info *segment)
{
    info->segments++;
    info->file_bytes += segment->file_bytes;
    info->data_bytes += segment->data_bytes;
    if (segment->first_sequence == 0)
        return;
    if (info->first_sequence == 0) {
        info->first_sequence = segment->first_sequence;
        info->first_time = segment->first_time;
    }
    info->last_sequence = segment->last_sequence;
    info->last_time = segment->last_time;
}

/* Sequences between two segments that neither has. The earlier one cannot be read to its end then. */
static void judge_seam(struct quire_segment_info *before, const struct quire_segment_info *segment)
{
    if (before->code == 0 && before->last_sequence != 0 && segment->first_sequence > before->last_sequence + 1)
        before->code = before->sealed || segment->number > before->number + 1 ? QUIRE_E_MISSING : QUIRE_E_DAMAGED;
}

/* It ended in front of what the next one begins with, or held nothing: more may have come before that did. */
static bool may_have_grown(const struct quire_segment_info *before, const struct quire_segment_info *segment)
{
    return before->number != 0 && before->code == 0 && !before->sealed &&
           segment->first_sequence > before->last_sequence + 1;
}

static int tell(struct inspect *inspect, const struct quire_segment_info *segment, quire_see_segment *see,
                void *context)
{
    if (segment->number == 0 || segment->code == -ENOENT)
        return 0; /* there is none, or retention took it meanwhile */
    add_segment(inspect->info, segment);
    return see ? see(context, segment) : 0;
}

/* Told one behind: what a segment's end means, the next one says. */
static int inspect_segments(struct inspect *inspect, quire_see_segment *see, void *context)
{
    struct quire_segment_info before = {0};
    uint64_t index = 0;
    int rc = 0;

    for (uint64_t i = 0; rc == 0 && i < inspect->catalog.count; i++) {
        struct quire_segment_info segment = {.number = inspect->catalog.entries[i].number};
        rc = inspect_segment(inspect, i, &segment);
        if (rc == 0 && segment.code == -ENOENT)
            continue;
        if (rc == 0 && may_have_grown(&before, &segment)) {
            before = (struct quire_segment_info){.number = before.number};
            rc = inspect_segment(inspect, index, &before);
        }
        if (rc < 0)
            break;
        judge_seam(&before, &segment);
        rc = tell(inspect, &before, see, context);
        before = segment;
        index = i;
    }
    return rc == 0 ? tell(inspect, &before, see, context) : rc;
}

/* By trying the lock, for a moment. */
static int look_locked(struct quire__io *io, const char *directory, uint32_t *locked)
{
    int folder;

    int rc = quire__io_open_file(io, directory, QUIRE__IO_READ_ONLY | QUIRE__IO_FOLDER, 0, &folder);
    if (rc < 0)
        return rc;
    rc = io->ops->lock(io, folder);
    io->ops->close(io, folder); /* with it goes the lock */
    *locked = rc == QUIRE_E_LOCKED;
    return rc == QUIRE_E_LOCKED ? 0 : rc;
}

static int count_torn_files(struct quire__io *io, const char *directory, uint64_t *count)
{
    struct quire__segment_list list;

    int rc = quire__segment_list_read(io, directory, &list);
    *count = list.torn_files;
    quire__segment_list_free(&list);
    return rc;
}

static int inspect_log(struct inspect *inspect, quire_see_segment *see, void *context)
{
    struct quire__catalog *catalog = &inspect->catalog;

    memcpy(inspect->info->id, catalog->log_id, sizeof inspect->info->id);
    inspect->info->version = QUIRE__FORMAT_VERSION;
    int rc = quire__live_read(&inspect->live, catalog->io, catalog->directory, catalog->log_id);
    /* One that is no file of a log's is not there. */
    if (rc < 0 && rc > -4096)
        return rc;
    rc = look_locked(catalog->io, catalog->directory, &inspect->info->locked);
    if (rc == 0)
        rc = count_torn_files(catalog->io, catalog->directory, &inspect->info->torn_files);
    if (rc == 0)
        rc = quire__scan_open(&inspect->scan, catalog->io, QUIRE__BLOCK_MOST_DEFAULT);
    if (rc < 0)
        return rc;
    inspect->scan.window.ahead = QUIRE__WINDOW_PROBE;
    rc = inspect_segments(inspect, see, context);
    quire__scan_close(&inspect->scan);
    if (inspect->live.is_known)
        inspect->durable = quire__max(inspect->durable, inspect->live.disk.durable);
    inspect->info->durable = inspect->durable;
    return rc;
}

int quire__inspect_on(struct quire__io *io, const char *directory, quire_see_segment *see, void *context,
                      struct quire_log_info *info)
{
    struct quire_log_info found = {.size = sizeof found};
    struct inspect inspect = {.info = &found};
    uint64_t number = 0;

    if (!directory || !info)
        return QUIRE_E_ARGUMENT;
    if (!quire__given_holds(info, INFO_LEAST))
        return QUIRE_E_OPTIONS;
    int rc = quire__catalog_open(&inspect.catalog, io, directory, &number);
    if (rc < 0)
        return rc;
    rc = inspect_log(&inspect, see, context);
    quire__catalog_close(&inspect.catalog);
    if (rc == 0)
        quire__given_fill(info, &found, sizeof found);
    return rc;
}

int quire_inspect(const char *directory, quire_see_segment *see, void *context, struct quire_log_info *info)
{
    return quire__inspect_on(quire__io_system(), directory, see, context, info);
}
