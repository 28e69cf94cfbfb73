/* The end of a Parquet file. See footer.h.
 *
 * The numbers of fields are those of Parquet's own description of its headers, parquet.thrift.
 *
 * SPDX-License-Identifier: MIT */
#include "footer.h"

#include "thrift.h"

#include <quire/quire.h>

enum { FORMAT_VERSION = 2, REQUIRED = 0, OPTIONAL = 1, CONVERTED_UTF8 = 0 };

static struct bound number_bound(uint64_t bits, uint32_t length)
{
    struct bound bound = {.length = length};
    for (uint32_t i = 0; i < length; i++)
        bound.data[i] = (unsigned char)(bits >> 8 * i);
    return bound;
}

static struct bound plain_bound(const struct export_column *kind, const union bounded *value)
{
    uint64_t bits;
    switch (column_physical(kind)) {
    case PARQUET_BOOLEAN:
        return number_bound((uint64_t)value->integer, 1);
    case PARQUET_INT64:
        return number_bound((uint64_t)value->integer, sizeof bits);
    case PARQUET_DOUBLE:
        memcpy(&bits, &value->real, sizeof bits);
        return number_bound(bits, sizeof bits);
    case PARQUET_BYTE_ARRAY:
        break;
    }
    return value->bytes;
}

bool footer_least(const struct export_column *kind, const struct bounds *bounds, struct bound *least)
{
    if (!bounds->any || bounds->unknown)
        return false;
    *least = plain_bound(kind, &bounds->least);
    return true;
}

bool footer_most(const struct export_column *kind, const struct bounds *bounds, struct bound *most)
{
    if (!bounds->any || bounds->unknown)
        return false;
    if (column_physical(kind) == PARQUET_BYTE_ARRAY)
        return bounds_above(bounds, kind->type == EXPORT_TEXT, most);
    *most = plain_bound(kind, &bounds->most);
    return true;
}

static void put_time_type(struct thrift *thrift)
{
    thrift_begin(thrift, 8); /* TIMESTAMP */
    thrift_boolean(thrift, 1, true);
    thrift_begin(thrift, 2);
    thrift_begin(thrift, 3); /* NANOS */
    thrift_end(thrift);
    thrift_end(thrift);
    thrift_end(thrift);
}

static void put_schema_column(struct thrift *thrift, const struct export_column *kind)
{
    thrift_element_begin(thrift);
    thrift_i32(thrift, 1, column_physical(kind));
    thrift_i32(thrift, 3, kind->optional ? OPTIONAL : REQUIRED);
    thrift_text(thrift, 4, kind->name);
    if (kind->type == EXPORT_TEXT)
        thrift_i32(thrift, 6, CONVERTED_UTF8);
    if (kind->type == EXPORT_TEXT || kind->type == EXPORT_TIME) {
        thrift_begin(thrift, 10);
        if (kind->type == EXPORT_TIME) {
            put_time_type(thrift);
        } else {
            thrift_begin(thrift, 1); /* STRING */
            thrift_end(thrift);
        }
        thrift_end(thrift);
    }
    thrift_end(thrift);
}

static void put_schema(struct thrift *thrift, const struct footer *footer)
{
    thrift_list(thrift, 2, THRIFT_STRUCT, footer->column_count + 1);
    thrift_element_begin(thrift);
    thrift_text(thrift, 4, "quire");
    thrift_i32(thrift, 5, (int64_t)footer->column_count);
    thrift_end(thrift);
    for (size_t i = 0; i < footer->column_count; i++)
        put_schema_column(thrift, &footer->columns[i]);
}

static void put_statistics(struct thrift *thrift, const struct export_column *kind, const struct chunk *chunk)
{
    struct bound least, most;
    bool has_least = footer_least(kind, &chunk->bounds, &least), has_most = footer_most(kind, &chunk->bounds, &most);
    thrift_begin(thrift, 12);
    thrift_i64(thrift, 3, (int64_t)chunk->nulls);
    if (has_most)
        thrift_binary(thrift, 5, most.data, most.length);
    if (has_least)
        thrift_binary(thrift, 6, least.data, least.length);
    if (has_most)
        thrift_boolean(thrift, 7, !most.cut);
    if (has_least)
        thrift_boolean(thrift, 8, !least.cut);
    thrift_end(thrift);
}

static void put_encodings(struct thrift *thrift, uint32_t encodings)
{
    thrift_list(thrift, 2, THRIFT_I32, (size_t)__builtin_popcount(encodings));
    for (int i = 0; i <= PARQUET_RLE_DICTIONARY; i++)
        if (encodings & 1u << i)
            thrift_element_number(thrift, i);
}

/* How many pages have which encoding. */
static void put_page_counts(struct thrift *thrift, const struct chunk *chunk)
{
    size_t kinds = chunk->dictionary_offset > 0;
    for (int i = 0; i <= PARQUET_RLE_DICTIONARY; i++)
        kinds += chunk->data_pages[i] > 0;
    thrift_list(thrift, 13, THRIFT_STRUCT, kinds);
    for (int i = -1; i <= PARQUET_RLE_DICTIONARY; i++) {
        uint32_t count = i < 0 ? chunk->dictionary_offset > 0 : chunk->data_pages[i];
        if (count == 0)
            continue;
        thrift_element_begin(thrift);
        thrift_i32(thrift, 1, i < 0 ? PARQUET_DICTIONARY_PAGE : PARQUET_DATA_PAGE);
        thrift_i32(thrift, 2, i < 0 ? PARQUET_PLAIN : i);
        thrift_i32(thrift, 3, count);
        thrift_end(thrift);
    }
}

