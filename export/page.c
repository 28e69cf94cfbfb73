/* A page of a column: how its values are encoded, its header, its checksum. See column.h.
 *
 * SPDX-License-Identifier: MIT */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "column.h"
#include "packed.h"
#include "thrift.h"

static void put_numbers(struct export_bytes *out, const uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        export_bytes_put_number(out, values[i], sizeof values[i]);
}

static void put_from_dictionary(struct column *column)
{
    unsigned width = export_bits(column->dictionary.count - 1);
    export_bytes_put_byte(&column->desk->work, (unsigned char)width);
    export_put_hybrid(&column->desk->work, column->number, column->present, width);
}

static enum parquet_encoding put_values(struct column *column)
{
    struct export_bytes *out = &column->desk->work;
    if (column->dictionary_open && column->present > 0) {
        put_from_dictionary(column);
        return PARQUET_RLE_DICTIONARY;
    }
    switch (column_physical(column->kind)) {
    case PARQUET_BOOLEAN:
        export_pack(out, column->value, column->present, 1);
        return PARQUET_PLAIN;
    case PARQUET_INT64:
        export_put_delta(out, column->value, column->present);
        return PARQUET_DELTA_BINARY_PACKED;
    case PARQUET_DOUBLE:
        put_numbers(out, column->value, column->present);
        return PARQUET_PLAIN;
    case PARQUET_BYTE_ARRAY:
        break;
    }
    export_put_delta(out, column->value, column->present);
    export_bytes_put(out, column->text.data, column->text.used);
    return PARQUET_DELTA_LENGTH_BYTE_ARRAY;
}

/* Which rows have a value: with the length of that in front. A column that is required has none. */
static void put_levels(struct column *column)
{
    if (!column->kind->optional)
        return;
    size_t begin = column->desk->work.used;
    export_bytes_put_number(&column->desk->work, 0, sizeof(uint32_t));
    export_put_hybrid(&column->desk->work, column->there, column->rows, 1);
    if (column->desk->work.code < 0)
        return;
    uint32_t length = htole32((uint32_t)(column->desk->work.used - begin - sizeof length));
    memcpy(column->desk->work.data + begin, &length, sizeof length);
}

/* Of the header what every page has, up to what its kind adds; the lengths are those behind the header. */
static void begin_header(struct thrift *thrift, const struct page_desk *desk, enum parquet_page kind,
                         const unsigned char *data, size_t length)
{
    thrift_i32(thrift, 1, kind);
    thrift_i32(thrift, 2, (int64_t)desk->work.used);
    thrift_i32(thrift, 3, (int64_t)length);
    thrift_i32(thrift, 4, (int32_t)export_checksum(&desk->checksum, data, length));
}

/* What the page became: compressed where that is asked for, else as it is. */
static int compressed(const struct page_desk *desk, const unsigned char **data, size_t *length)
{
    if (desk->work.code < 0)
        return desk->work.code;
    if (desk->work.used > INT32_MAX)
        return -EFBIG;
    *data = desk->work.data;
    *length = desk->work.used;
    if (!desk->compressor)
        return 0;
    int64_t made = export_compress(desk->compressor, desk->work.data, desk->work.used, data);
    *length = (size_t)made;
    if (made < 0)
        return (int)made;
    return made > INT32_MAX ? -EFBIG : 0;
}

static int put_page(struct column *column, struct export_bytes *pages, const unsigned char *data, size_t length)
{
    export_bytes_put(pages, column->desk->header.data, column->desk->header.used);
    export_bytes_put(pages, data, length);
    column->raw_bytes += column->desk->header.used + column->desk->work.used;
    return column->desk->header.code < 0 ? column->desk->header.code : pages->code;
}

static int note_place(struct column *column, uint64_t begin)
{
    if (column->place_count == column->place_room) {
        size_t room = column->place_room ? 2 * column->place_room : 16;
        struct page_place *places = realloc(column->places, room * sizeof *places);
        if (!places)
            return -ENOMEM;
        column->places = places;
        column->place_room = room;
    }
    column->places[column->place_count++] = (struct page_place){.begin = begin,
                                                                .first_row = column->chunk_rows,
                                                                .bytes = (uint32_t)(column->pages.used - begin),
                                                                .rows = column->rows,
                                                                .nulls = column->rows - column->present,
                                                                .bounds = column->page_bounds};
    return 0;
}

