/* The records of a log as rows. See export_job.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/progress.h"
#include "base/stop.h"
#include "bytes/piece.h"
#include "command.h"
#include "export_job.h"
#include "log_words.h"
#include "record_out.h"

#define COMPLAIN(...) command_complain(EXPORT_NAME, EXIT_FAILED, __VA_ARGS__)

/* How far it is, is shown once in so many records. */
enum { RECORDS_BETWEEN = 1024 };

static int complain_of_log(const struct export_reading *r, int code)
{
    return log_complain(EXPORT_NAME, r->job->directory, code, &r->damage);
}

static int complain_of_seek(struct export_reading *r, int rc)
{
    int said = log_complain_of_seek(EXPORT_NAME, r->reader, r->range.from, rc);
    return said ? said : complain_of_log(r, rc);
}

static int seek(struct export_reading *r)
{
    int rc = 0;
    if (r->range.from > 1)
        rc = quire_reader_seek_sequence(r->reader, r->range.from);
    else if (r->range.since > 0)
        rc = quire_reader_seek_time(r->reader, r->range.since);
    return rc < 0 ? complain_of_seek(r, rc) : EXIT_DONE;
}

/* Where the range begins within a file of bytes, the line at its beginning may have begun earlier. The piece before
 * tells: its rest is passed over, and so is a line that begins in it. */
static int step_back(struct export_reading *r)
{
    struct quire_record record;
    if (r->range.from <= 1 && r->range.since == 0)
        return EXIT_DONE;
    int rc = quire_reader_previous(r->reader, &record);
    if (rc == 1) {
        r->lines.within = record.kind == QUIRE_RECORD_DATA;
        return EXIT_DONE;
    }
    /* What lies before is gone, or damaged: then the first line is what can be had of it. */
    return rc == 0 || rc == QUIRE_E_DAMAGED || rc == QUIRE_E_MISSING || rc == QUIRE_E_TRIMMED ? EXIT_DONE
                                                                                              : complain_of_log(r, rc);
}

static bool is_wanted(const struct export_range *range, uint64_t sequence, uint64_t time)
{
    return sequence >= range->from && sequence <= range->to && time >= range->since && time <= range->until;
}

static int see_line(void *context, const struct line_place *place, const void *data, size_t length)
{
    struct export_reading *r = context;
    struct export_row row = {
        .sequence = place->sequence, .time = place->time, .offset = place->offset, .data = data, .length = length};
    return is_wanted(&r->range, place->sequence, place->time) ? r->see(r->context, &row) : 0;
}

static int see_piece(struct export_reading *r, const struct quire_record *record)
{
    struct line_place place = {.sequence = record->sequence, .time = record->time};
    const size_t head = sizeof(struct bytes_piece_head);
    if (!bytes_piece_parse(record->data, record->length, &place.offset))
        return -EBADMSG;
    return export_lines_piece(&r->lines, &place, (const char *)record->data + head, (size_t)record->length - head);
}

static int see_whole(struct export_reading *r, const struct quire_record *record)
{
    struct export_row row = {
        .sequence = record->sequence, .time = record->time, .data = record->data, .length = (size_t)record->length};
    if (record->sequence > r->range.to || record->time > r->range.until)
        return 1;
    return is_wanted(&r->range, record->sequence, record->time) ? r->see(r->context, &row) : 0;
}

/* What lies in the range of a gap is lost. */
static void see_gap(struct export_reading *r, const struct quire_record *gap)
{
    char text[RECORD_GAP_TEXT];
    uint64_t last = gap->sequence + gap->lost - 1;
    if (r->quiet || last < r->range.from || gap->sequence > r->range.to || gap->time > r->range.until)
        return;
    uint64_t first = gap->sequence > r->range.from ? gap->sequence : r->range.from;
    last = last < r->range.to ? last : r->range.to;
    r->lost += last - first + 1;
    r->job->damaged |= gap->reason == QUIRE_GAP_DAMAGE;
    COMPLAIN("\"%s\": %s", r->job->directory, record_gap_text(gap, text));
}

static void show_progress(const struct export_reading *r, uint64_t sequence)
{
    char text[64];
    uint64_t all = r->last - r->first + 1, done = sequence >= r->first ? sequence - r->first : 0;
    snprintf(text, sizeof text, "%3.0f %%  %" PRIu64 " of %" PRIu64 " records",
             all > 0 && done < all ? 100.0 * (double)done / (double)all : 100.0, done < all ? done : all, all);
    bench_progress(text);
}

static int complain_of_record(const struct export_reading *r, uint64_t sequence, int rc)
{
    if (rc == -EBADMSG)
        return COMPLAIN("record %" PRIu64 " of \"%s\" is no piece of a file of bytes: --format whole takes it as it is",
                        sequence, r->job->directory);
    if (rc == QUIRE_E_DAMAGED)
        return COMPLAIN("record %" PRIu64
                        " of \"%s\" begins in front of the end of the piece before it: nothing that quire wrote",
                        sequence, r->job->directory);
    return export_complain_of_file(r->path, rc);
}

static int read_records(struct export_reading *r)
{
    struct quire_record record;
    bool lines = r->job->rows.format == EXPORT_LINES;
    uint64_t count = 0;
    int rc = 0, got;
    while (rc == 0 && (got = quire_reader_next(r->reader, &record)) == 1) {
        if (bench_stop_signal)
            return bench_stop_code();
        if (count++ % RECORDS_BETWEEN == 0 && !r->quiet)
            show_progress(r, record.sequence);
        if (record.kind == QUIRE_RECORD_GAP)
            see_gap(r, &record);
        else
            rc = lines ? see_piece(r, &record) : see_whole(r, &record);
    }
    if (rc < 0)
        return complain_of_record(r, record.sequence, rc);
    if (rc == 0 && got < 0)
        return complain_of_log(r, got);
    if (rc == 1 || !lines)
        return EXIT_DONE;
    if (r->whole_lines && export_lines_open(&r->lines))
        return EXPORT_TOO_EARLY;
    rc = export_lines_end(&r->lines);
    return rc < 0 ? export_complain_of_file(r->path, rc) : EXIT_DONE;
}

int export_read(struct export_reading *r)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = r->job->flags, .damage = &r->damage};
    r->lines =
        (struct export_lines){.see = see_line, .context = r, .last_sequence = r->range.to, .last_time = r->range.until};
    int rc = quire_reader_open(r->job->directory, &options, &r->reader);
    if (rc < 0)
        return complain_of_log(r, rc);
    int code = seek(r);
    if (code == EXIT_DONE && r->job->rows.format == EXPORT_LINES)
        code = step_back(r);
    if (code == EXIT_DONE)
        code = read_records(r);
    bench_progress("");
    export_lines_free(&r->lines);
    rc = quire_reader_close(r->reader);
    return rc < 0 && code == EXIT_DONE ? complain_of_log(r, rc) : code;
}