static void put_chunk_description(struct thrift *thrift, const struct footer *footer, const struct group *group,
                                  size_t column)
{
    const struct export_column *kind = &footer->columns[column];
    const struct chunk *chunk = &group->chunks[column];
    thrift_begin(thrift, 3);
    thrift_i32(thrift, 1, column_physical(kind));
    put_encodings(thrift, chunk->encodings);
    thrift_list(thrift, 3, THRIFT_BINARY, 1);
    thrift_element_binary(thrift, kind->name, strlen(kind->name));
    thrift_i32(thrift, 4, footer->compressed ? PARQUET_ZSTD : PARQUET_UNCOMPRESSED);
    thrift_i64(thrift, 5, (int64_t)group->rows);
    thrift_i64(thrift, 6, (int64_t)chunk->raw_bytes);
    thrift_i64(thrift, 7, (int64_t)chunk->bytes);
    thrift_i64(thrift, 9, (int64_t)chunk->data_offset);
    if (chunk->dictionary_offset > 0)
        thrift_i64(thrift, 11, (int64_t)chunk->dictionary_offset);
    put_statistics(thrift, kind, chunk);
    put_page_counts(thrift, chunk);
    thrift_end(thrift);
}

static void put_chunk(struct thrift *thrift, const struct footer *footer, const struct group *group, size_t column)
{
    const struct chunk *chunk = &group->chunks[column];
    thrift_element_begin(thrift);
    thrift_i64(thrift, 2, 0); /* where a copy of the description would lie: there is none */
    put_chunk_description(thrift, footer, group, column);
    thrift_i64(thrift, 4, (int64_t)chunk->offset_index_offset);
    thrift_i32(thrift, 5, chunk->offset_index_bytes);
    if (chunk->column_index_bytes > 0) {
        thrift_i64(thrift, 6, (int64_t)chunk->column_index_offset);
        thrift_i32(thrift, 7, chunk->column_index_bytes);
    }
    thrift_end(thrift);
}

static void put_group(struct thrift *thrift, const struct footer *footer, size_t number)
{
    const struct group *group = &footer->groups[number];
    uint64_t raw = 0, bytes = 0;
    thrift_element_begin(thrift);
    thrift_list(thrift, 1, THRIFT_STRUCT, footer->column_count);
    for (size_t i = 0; i < footer->column_count; i++) {
        put_chunk(thrift, footer, group, i);
        raw += group->chunks[i].raw_bytes;
        bytes += group->chunks[i].bytes;
    }
    thrift_i64(thrift, 2, (int64_t)raw);
    thrift_i64(thrift, 3, (int64_t)group->rows);
    if (footer->sorted) {
        thrift_list(thrift, 4, THRIFT_STRUCT, 1);
        thrift_element_begin(thrift);
        thrift_i32(thrift, 1, 0);
        thrift_boolean(thrift, 2, false); /* descending */
        thrift_boolean(thrift, 3, false); /* nulls first */
        thrift_end(thrift);
    }
    thrift_i64(thrift, 5, (int64_t)group->offset);
    thrift_i64(thrift, 6, (int64_t)bytes);
    if (number <= INT16_MAX)
        thrift_i16(thrift, 7, (int64_t)number);
    thrift_end(thrift);
}

static void put_notes(struct thrift *thrift, const struct footer *footer)
{
    thrift_list(thrift, 5, THRIFT_STRUCT, footer->note_count);
    for (size_t i = 0; i < footer->note_count; i++) {
        thrift_element_begin(thrift);
        thrift_text(thrift, 1, footer->notes[i].name);
        thrift_text(thrift, 2, footer->notes[i].text);
        thrift_end(thrift);
    }
}

/* Every column is in the order that its type has: without it readers leave bounds aside. */
static void put_orders(struct thrift *thrift, const struct footer *footer)
{
    thrift_list(thrift, 7, THRIFT_STRUCT, footer->column_count);
    for (size_t i = 0; i < footer->column_count; i++) {
        thrift_element_begin(thrift);
        thrift_begin(thrift, 1);
        thrift_end(thrift);
        thrift_end(thrift);
    }
}

void footer_put(struct export_bytes *out, const struct footer *footer)
{
    struct thrift thrift = {.out = out};
    char made_by[64] = "quire version ";
    strncat(made_by, quire_version(), sizeof made_by - strlen(made_by) - 1);
    thrift_i32(&thrift, 1, FORMAT_VERSION);
    put_schema(&thrift, footer);
    thrift_i64(&thrift, 3, (int64_t)footer->rows);
    thrift_list(&thrift, 4, THRIFT_STRUCT, footer->group_count);
    for (size_t i = 0; i < footer->group_count; i++)
        put_group(&thrift, footer, i);
    put_notes(&thrift, footer);
    thrift_text(&thrift, 6, made_by);
    put_orders(&thrift, footer);
    thrift_end(&thrift);
}
