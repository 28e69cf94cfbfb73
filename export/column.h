/* A column while a row group is gathered: the page that is being filled, and the pages before it, compressed.
 *
 * A page is closed when it has about a megabyte of values, so what is held of a column is one page, a dictionary of at
 * most a megabyte, and what the row group's pages came to.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_COLUMN_H
#define EXPORT_COLUMN_H

#include "bounds.h"
#include "bytes.h"
#include "checksum.h"
#include "compress.h"
#include "dictionary.h"
#include "parquet.h"

/* A page: PAGE_BYTES of values, or so many rows. The numbers of a full page of them are 256 KiB. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { PAGE_BYTES = 256, PAGE_ROWS = 16 }; /* fuzzing has few rows, and is to have many pages */
#else
enum { PAGE_BYTES = 1 << 20, PAGE_ROWS = 1 << 15 };
#endif

/* Memory that a page needed is kept for the next one, unless a single huge value needed it. */
enum { KEEP_BYTES = 4 * PAGE_BYTES };

/* Parquet's numbers. */
enum parquet_physical { PARQUET_BOOLEAN = 0, PARQUET_INT64 = 2, PARQUET_DOUBLE = 5, PARQUET_BYTE_ARRAY = 6 };
enum parquet_encoding {
    PARQUET_PLAIN = 0,
    PARQUET_RLE = 3,
    PARQUET_DELTA_BINARY_PACKED = 5,
    PARQUET_DELTA_LENGTH_BYTE_ARRAY = 6,
    PARQUET_RLE_DICTIONARY = 8
};
enum parquet_page { PARQUET_DATA_PAGE = 0, PARQUET_DICTIONARY_PAGE = 2 };
enum parquet_codec { PARQUET_UNCOMPRESSED = 0, PARQUET_ZSTD = 6 };

/* A page that is done. */
struct page_place {
    uint64_t begin; /* among the chunk's data pages */
    uint64_t first_row;
    uint32_t bytes; /* with its header */
    uint32_t rows, nulls;
    struct bounds bounds;
};

/* Where pages are made, one at a time, of all columns of a file. */
struct page_desk {
    struct export_compressor *compressor; /* NULL: pages are not compressed */
    struct export_bytes work, header;     /* a page before it is compressed, and what goes in front of it */
    struct export_checksum checksum;
};

struct column {
    const struct export_column *kind;
    struct page_desk *desk;
    /* The page that is being filled. */
    uint32_t rows, present;
    uint32_t *there;          /* of each row: 1, or 0 for a null */
    uint32_t *number;         /* of each value in the dictionary, while that is open */
    uint64_t *value;          /* of each value the bits, or its length in: */
    struct export_bytes text; /* the bytes of all values */
    struct bounds page_bounds;
    struct dictionary dictionary;
    bool dictionary_open; /* the page being filled may go into it */
    /* The pages that are done: data pages in places, the dictionary's in front of them. */
    struct export_bytes pages, dictionary_page;
    struct page_place *places;
    size_t place_count, place_room;
    uint32_t encodings;                              /* bits: of enum parquet_encoding */
    uint32_t data_pages[PARQUET_RLE_DICTIONARY + 1]; /* how many, by encoding */
    uint64_t chunk_rows, nulls;
    uint64_t raw_bytes;   /* of all pages and their headers, not compressed */
    uint64_t taken_bytes; /* of values, as they came */
    struct bounds bounds;
};

int column_open(struct column *column, const struct export_column *kind, struct page_desk *desk);
void column_free(struct column *column);

/* The next row's value. 0 or a code. */
int column_null(struct column *column);
int column_bits(struct column *column, uint64_t bits); /* integer, time, boolean, real */
int column_bytes(struct column *column, const void *data, size_t length);

/* Closes the last page and makes that of the dictionary: dictionary_page and then pages are the chunk. 0 or a code. */
int column_end_chunk(struct column *column);
/* Empty, for the next row group. */
void column_begin_chunk(struct column *column);

static inline enum parquet_physical column_physical(const struct export_column *kind)
{
    switch (kind->type) {
    case EXPORT_BOOLEAN:
        return PARQUET_BOOLEAN;
    case EXPORT_INTEGER:
    case EXPORT_TIME:
        return PARQUET_INT64;
    case EXPORT_REAL:
        return PARQUET_DOUBLE;
    case EXPORT_TEXT:
    case EXPORT_BYTES:
        break;
    }
    return PARQUET_BYTE_ARRAY;
}

/* page.c: the page being filled, encoded, compressed and put behind the others; then there is an empty one. */
int column_end_page(struct column *column);
int column_put_dictionary(struct column *column);

#endif
