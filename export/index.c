/* The index of a column chunk's pages. See footer.h.
 *
 * SPDX-License-Identifier: MIT */
#include "footer.h"

#include "thrift.h"

enum { UNORDERED = 0, ASCENDING = 1 };

static bool is_empty(const struct page_place *place)
{
    return place->rows == place->nulls;
}

/* Every page has both bounds, or nothing that needs them. */
static bool has_bounds(const struct export_column *kind, const struct chunk *chunk)
{
    struct bound bound;
    for (size_t i = 0; i < chunk->place_count; i++) {
        const struct bounds *bounds = &chunk->places[i].bounds;
        if (!is_empty(&chunk->places[i]) && (!footer_least(kind, bounds, &bound) || !footer_most(kind, bounds, &bound)))
            return false;
    }
    return chunk->place_count > 0;
}

static void put_bounds(struct thrift *thrift, const struct export_column *kind, const struct chunk *chunk, bool most)
{
    thrift_list(thrift, most ? 3 : 2, THRIFT_BINARY, chunk->place_count);
    for (size_t i = 0; i < chunk->place_count; i++) {
        struct bound bound = {.length = 0};
        if (most)
            footer_most(kind, &chunk->places[i].bounds, &bound);
        else
            footer_least(kind, &chunk->places[i].bounds, &bound);
        thrift_element_binary(thrift, bound.data, bound.length);
    }
}

/* Integers alone are looked at: sequences and times grow, and of the rest it is chance. */
static bool is_ascending(const struct export_column *kind, const struct chunk *chunk)
{
    const struct bounds *before = NULL;
    if (column_physical(kind) != PARQUET_INT64)
        return false;
    for (size_t i = 0; i < chunk->place_count; i++) {
        const struct bounds *bounds = &chunk->places[i].bounds;
        if (is_empty(&chunk->places[i]))
            continue;
        if (before && (bounds->least.integer < before->least.integer || bounds->most.integer < before->most.integer))
            return false;
        before = bounds;
    }
    return true;
}

bool index_put_columns(struct export_bytes *out, const struct export_column *kind, const struct chunk *chunk)
{
    if (!has_bounds(kind, chunk))
        return false;
    struct thrift thrift = {.out = out};
    thrift_list(&thrift, 1, THRIFT_TRUE, chunk->place_count);
    for (size_t i = 0; i < chunk->place_count; i++)
        thrift_element_boolean(&thrift, is_empty(&chunk->places[i]));
    put_bounds(&thrift, kind, chunk, false);
    put_bounds(&thrift, kind, chunk, true);
    thrift_i32(&thrift, 4, is_ascending(kind, chunk) ? ASCENDING : UNORDERED);
    thrift_list(&thrift, 5, THRIFT_I64, chunk->place_count);
    for (size_t i = 0; i < chunk->place_count; i++)
        thrift_element_number(&thrift, chunk->places[i].nulls);
    thrift_end(&thrift);
    return true;
}

void index_put_offsets(struct export_bytes *out, const struct chunk *chunk)
{
    struct thrift thrift = {.out = out};
    thrift_list(&thrift, 1, THRIFT_STRUCT, chunk->place_count);
    for (size_t i = 0; i < chunk->place_count; i++) {
        const struct page_place *place = &chunk->places[i];
        thrift_element_begin(&thrift);
        thrift_i64(&thrift, 1, (int64_t)(chunk->data_offset + place->begin));
        thrift_i32(&thrift, 2, place->bytes);
        thrift_i64(&thrift, 3, (int64_t)place->first_row);
        thrift_end(&thrift);
    }
    thrift_end(&thrift);
}
