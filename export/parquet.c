/* Writing a Parquet file. See parquet.h.
 *
 * SPDX-License-Identifier: MIT */
#include "parquet.h"

#include <errno.h>
#include <stdlib.h>

#include "footer.h"

#define MAGIC "PAR1"

struct export_parquet {
    struct export_parquet_options options;
    struct page_desk desk;
    struct column *columns;
    size_t given;        /* values of the row that is being made */
    uint64_t group_rows; /* of the row group that is being gathered */
    struct group *groups;
    size_t group_count, group_room;
    uint64_t rows, bytes; /* of the file so far */
};

static int put(struct export_parquet *p, const void *data, size_t length)
{
    int rc = length > 0 ? p->options.write(p->options.context, data, length) : 0;
    if (rc == 0)
        p->bytes += length;
    return rc;
}

static int put_bytes(struct export_parquet *p, const struct export_bytes *bytes)
{
    return bytes->code < 0 ? bytes->code : put(p, bytes->data, bytes->used);
}

static int begin(struct export_parquet *p)
{
    const struct export_parquet_options *o = &p->options;
    export_checksum_prepare(&p->desk.checksum);
    if (o->zstd && !(p->desk.compressor = export_compressor_open(o->zstd)))
        return export_compress_available() ? -ENOMEM : -ENOTSUP;
    p->columns = calloc(o->column_count, sizeof p->columns[0]);
    if (!p->columns)
        return -ENOMEM;
    for (size_t i = 0; i < o->column_count; i++) {
        int rc = column_open(&p->columns[i], &o->columns[i], &p->desk);
        if (rc < 0)
            return rc;
    }
    return put(p, MAGIC, strlen(MAGIC));
}

int export_parquet_open(const struct export_parquet_options *options, struct export_parquet **parquet)
{
    struct export_parquet *p = options->column_count > 0 ? calloc(1, sizeof *p) : NULL;
    if (!p)
        return options->column_count > 0 ? -ENOMEM : -EINVAL;
    p->options = *options;
    int rc = begin(p);
    if (rc < 0)
        export_parquet_close(p);
    else
        *parquet = p;
    return rc;
}

void export_parquet_close(struct export_parquet *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->columns && i < p->options.column_count; i++)
        column_free(&p->columns[i]);
    for (size_t i = 0; i < p->group_count; i++) {
        for (size_t j = 0; j < p->options.column_count; j++)
            free(p->groups[i].chunks[j].places);
        free(p->groups[i].chunks);
    }
    free(p->groups);
    free(p->columns);
    export_bytes_free(&p->desk.work);
    export_bytes_free(&p->desk.header);
    export_compressor_close(p->desk.compressor);
    free(p);
}

int export_parquet_null(struct export_parquet *p, size_t column)
{
    p->given++;
    return column_null(&p->columns[column]);
}

int export_parquet_integer(struct export_parquet *p, size_t column, int64_t value)
{
    p->given++;
    return column_bits(&p->columns[column], (uint64_t)value);
}

int export_parquet_real(struct export_parquet *p, size_t column, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    p->given++;
    return column_bits(&p->columns[column], bits);
}

int export_parquet_boolean(struct export_parquet *p, size_t column, bool value)
{
    p->given++;
    return column_bits(&p->columns[column], value);
}

int export_parquet_bytes(struct export_parquet *p, size_t column, const void *data, size_t length)
{
    p->given++;
    return column_bytes(&p->columns[column], data, length);
}

/* The chunk as it will be found, and its pages' places, which it takes from the column. */
static void describe_chunk(struct export_parquet *p, struct column *column, struct chunk *chunk)
{
    *chunk = (struct chunk){.dictionary_offset = column->dictionary_page.used > 0 ? p->bytes : 0,
                            .data_offset = p->bytes + column->dictionary_page.used,
                            .bytes = column->dictionary_page.used + column->pages.used,
                            .raw_bytes = column->raw_bytes,
                            .nulls = column->nulls,
                            .encodings = column->encodings,
                            .bounds = column->bounds,
                            .places = column->places,
                            .place_count = column->place_count};
    memcpy(chunk->data_pages, column->data_pages, sizeof chunk->data_pages);
    column->places = NULL;
    column->place_count = column->place_room = 0;
}

static int end_chunk(struct export_parquet *p, struct column *column, struct chunk *chunk)
{
    int rc = column_end_chunk(column);
    if (rc < 0)
        return rc;
    describe_chunk(p, column, chunk);
    rc = put_bytes(p, &column->dictionary_page);
    if (rc == 0)
        rc = put_bytes(p, &column->pages);
    column_begin_chunk(column);
    return rc;
}

