/* What has to be known before the first row is written: the format, the fields, the columns. See export_job.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "bytes/piece.h"
#include "command.h"
#include "export_job.h"
#include "log_words.h"

#define COMPLAIN(...) command_complain(EXPORT_NAME, EXIT_FAILED, __VA_ARGS__)

/* So many rows are looked at for fields. */
enum { GUESS_ROWS = 1000 };

/* A log whose first record is a piece of a file of bytes is one. */
static int find_format(struct export_job *job)
{
    struct quire_damage damage;
    struct quire_reader_options options = {
        .size = sizeof options, .flags = job->flags | QUIRE_READ_GAPS, .damage = &damage};
    struct quire_record record;
    quire_reader *reader;
    uint64_t offset;
    int rc = quire_reader_open(job->directory, &options, &reader);
    if (rc < 0)
        return log_complain(EXPORT_NAME, job->directory, rc, &damage);
    while ((rc = quire_reader_next(reader, &record)) == 1 && record.kind == QUIRE_RECORD_GAP)
        continue;
    bool pieces = rc == 1 && bytes_piece_parse(record.data, record.length, &offset);
    if (!job->format_given && pieces)
        job->rows.format = EXPORT_LINES;
    int end = quire_reader_close(reader);
    rc = rc < 0 ? rc : end;
    return rc < 0 ? log_complain(EXPORT_NAME, job->directory, rc, &damage) : EXIT_DONE;
}

struct look {
    struct export_guess *guess;
    bool record; /* there is a head in front of the message */
    uint64_t rows;
};

static int see_row(void *context, const struct export_row *row)
{
    struct look *look = context;
    struct export_row message = *row;
    int level;
    if (look->record)
        export_row_head(&message, &level);
    int rc = export_guess_look(look->guess, message.data, message.length);
    return rc < 0 ? rc : ++look->rows == GUESS_ROWS;
}

/* Says what was found as the list that gives it again. */
static int add_guessed(struct export_job *job, const struct export_guess *guess)
{
    bool left_out;
    size_t first = job->rows.fields.count;
    if (export_rows_guessed(&job->rows, guess, &left_out) < 0)
        return COMPLAIN("there is no memory for the fields");
    if (job->rows.fields.count == first)
        return COMPLAIN("--fields auto: no JSON object is among the first %d records", GUESS_ROWS);
    char *list = export_field_list_text(&job->rows.fields, first);
    if (list)
        COMPLAIN("--fields %s%s", list,
                 left_out ? " (there are more: too many, or with names that no column has)" : "");
    free(list);
    return EXIT_DONE;
}

static int guess_fields(struct export_job *job)
{
    struct look look = {.guess = export_guess_open(), .record = job->rows.format == EXPORT_RECORD};
    struct export_job quiet = *job; /* gaps are counted when they are met again */
    quiet.flags |= QUIRE_READ_GAPS;
    struct export_reading reading = {
        .job = &quiet, .path = job->out, .range = job->range, .see = see_row, .context = &look, .quiet = true};
    if (!look.guess)
        return COMPLAIN("there is no memory for the fields");
    int code = export_read(&reading);
    if (code == EXIT_DONE)
        code = add_guessed(job, look.guess);
    export_guess_close(look.guess);
    return code;
}

/* Which columns there are besides is known now. */
static int check_names(const struct export_job *job)
{
    for (size_t i = 0; i < job->rows.fields.count; i++) {
        const char *name = job->rows.fields.field[i].name;
        if (export_rows_owns(&job->rows, name))
            return command_complain(
                EXPORT_NAME, EXIT_USAGE,
                "a field cannot be the column \"%s\", which is quire's: NAME=PATH gives another name", name);
    }
    return EXIT_DONE;
}

int export_prepare(struct export_job *job)
{
    job->log = (struct quire_log_info){.size = sizeof job->log};
    int rc = quire_inspect(job->directory, NULL, NULL, &job->log);
    if (rc < 0)
        return log_complain(EXPORT_NAME, job->directory, rc, NULL);
    int code = find_format(job);
    if (code == EXIT_DONE)
        code = check_names(job);
    if (code == EXIT_DONE && job->guess_fields)
        code = guess_fields(job);
    if (code == EXIT_DONE && export_rows_shape(&job->rows) < 0)
        code = COMPLAIN("there is no memory for %zu columns", job->rows.fields.count);
    return code;
}
