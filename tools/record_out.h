/* Records to standard output: one buffer, large writes, and the formats that records are printed in.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_RECORD_OUT_H
#define TOOLS_RECORD_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <quire/reader.h>

/* Fuzzing has short records, and is to fill it. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { RECORD_OUT_BYTES = 512 };
#else
enum { RECORD_OUT_BYTES = 256 * 1024 };
#endif

/* The text of a log record as `--format record` reads it. */
enum { RECORD_HEAD = 9 };

struct record_out {
    unsigned char *buffer; /* RECORD_OUT_BYTES */
    uint64_t used;
    int code; /* 0, or -errno of the first write that failed: nothing is written any more */
};

typedef void record_print(struct record_out *out, const struct quire_record *record);

/* 0 or -ENOMEM. */
int record_out_open(struct record_out *out);

/* Writes what is in the buffer. 0, or the first error. */
int record_out_flush(struct record_out *out);

/* Flushes and frees. An exit code: EXIT_FAILED if it could not be written, after a complaint unless the reader has
 * gone, else code. */
int record_out_close(struct record_out *out, const char *command, int code);

/* For what has no room in the buffer. */
void record_out_put_slowly(struct record_out *out, const void *data, uint64_t length);

static inline void record_out_put(struct record_out *out, const void *data, uint64_t length)
{
    if (length > RECORD_OUT_BYTES - out->used) {
        record_out_put_slowly(out, data, length);
    } else if (length > 0) {
        memcpy(out->buffer + out->used, data, length);
        out->used += length;
    }
}

static inline void record_out_put_byte(struct record_out *out, unsigned char byte)
{
    record_out_put(out, &byte, 1);
}

/* The format of that name: raw, lines, json, hex, record, bytes. NULL, after a complaint, if there is none. */
record_print *record_format_find(const char *command, const char *name);

#define RECORD_FORMATS "raw, lines, json, hex, record or bytes"

/* The pieces of a byte file, as the bytes that they are of it; any other record as it is. */
void record_print_bytes(struct record_out *out, const struct quire_record *record);

/* The format for a log that begins, or goes on, with this record: bytes for a byte file, else lines. */
record_print *record_format_for(const struct quire_record *record);

/* One JSON object on a line. Where the build has no jansson (bench_json_available): never called. */
void record_print_json(struct record_out *out, const struct quire_record *record);

/* "records 5 to 9 are lost: damage", for a record of the kind QUIRE_RECORD_GAP. */
enum { RECORD_GAP_TEXT = 160 };
const char *record_gap_text(const struct quire_record *gap, char text[RECORD_GAP_TEXT]);
const char *record_gap_reason(uint32_t reason);

#endif