static int put_data_page(struct column *column, enum parquet_encoding encoding)
{
    const unsigned char *data;
    size_t length;
    int rc = compressed(column->desk, &data, &length);
    uint64_t begin = column->pages.used;
    if (rc == 0) {
        export_bytes_clear(&column->desk->header, SIZE_MAX);
        struct thrift thrift = {.out = &column->desk->header};
        begin_header(&thrift, column->desk, PARQUET_DATA_PAGE, data, length);
        thrift_begin(&thrift, 5);
        thrift_i32(&thrift, 1, column->rows);
        thrift_i32(&thrift, 2, encoding);
        thrift_i32(&thrift, 3, PARQUET_RLE);
        thrift_i32(&thrift, 4, PARQUET_RLE);
        thrift_end(&thrift);
        thrift_end(&thrift);
        rc = put_page(column, &column->pages, data, length);
    }
    return rc == 0 ? note_place(column, begin) : rc;
}

static void merge_bounds(struct column *column)
{
    switch (column->kind->type) {
    case EXPORT_INTEGER:
    case EXPORT_TIME:
    case EXPORT_BOOLEAN:
        bounds_merge_integers(&column->bounds, &column->page_bounds);
        break;
    case EXPORT_REAL:
        bounds_merge_reals(&column->bounds, &column->page_bounds);
        break;
    case EXPORT_TEXT:
    case EXPORT_BYTES:
        bounds_merge_bytes(&column->bounds, &column->page_bounds);
        break;
    }
}

/* A first page in which more than half of the values are new says that a dictionary does not pay. */
static void judge_dictionary(struct column *column)
{
    if (column->place_count == 0 && column->dictionary.count > column->present / 2)
        column->dictionary_open = false;
}

int column_end_page(struct column *column)
{
    judge_dictionary(column);
    export_bytes_clear(&column->desk->work, KEEP_BYTES);
    put_levels(column);
    enum parquet_encoding encoding = put_values(column);
    int rc = put_data_page(column, encoding);
    if (rc < 0)
        return rc;
    merge_bounds(column);
    column->encodings |= 1u << encoding | 1u << PARQUET_RLE;
    column->data_pages[encoding]++;
    column->chunk_rows += column->rows;
    column->nulls += column->rows - column->present;
    column->rows = column->present = 0;
    column->page_bounds = (struct bounds){.any = false};
    export_bytes_clear(&column->text, KEEP_BYTES);
    return 0;
}

static void put_distinct(struct column *column)
{
    const struct dictionary *dictionary = &column->dictionary;
    bool bytes = column_physical(column->kind) == PARQUET_BYTE_ARRAY;
    for (uint32_t i = 0; i < dictionary->count; i++) {
        uint32_t length = dictionary->value[i].length;
        uint64_t bits;
        if (bytes) {
            export_bytes_put_number(&column->desk->work, length, sizeof length);
            if (length > 0) /* else there may be no memory to point into */
                export_bytes_put(&column->desk->work, dictionary->values.data + dictionary->value[i].begin, length);
        } else {
            memcpy(&bits, dictionary->values.data + dictionary->value[i].begin, sizeof bits);
            export_bytes_put_number(&column->desk->work, bits, sizeof bits);
        }
    }
}

int column_put_dictionary(struct column *column)
{
    const unsigned char *data;
    size_t length;
    export_bytes_clear(&column->desk->work, SIZE_MAX);
    put_distinct(column);
    int rc = compressed(column->desk, &data, &length);
    if (rc == 0) {
        export_bytes_clear(&column->desk->header, SIZE_MAX);
        struct thrift thrift = {.out = &column->desk->header};
        begin_header(&thrift, column->desk, PARQUET_DICTIONARY_PAGE, data, length);
        thrift_begin(&thrift, 7);
        thrift_i32(&thrift, 1, column->dictionary.count);
        thrift_i32(&thrift, 2, PARQUET_PLAIN);
        thrift_end(&thrift);
        thrift_end(&thrift);
        rc = put_page(column, &column->dictionary_page, data, length);
        column->encodings |= 1u << PARQUET_PLAIN;
    }
    return rc;
}
