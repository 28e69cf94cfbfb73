/* A byte file: bytes appended at its end and read from anywhere, kept as pieces in a log.
 *
 *     append -> the tail, in memory -> a piece for each full block -> the log's own thread compresses and writes
 *     read   <- the tail, or the log, by a reader of the caller's
 *
 * What was appended is safe from a power cut when bytes_file_sync has returned 0, and from the death of the process when
 * bytes_file_flush has. Any thread may call any function between open and close.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BYTES_FILE_H
#define BYTES_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <quire/log.h>

#include "bytes/reader.h"

struct bytes_file;

struct bytes_file_options {
    uint32_t codec; /* enum quire_codec */
    int32_t codec_level;
    uint64_t block_bytes, segment_bytes; /* 0: BYTES_FILE_BLOCK; by the length of the file */
    uint32_t file_mode;                  /* of files of the log; 0: 0600 */
    bool grows;                          /* no space ahead: where zeros would have to cross a network */
};

#define BYTES_FILE_BLOCK (UINT64_C(256) << 10)

/* The file in directory, which has to be there: an empty one is an empty file. It is not opened for appending yet. */
int bytes_file_open(const char *directory, const struct bytes_file_options *options, struct bytes_file **file);

/* How long it is. *cut_short: it was longer; what lay behind cannot be read. Nothing can be appended then. */
uint64_t bytes_file_size(struct bytes_file *file, bool *cut_short);

/* Looks at the log again, unless it is open for appending: who has it meanwhile may be another. */
int bytes_file_refresh(struct bytes_file *file);

/* Is the log closed? */
bool bytes_file_rests(struct bytes_file *file);

/* Opens the log for appending, if it is not: recovers it, if need be, so that the file may be shorter than it looked.
 * Errors as of quire_log_open. */
int bytes_file_prepare(struct bytes_file *file);

/* Appends at offset, which must be the file's end, or is said to be so by BYTES_FILE_END: else QUIRE_E_RANGE. *accepted: how many bytes, one at least. Errors as
 * of quire_log_append; nothing was accepted then. */
#define BYTES_FILE_END UINT64_MAX
int bytes_file_append(struct bytes_file *file, uint64_t offset, const void *data, uint64_t length, uint64_t *accepted);

/* As bytes_reader_read, with what is in memory. reader is the caller's, for one thread at a time, of the same directory. */
int bytes_file_read(struct bytes_file *file, struct bytes_reader *reader, uint64_t offset, void *to, uint64_t length,
                    uint64_t *got);

/* Gives what was appended to the log: whether there is room for it is known then. */
int bytes_file_give(struct bytes_file *file);
/* And gives it to the kernel. */
int bytes_file_flush(struct bytes_file *file);
/* And makes it durable. */
int bytes_file_sync(struct bytes_file *file);

/* Makes the file shorter, durably. QUIRE_E_RANGE: it is not that long. Readers opened before are told to start anew. */
int bytes_file_truncate(struct bytes_file *file, uint64_t size);

/* Closes the log, durably, until something is appended again. For when nobody appends any more: a failure, which every
 * append and sync has returned since, ends with it. */
int bytes_file_rest(struct bytes_file *file);

/* Bytes that the log gave to the kernel since open. */
uint64_t bytes_file_stored(struct bytes_file *file);

/* Rests, and frees it. */
int bytes_file_close(struct bytes_file *file);

#endif
