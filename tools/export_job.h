/* quire export: what was asked, and what became of it. export.c takes the options, export_prepare.c looks at the log,
 * export_read.c takes the records out of it, export_file.c makes one file, export_segments.c one for each segment.
 *
 * Exit codes of commands are passed around here, each after its complaint.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_EXPORT_JOB_H
#define TOOLS_EXPORT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <quire/check.h>
#include <quire/reader.h>

#include "export/lines.h"
#include "export/rows.h"

#define EXPORT_NAME "quire export"

/* Which records: sequences and times, both ends included. */
struct export_range {
    uint64_t from, to;     /* 1 and UINT64_MAX where they are not given */
    uint64_t since, until; /* 0 and UINT64_MAX */
};

struct export_job {
    const char *directory, *out;
    struct export_range range;
    struct export_rows rows; /* format, payload and fields, and in the end its columns */
    bool format_given;
    bool guess_fields;
    uint64_t group_rows, group_bytes;
    int zstd; /* the level; 0: none */
    bool replace, segments, follow, json;
    uint32_t flags; /* QUIRE_READ_... */
    struct quire_log_info log;
    struct {
        uint64_t rows, groups, bytes, files;
        uint64_t lost;       /* records */
        uint64_t lost_bytes; /* of a file of bytes */
        uint64_t cut;        /* lines that came as several */
        uint64_t not_json, not_text;
    } total;
    bool damaged; /* damage was passed over */
};

/* A log being read, record by record. */
struct export_reading {
    struct export_job *job;
    const char *path; /* of the file that is made of it */
    struct export_range range;
    bool quiet; /* only looked at: gaps are not said, nor progress */
    quire_reader *reader;
    struct quire_damage damage;
    uint64_t first, last; /* sequences: of what is read, as far as is known; for the progress */
    /* What is done with a row: 0 to go on, 1: enough, or a code. */
    int (*see)(void *context, const struct export_row *row);
    void *context;
    struct export_lines lines;
    bool whole_lines; /* a line must have its end: else it is too early */
    uint64_t lost;
};

/* What export_read gives beside the exit codes: it is too early for this segment. */
enum { EXPORT_TOO_EARLY = -1 };

/* Opens the log, looks at its first record and takes the format from that unless one was given, makes the list of
 * fields if it is to be guessed, and then the columns. An exit code, after a complaint. */
int export_prepare(struct export_job *job);

/* Reads the range, each of its rows once. An exit code after a complaint, 128 + signal, or EXPORT_TOO_EARLY. */
int export_read(struct export_reading *reading);

/* The range as a file of that path. segment: 0, or its number. The same codes; nothing is left behind unless EXIT_DONE.
 * */
int export_file(struct export_job *job, const char *path, const struct export_range *range, uint64_t segment);

/* Each sealed segment as a file in the directory job->out, and with job->follow those that are sealed later. */
int export_segments(struct export_job *job);

/* Says why the file of that path could not be made. EXIT_FAILED. */
int export_complain_of_file(const char *path, int code);

#endif
