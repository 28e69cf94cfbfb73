/* The end of a Parquet file: where each row group's column chunks lie, and what is in them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_FOOTER_H
#define EXPORT_FOOTER_H

#include "bounds.h"
#include "bytes.h"
#include "column.h"
#include "parquet.h"

/* A column of a row group that is in the file. */
struct chunk {
    uint64_t dictionary_offset; /* 0: none */
    uint64_t data_offset;
    uint64_t bytes, raw_bytes; /* in the file, and not compressed; with headers of pages */
    uint64_t nulls;
    uint32_t encodings; /* bits */
    uint32_t data_pages[PARQUET_RLE_DICTIONARY + 1];
    struct bounds bounds;
    struct page_place *places; /* its own: for the index of its pages */
    size_t place_count;
    uint64_t column_index_offset, offset_index_offset;
    uint32_t column_index_bytes, offset_index_bytes; /* 0: there is none */
};

struct group {
    uint64_t rows, offset;
    struct chunk *chunks; /* one for each column */
};

struct footer {
    const struct export_column *columns;
    size_t column_count;
    const struct group *groups;
    size_t group_count;
    uint64_t rows;
    bool compressed, sorted;
    const struct export_note *notes;
    size_t note_count;
};

/* All of it but its length and the magic behind it. What failed is in out. */
void footer_put(struct export_bytes *out, const struct footer *footer);

/* index.c: for readers that pass over pages: what is in each, and where it lies. False: out is left empty, because a
 * page has values that have no bounds. */
bool index_put_columns(struct export_bytes *out, const struct export_column *kind, const struct chunk *chunk);
void index_put_offsets(struct export_bytes *out, const struct chunk *chunk);

/* A bound as Parquet writes it. False: there is none. */
bool footer_least(const struct export_column *kind, const struct bounds *bounds, struct bound *least);
bool footer_most(const struct export_column *kind, const struct bounds *bounds, struct bound *most);

#endif