static struct group *another_group(struct export_parquet *p)
{
    if (p->group_count == p->group_room) {
        size_t room = p->group_room ? 2 * p->group_room : 16;
        struct group *groups = realloc(p->groups, room * sizeof *groups);
        if (!groups)
            return NULL;
        p->groups = groups;
        p->group_room = room;
    }
    struct group *group = &p->groups[p->group_count];
    *group = (struct group){.rows = p->group_rows, .offset = p->bytes};
    group->chunks = p->options.column_count > 0 ? calloc(p->options.column_count, sizeof group->chunks[0]) : NULL;
    if (!group->chunks)
        return NULL;
    p->group_count++;
    return group;
}

static int end_group(struct export_parquet *p)
{
    struct group *group = another_group(p);
    int rc = group ? 0 : -ENOMEM;
    for (size_t i = 0; rc == 0 && i < p->options.column_count; i++)
        rc = end_chunk(p, &p->columns[i], &group->chunks[i]);
    p->rows += p->group_rows;
    p->group_rows = 0;
    return rc;
}

int export_parquet_row(struct export_parquet *p)
{
    uint64_t taken = 0;
    if (p->given != p->options.column_count)
        return -EINVAL;
    p->given = 0;
    p->group_rows++;
    for (size_t i = 0; i < p->options.column_count; i++) {
        const struct column *column = &p->columns[i];
        if (column->chunk_rows + column->rows != p->group_rows)
            return -EINVAL;
        taken += column->taken_bytes;
    }
    return p->group_rows >= p->options.group_rows || taken >= p->options.group_bytes ? end_group(p) : 0;
}

/* One kind of index of all chunks, one behind the other: as readers fetch them. */
static int put_column_indexes(struct export_parquet *p, struct group *group)
{
    struct export_bytes *out = &p->desk.work;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < p->options.column_count; i++) {
        struct chunk *chunk = &group->chunks[i];
        export_bytes_clear(out, SIZE_MAX);
        if (!index_put_columns(out, &p->options.columns[i], chunk))
            continue;
        chunk->column_index_offset = p->bytes;
        chunk->column_index_bytes = (uint32_t)out->used;
        rc = out->used > INT32_MAX ? -EFBIG : put_bytes(p, out);
    }
    return rc;
}

static int put_offset_indexes(struct export_parquet *p, struct group *group)
{
    struct export_bytes *out = &p->desk.work;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < p->options.column_count; i++) {
        struct chunk *chunk = &group->chunks[i];
        export_bytes_clear(out, SIZE_MAX);
        index_put_offsets(out, chunk);
        chunk->offset_index_offset = p->bytes;
        chunk->offset_index_bytes = (uint32_t)out->used;
        rc = out->used > INT32_MAX ? -EFBIG : put_bytes(p, out);
    }
    return rc;
}

static int put_footer(struct export_parquet *p, const struct export_note *notes, size_t note_count)
{
    const struct footer footer = {.columns = p->options.columns,
                                  .column_count = p->options.column_count,
                                  .groups = p->groups,
                                  .group_count = p->group_count,
                                  .rows = p->rows,
                                  .compressed = p->options.zstd != 0,
                                  .sorted = p->options.sorted,
                                  .notes = notes,
                                  .note_count = note_count};
    struct export_bytes *out = &p->desk.work;
    export_bytes_clear(out, SIZE_MAX);
    footer_put(out, &footer);
    if (out->used > INT32_MAX)
        return -EFBIG;
    export_bytes_put_number(out, out->used, sizeof(uint32_t));
    export_bytes_put(out, MAGIC, strlen(MAGIC));
    return put_bytes(p, out);
}

int export_parquet_finish(struct export_parquet *p, const struct export_note *notes, size_t note_count,
                          struct export_parquet_result *result)
{
    int rc = p->given > 0 ? -EINVAL : 0;
    if (rc == 0 && p->group_rows > 0)
        rc = end_group(p);
    for (size_t i = 0; rc == 0 && i < p->group_count; i++)
        rc = put_column_indexes(p, &p->groups[i]);
    for (size_t i = 0; rc == 0 && i < p->group_count; i++)
        rc = put_offset_indexes(p, &p->groups[i]);
    if (rc == 0)
        rc = put_footer(p, notes, note_count);
    if (rc == 0)
        *result = (struct export_parquet_result){.rows = p->rows, .groups = p->group_count, .bytes = p->bytes};
    return rc;
}
