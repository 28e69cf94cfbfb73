/* A range of a log as one file. See export_job.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "export/file.h"
#include "export_job.h"
#include "info_print.h"

#include <quire/quire.h>

/* A file being made. */
struct making {
    struct export_job *job;
    const char *path;
    struct export_file file;
    struct export_parquet *parquet;
    uint64_t first, last; /* sequences of its rows */
};

int export_complain_of_file(const char *path, int code)
{
    if (code == -EEXIST)
        return command_complain(EXPORT_NAME, EXIT_FAILED, "\"%s\" is there already; --force replaces it", path);
    return command_complain(EXPORT_NAME, EXIT_FAILED, "\"%s\" could not be written: %s", path, quire_strerror(code));
}

static int write_bytes(void *context, const void *data, size_t length)
{
    struct making *making = context;
    return export_file_write(&making->file, data, length);
}

static int put_row(void *context, const struct export_row *row)
{
    struct making *making = context;
    int rc = export_rows_put(&making->job->rows, making->parquet, row);
    if (rc < 0)
        return rc;
    making->first = making->first ? making->first : row->sequence;
    making->last = row->sequence;
    return 0;
}

/* What the file says of itself. */
static int finish(struct making *making, uint64_t segment, uint64_t lost)
{
    const struct quire_log_info *log = &making->job->log;
    static const char *const formats[] = {"whole", "record", "lines"};
    char id[2 * sizeof log->id + 1], first[32], last[32], lost_text[32], segment_text[32];
    const struct export_note notes[] = {{"quire.log", id},
                                        {"quire.version", quire_version()},
                                        {"quire.format", formats[making->job->rows.format]},
                                        {"quire.first_sequence", first},
                                        {"quire.last_sequence", last},
                                        {"quire.lost", lost_text},
                                        {"quire.segment", segment_text}};
    size_t count = sizeof notes / sizeof notes[0] - (segment == 0);
    struct export_parquet_result result;
    info_hex(log->id, sizeof log->id, id);
    snprintf(first, sizeof first, "%" PRIu64, making->first);
    snprintf(last, sizeof last, "%" PRIu64, making->last);
    snprintf(lost_text, sizeof lost_text, "%" PRIu64, lost);
    snprintf(segment_text, sizeof segment_text, "%" PRIu64, segment);
    int rc = export_parquet_finish(making->parquet, notes, count, &result);
    if (rc < 0)
        return rc;
    making->job->total.rows += result.rows;
    making->job->total.groups += result.groups;
    making->job->total.bytes += result.bytes;
    return 0;
}

static int read_rows(struct making *making, const struct export_range *range, uint64_t segment)
{
    struct export_job *job = making->job;
    struct export_reading reading = {.job = job,
                                     .path = making->path,
                                     .range = *range,
                                     .see = put_row,
                                     .context = making,
                                     .whole_lines = segment > 0,
                                     .first =
                                         range->from > job->log.first_sequence ? range->from : job->log.first_sequence,
                                     .last = range->to < job->log.last_sequence ? range->to : job->log.last_sequence};
    int code = export_read(&reading);
    if (code != EXIT_DONE)
        return code;
    job->total.lost += reading.lost;
    job->total.lost_bytes += reading.lines.lost_bytes;
    job->total.cut += reading.lines.cut;
    int rc = finish(making, segment, reading.lost);
    return rc < 0 ? export_complain_of_file(making->path, rc) : EXIT_DONE;
}

int export_file(struct export_job *job, const char *path, const struct export_range *range, uint64_t segment)
{
    struct making making = {.job = job, .path = path};
    const struct export_parquet_options options = {.columns = job->rows.columns,
                                                   .column_count = job->rows.column_count,
                                                   .group_rows = job->group_rows,
                                                   .group_bytes = job->group_bytes,
                                                   .zstd = job->zstd,
                                                   .sorted = true,
                                                   .write = write_bytes,
                                                   .context = &making};
    int rc = export_file_open(&making.file, path, job->replace);
    if (rc < 0)
        return export_complain_of_file(path, rc);
    rc = export_parquet_open(&options, &making.parquet);
    int code = rc < 0 ? export_complain_of_file(path, rc) : read_rows(&making, range, segment);
    export_parquet_close(making.parquet);
    if (code != EXIT_DONE) {
        export_file_abandon(&making.file);
        return code;
    }
    rc = export_file_finish(&making.file, job->replace);
    if (rc < 0)
        return export_complain_of_file(path, rc);
    job->total.files++;
    return EXIT_DONE;
}
