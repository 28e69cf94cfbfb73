/* One report of `quire bench --json`, read back: what the comparison needs of it.
 *
 * The file may be anything: every field is checked, and what is wrong is said with its place. Texts of the report are
 * shown to people, so control characters in them become '?'.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_DOCUMENT_H
#define BENCH_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare/figures.h"

enum {
    BENCH_DOCUMENT_WHY = 320,             /* room for a sentence */
    BENCH_DOCUMENT_BYTES_MOST = 64 << 20, /* no report is as large */
    BENCH_DOCUMENT_ROWS_MOST = 4096,
    BENCH_TRAITS = 8
};

/* One row of one workload. */
struct bench_document_row {
    char name[96], sync[16], durability[16]; /* durability: "" if the report does not say */
    uint64_t record_bytes, records;
    unsigned threads;
    bool machine;   /* a limit or a peer: none of quire's code is in it */
    bool candidate; /* of a limit; the best one stands in the report under the name of the limit too */
    unsigned rounds;
    double *figures; /* [round * BENCH_FIGURES + figure]; NAN: not measured */
};

struct bench_document {
    const char *path; /* as the caller named it */
    char date[40], version[40];
    char traits[BENCH_TRAITS][256]; /* of the machine; "": the report does not say */
    struct bench_document_row *rows;
    size_t count;
};

/* "cpu", "kernel", ...: what traits[i] is of. */
extern const char *const bench_document_traits[BENCH_TRAITS];

/* Reads the file ("-": standard input). 0, or -1 with a sentence of what is wrong, without the file's name, and nothing
 * to free. path must live as long as the document. */
int bench_document_read(struct bench_document *document, const char *path, char why[BENCH_DOCUMENT_WHY]);

/* The same of bytes in memory; document->path is left alone. Always -1 where this build is without jansson. */
int bench_document_parse(struct bench_document *document, const char *text, size_t length,
                         char why[BENCH_DOCUMENT_WHY]);

void bench_document_free(struct bench_document *document);

/* The row of that name and workload, the first if there are several, else NULL. */
const struct bench_document_row *bench_document_find(const struct bench_document *document, const char *name,
                                                     uint64_t record_bytes, uint64_t records);

#endif
