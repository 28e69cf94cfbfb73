/* A log's records as rows: which columns there are, and what of a record goes where.
 *
 *     sequence  time  [offset]  [level]  fields...  [payload]  [payload_bytes]
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_ROWS_H
#define EXPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "parquet.h"

enum export_format {
    EXPORT_WHOLE,  /* a record is a payload */
    EXPORT_RECORD, /* a time of 8 bytes, a level of 1, and a message, as `quire cat --format record` has it */
    EXPORT_LINES   /* records are pieces of a file of bytes, whose lines are the payloads */
};

enum export_payload {
    EXPORT_PAYLOAD_TEXT,  /* payload has what is UTF-8, payload_bytes the rest: a row has one of them */
    EXPORT_PAYLOAD_BYTES, /* payload has any bytes */
    EXPORT_PAYLOAD_NONE
};

/* The columns beside the fields. */
enum { EXPORT_OWN_MOST = 6 };

struct export_rows {
    enum export_format format;
    enum export_payload payload;
    struct export_fields fields;
    struct export_column *columns;
    size_t column_count;
    size_t first_field; /* where they begin among the columns */
    uint64_t rows;
    uint64_t not_json; /* rows whose payload was to have fields, and is no JSON object */
    uint64_t not_text; /* rows with payload_bytes */
};

struct export_row {
    uint64_t sequence, time;
    uint64_t offset; /* of EXPORT_LINES */
    const void *data;
    size_t length;
};

/* Takes what a row of EXPORT_RECORD has in front of its message. False: the row is left alone, for what is too short
 * for that, or has a time before 1970, is a message without a level. */
bool export_row_head(struct export_row *row, int *level);

/* Is this the name of a column that is there besides fields, as format and payload have it? Readers may know no case.
 * */
bool export_rows_owns(const struct export_rows *rows, const char *name);

/* What was guessed is added to the fields, under names that are free. As export_guess_add. */
int export_rows_guessed(struct export_rows *rows, const struct export_guess *guess, bool *left_out);

/* format, payload and fields are set: makes columns of them. 0 or -ENOMEM. */
int export_rows_shape(struct export_rows *rows);
void export_rows_free(struct export_rows *rows);

/* One row. 0 or a code; -EOVERFLOW: a sequence or an offset of more than 63 bits. */
int export_rows_put(struct export_rows *rows, struct export_parquet *parquet, const struct export_row *given);

#endif
