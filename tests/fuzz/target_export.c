/* Records of any bytes as Parquet: fields that are listed and that are guessed, lines of pieces, pages and row groups
 * of any size. What is JSON for jansson has fields; every row is in the file, and the file has as many bytes as it
 * says.
 *
 * Input: what is wanted (1), rows of a row group (1), 2 unused, and records, each behind a byte that is its length.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#ifdef QUIRE_FUZZ_JSON
#include <jansson.h>
#endif

#include "export/compress.h"
#include "export/lines.h"
#include "export/rows.h"
#include "export/utf8.h"
#include "fuzz.h"

enum { CONTROL = 4, GUESS = 1, BYTES = 2, HEADS = 4, LINES = 8, COMPRESS = 16, SCALE = 32, SCALE_BY = 16 };

/* What goes to the file. */
struct sink {
    uint64_t bytes;
    unsigned char last[4];
};

struct input {
    const uint8_t *at;
    size_t left, scale;
};

struct session {
    struct export_rows rows;
    struct export_parquet *parquet;
    uint64_t given, sequence, offset;
};

static int write_sink(void *context, const void *data, size_t length)
{
    struct sink *sink = context;
    sink->bytes += length;
    if (length >= sizeof sink->last)
        memcpy(sink->last, (const char *)data + length - sizeof sink->last, sizeof sink->last);
    return 0;
}

/* The next record, a copy that ends where it does, so that reading behind it is seen; NULL: there is none. */
static char *next_record(struct input *input, size_t *length)
{
    if (input->left == 0)
        return NULL;
    *length = *input->at * input->scale;
    *length = *length < input->left - 1 ? *length : input->left - 1;
    char *record = malloc(*length ? *length : 1);
    FUZZ_CHECK(record, "no memory");
    memcpy(record, input->at + 1, *length);
    input->at += 1 + *length;
    input->left -= 1 + *length;
    return record;
}

/* One that nests deeper than EXPORT_JSON_DEEPEST cannot be as short as a record is here. */
static void check_json(const char *data, size_t length, bool read)
{
#ifdef QUIRE_FUZZ_JSON
    json_t *json = json_loadb(data, length, JSON_ALLOW_NUL, NULL);
    FUZZ_CHECK(!json_is_object(json) || read, "a JSON object of %zu bytes was not read", length);
    json_decref(json);
#else
    (void)data;
    (void)length;
    (void)read;
#endif
}

static void put_row(struct session *session, const struct export_row *row)
{
    uint64_t no_object = session->rows.not_json;
    FUZZ_CHECK(export_rows_put(&session->rows, session->parquet, row) == 0, "a row was refused");
    session->given++;
    if (session->rows.fields.count > 0 && session->rows.format != EXPORT_RECORD && row->length < EXPORT_JSON_DEEPEST)
        check_json(row->data, row->length, session->rows.not_json == no_object);
}

static int see_line(void *context, const struct line_place *place, const void *data, size_t length)
{
    struct export_row row = {
        .sequence = place->sequence, .time = place->time, .offset = place->offset, .data = data, .length = length};
    FUZZ_CHECK(!memchr(data ? data : "", '\n', length), "a newline in a line");
    put_row(context, &row);
    return 0;
}

static void put_records(struct session *session, struct input input)
{
    struct export_lines lines = {
        .see = see_line, .context = session, .last_sequence = UINT64_MAX, .last_time = UINT64_MAX};
    size_t length;
    for (char *record; (record = next_record(&input, &length)); free(record)) {
        struct export_row row = {.sequence = ++session->sequence, .data = record, .length = length};
        struct line_place place = {.sequence = row.sequence, .offset = session->offset};
        row.time = row.sequence << (length % 64);
        if (session->rows.format != EXPORT_LINES)
            put_row(session, &row);
        else
            FUZZ_CHECK(export_lines_piece(&lines, &place, record, length) == 0, "a piece was refused");
        /* The next one begins behind it, or leaves a hole. */
        session->offset += length + (length % 11 == 0);
    }
    FUZZ_CHECK(export_lines_end(&lines) == 0, "no end");
    export_lines_free(&lines);
}

static void add_fields(struct export_rows *rows, bool guess, struct input input)
{
    const char *wrong;
    bool left_out;
    size_t length;
    FUZZ_CHECK(export_field_list(&rows->fields, "a,b:int,c:double,d:bool,a.b,e=a.b.c:int", &wrong) == 0, "%s", wrong);
    struct export_guess *found = guess ? export_guess_open() : NULL;
    if (!found)
        return;
    for (char *record; (record = next_record(&input, &length)); free(record))
        FUZZ_CHECK(export_guess_look(found, record, length) == 0, "no look");
    FUZZ_CHECK(export_rows_guessed(rows, found, &left_out) == 0, "no guess");
    export_guess_close(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CONTROL)
        return 0;
    unsigned wanted = data[0];
    struct input input = {.at = data + CONTROL, .left = size - CONTROL, .scale = wanted & SCALE ? SCALE_BY : 1};
    struct session session = {.rows = {.format = wanted & LINES   ? EXPORT_LINES
                                                 : wanted & HEADS ? EXPORT_RECORD
                                                                  : EXPORT_WHOLE,
                                       .payload = wanted & BYTES ? EXPORT_PAYLOAD_BYTES : EXPORT_PAYLOAD_TEXT}};
    struct sink sink = {.bytes = 0};
    struct export_parquet_result result;
    add_fields(&session.rows, wanted & GUESS, input);
    FUZZ_CHECK(export_rows_shape(&session.rows) == 0, "no columns");
    const struct export_parquet_options options = {.columns = session.rows.columns,
                                                   .column_count = session.rows.column_count,
                                                   .group_rows = 1 + (uint64_t)data[1],
                                                   .group_bytes = 1 << 20,
                                                   .zstd = wanted & COMPRESS && export_compress_available(),
                                                   .write = write_sink,
                                                   .context = &sink};
    FUZZ_CHECK(export_parquet_open(&options, &session.parquet) == 0, "no file");
    put_records(&session, input);
    FUZZ_CHECK(export_parquet_finish(session.parquet, NULL, 0, &result) == 0, "no end");
    FUZZ_CHECK(result.rows == session.given && session.rows.rows == session.given, "rows");
    FUZZ_CHECK(result.bytes == sink.bytes && memcmp(sink.last, "PAR1", 4) == 0, "bytes");
    export_parquet_close(session.parquet);
    export_rows_free(&session.rows);
    return 0;
}
