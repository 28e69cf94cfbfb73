/* A log's records as rows. See rows.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

/* In front of a message: see tools/record_out.h. */
enum { HEAD = 9 };

bool export_rows_owns(const struct export_rows *rows, const char *name)
{
    const struct {
        const char *name;
        bool there;
    } own[EXPORT_OWN_MOST] = {{"sequence", true},
                              {"time", true},
                              {"offset", rows->format == EXPORT_LINES},
                              {"level", rows->format == EXPORT_RECORD},
                              {"payload", rows->payload != EXPORT_PAYLOAD_NONE},
                              {"payload_bytes", rows->payload == EXPORT_PAYLOAD_TEXT}};
    for (size_t i = 0; i < EXPORT_OWN_MOST; i++)
        if (own[i].there && strcasecmp(own[i].name, name) == 0)
            return true;
    return false;
}

static void add(struct export_rows *rows, struct export_column column)
{
    rows->columns[rows->column_count++] = column;
}

int export_rows_shape(struct export_rows *rows)
{
    rows->columns = calloc(EXPORT_OWN_MOST + rows->fields.count, sizeof rows->columns[0]);
    if (!rows->columns)
        return -ENOMEM;
    rows->column_count = 0;
    add(rows, (struct export_column){.name = "sequence", .type = EXPORT_INTEGER, .steady = true});
    add(rows, (struct export_column){.name = "time", .type = EXPORT_TIME, .optional = true, .steady = true});
    if (rows->format == EXPORT_LINES)
        add(rows, (struct export_column){.name = "offset", .type = EXPORT_INTEGER, .steady = true});
    if (rows->format == EXPORT_RECORD)
        add(rows, (struct export_column){.name = "level", .type = EXPORT_INTEGER, .optional = true});
    rows->first_field = rows->column_count;
    for (size_t i = 0; i < rows->fields.count; i++)
        add(rows, (struct export_column){
                      .name = rows->fields.field[i].name, .type = rows->fields.field[i].type, .optional = true});
    if (rows->payload == EXPORT_PAYLOAD_TEXT)
        add(rows, (struct export_column){.name = "payload", .type = EXPORT_TEXT, .optional = true});
    if (rows->payload == EXPORT_PAYLOAD_TEXT)
        add(rows, (struct export_column){.name = "payload_bytes", .type = EXPORT_BYTES, .optional = true});
    if (rows->payload == EXPORT_PAYLOAD_BYTES)
        add(rows, (struct export_column){.name = "payload", .type = EXPORT_BYTES});
    return 0;
}

void export_rows_free(struct export_rows *rows)
{
    export_fields_free(&rows->fields);
    free(rows->columns);
    *rows = (struct export_rows){.columns = NULL};
}

bool export_row_head(struct export_row *row, int *level)
{
    const unsigned char *data = row->data;
    uint64_t time;
    if (row->length < HEAD || data[sizeof time - 1] >= 0x80)
        return false;
    memcpy(&time, data, sizeof time);
    row->time = le64toh(time);
    *level = data[HEAD - 1];
    row->data = data + HEAD;
    row->length -= HEAD;
    return true;
}

/* A time after the year 2262 is one that no column of nanoseconds has. */
static int put_time(struct export_parquet *parquet, size_t column, uint64_t time)
{
    return time <= INT64_MAX ? export_parquet_integer(parquet, column, (int64_t)time)
                             : export_parquet_null(parquet, column);
}

static int put_payload(struct export_rows *rows, struct export_parquet *parquet, size_t column,
                       const struct export_row *row, bool text)
{
    if (rows->payload == EXPORT_PAYLOAD_NONE)
        return 0;
    if (rows->payload == EXPORT_PAYLOAD_BYTES)
        return export_parquet_bytes(parquet, column, row->data, row->length);
    rows->not_text += !text;
    int rc = export_parquet_null(parquet, text ? column + 1 : column);
    return rc == 0 ? export_parquet_bytes(parquet, text ? column : column + 1, row->data, row->length) : rc;
}

/* The columns in front of the fields. */
static int put_own(const struct export_rows *rows, struct export_parquet *parquet, struct export_row *row)
{
    int level;
    bool has_level = rows->format == EXPORT_RECORD && export_row_head(row, &level);
    int rc = export_parquet_integer(parquet, 0, (int64_t)row->sequence);
    if (rc == 0)
        rc = put_time(parquet, 1, row->time);
    if (rc == 0 && rows->format == EXPORT_LINES)
        rc = export_parquet_integer(parquet, 2, (int64_t)row->offset);
    if (rc == 0 && rows->format == EXPORT_RECORD)
        rc = has_level ? export_parquet_integer(parquet, 2, level) : export_parquet_null(parquet, 2);
    return rc;
}

int export_rows_put(struct export_rows *rows, struct export_parquet *parquet, const struct export_row *given)
{
    struct export_row row = *given;
    if (row.sequence > INT64_MAX || row.offset > INT64_MAX)
        return -EOVERFLOW;
    int rc = put_own(rows, parquet, &row);
    if (rc < 0)
        return rc;
    bool text =
        (rows->payload == EXPORT_PAYLOAD_TEXT || rows->fields.count > 0) && export_is_utf8(row.data, row.length);
    if (rows->fields.count > 0) {
        rows->not_json += !export_fields_read(&rows->fields, row.data, row.length, text);
        rc = export_fields_put(&rows->fields, parquet, rows->first_field);
    }
    if (rc == 0)
        rc = put_payload(rows, parquet, rows->first_field + rows->fields.count, &row, text);
    if (rc == 0)
        rc = export_parquet_row(parquet);
    rows->rows += rc == 0;
    return rc;
}

static bool is_owned(void *context, const char *name)
{
    return export_rows_owns(context, name);
}

int export_rows_guessed(struct export_rows *rows, const struct export_guess *guess, bool *left_out)
{
    return export_guess_add(guess, &rows->fields, is_owned, rows, left_out);
}
