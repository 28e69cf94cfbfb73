/* A column while a row group is gathered. See column.h.
 *
 * SPDX-License-Identifier: MIT */
#include "column.h"

#include <errno.h>
#include <stdlib.h>

#include <quire/error.h>

/* A record, and what is in it, is no longer than this; and a page's length is 31 bits. */
static const size_t value_most = (size_t)1 << 30;

int column_open(struct column *column, const struct export_column *kind, struct page_desk *desk)
{
    *column = (struct column){.kind = kind, .desk = desk};
    column->there = malloc(PAGE_ROWS * sizeof column->there[0]);
    column->number = malloc(PAGE_ROWS * sizeof column->number[0]);
    column->value = malloc(PAGE_ROWS * sizeof column->value[0]);
    if (!column->there || !column->number || !column->value)
        return -ENOMEM;
    column_begin_chunk(column);
    return 0;
}

void column_free(struct column *column)
{
    free(column->there);
    free(column->number);
    free(column->value);
    free(column->places);
    dictionary_free(&column->dictionary);
    export_bytes_free(&column->text);
    export_bytes_free(&column->pages);
    export_bytes_free(&column->dictionary_page);
}

void column_begin_chunk(struct column *column)
{
    dictionary_clear(&column->dictionary);
    column->dictionary_open = !column->kind->steady && column->kind->type != EXPORT_BOOLEAN;
    export_bytes_clear(&column->pages, SIZE_MAX);
    export_bytes_clear(&column->dictionary_page, KEEP_BYTES);
    export_bytes_clear(&column->text, KEEP_BYTES);
    column->place_count = 0;
    column->encodings = 0;
    memset(column->data_pages, 0, sizeof column->data_pages);
    column->chunk_rows = column->nulls = column->raw_bytes = column->taken_bytes = 0;
    column->bounds = (struct bounds){.any = false};
}

/* The value's number while the dictionary is open. Where it is full the page goes without it, and those after it. */
static int note_number(struct column *column, const void *data, size_t length)
{
    if (!column->dictionary_open)
        return 0;
    int64_t number = dictionary_number(&column->dictionary, data, length);
    if (number == -ENOMEM)
        return (int)number;
    if (number < 0)
        column->dictionary_open = false;
    else
        column->number[column->present] = (uint32_t)number;
    return 0;
}

static int end_row(struct column *column, uint32_t there, size_t bytes)
{
    column->there[column->rows++] = there;
    column->present += there;
    column->taken_bytes += bytes;
    return column->rows == PAGE_ROWS || column->text.used >= PAGE_BYTES ? column_end_page(column) : 0;
}

int column_null(struct column *column)
{
    return column->kind->optional ? end_row(column, 0, 0) : -EINVAL;
}

int column_bits(struct column *column, uint64_t bits)
{
    double real;
    int rc = note_number(column, &bits, sizeof bits);
    if (rc < 0)
        return rc;
    if (column->kind->type == EXPORT_REAL) {
        memcpy(&real, &bits, sizeof real);
        bounds_real(&column->page_bounds, real);
    } else {
        bounds_integer(&column->page_bounds, (int64_t)bits);
    }
    column->value[column->present] = bits;
    return end_row(column, 1, sizeof bits);
}

int column_bytes(struct column *column, const void *data, size_t length)
{
    if (length > value_most)
        return QUIRE_E_TOO_LARGE;
    int rc = note_number(column, data, length);
    if (rc < 0)
        return rc;
    export_bytes_put(&column->text, data, length);
    if (column->text.code < 0)
        return column->text.code;
    bounds_bytes(&column->page_bounds, data, length, column->kind->type == EXPORT_TEXT);
    column->value[column->present] = length;
    return end_row(column, 1, length);
}

int column_end_chunk(struct column *column)
{
    int rc = column->rows > 0 ? column_end_page(column) : 0;
    if (rc == 0 && column->data_pages[PARQUET_RLE_DICTIONARY] > 0)
        rc = column_put_dictionary(column);
    return rc;
}
