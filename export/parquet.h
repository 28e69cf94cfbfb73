/* Writing a Parquet file: rows of columns into row groups, which go to the file one after another.
 *
 * A row: a value for each column, in any order, then export_parquet_row. The file is of use only once
 * export_parquet_finish returned 0, for what is in it stands at its end.
 *
 * The format is version 2 of Parquet's, with data pages of version 1, which every reader knows: definition levels by
 * RLE, integers as deltas, bytes with their lengths as deltas in front, either as numbers of a dictionary where that
 * pays; pages compressed by zstd; a checksum, bounds and numbers of nulls for each page and each column of a row
 * group.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_PARQUET_H
#define EXPORT_PARQUET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum export_type {
    EXPORT_INTEGER, /* 64 bits with a sign */
    EXPORT_TIME,    /* the same: nanoseconds since 1970, UTC */
    EXPORT_REAL,    /* 64 bits */
    EXPORT_BOOLEAN,
    EXPORT_TEXT, /* UTF-8: the caller's word for it */
    EXPORT_BYTES
};

struct export_column {
    const char *name; /* UTF-8 */
    enum export_type type;
    bool optional; /* null may be given */
    bool steady;   /* its values grow or are all different: a dictionary is not tried */
};

/* Of the file: a name and a text that readers show. */
struct export_note {
    const char *name, *text;
};

struct export_parquet_options {
    const struct export_column *columns; /* the caller's until it is closed */
    size_t column_count;
    uint64_t group_rows, group_bytes; /* a row group ends when it has so many rows, or bytes of values as they came */
    int zstd;                         /* 0: pages are not compressed; else the level */
    bool sorted;                      /* the first column never decreases */
    /* Where the bytes go: 0 or a code. */
    int (*write)(void *context, const void *data, size_t length);
    void *context;
};

struct export_parquet_result {
    uint64_t rows, groups, bytes;
};

struct export_parquet;

int export_parquet_open(const struct export_parquet_options *options, struct export_parquet **parquet);
void export_parquet_close(struct export_parquet *parquet);

/* The value of a column in the row that is being made. 0 or a code. Bytes: up to 1 GiB, else QUIRE_E_TOO_LARGE. */
int export_parquet_null(struct export_parquet *parquet, size_t column);
int export_parquet_integer(struct export_parquet *parquet, size_t column, int64_t value);
int export_parquet_real(struct export_parquet *parquet, size_t column, double value);
int export_parquet_boolean(struct export_parquet *parquet, size_t column, bool value);
int export_parquet_bytes(struct export_parquet *parquet, size_t column, const void *data, size_t length);

/* The row is complete. -EINVAL: a column has no value, or more than one. */
int export_parquet_row(struct export_parquet *parquet);

/* The last row group and the end of the file. *result is what the file has. */
int export_parquet_finish(struct export_parquet *parquet, const struct export_note *notes, size_t note_count,
                          struct export_parquet_result *result);

#endif
