/* The bytes of a byte file, from any offset: out of the log that keeps them, while it is written or long after.
 *
 * A reader belongs to one thread at a time.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BYTES_READER_H
#define BYTES_READER_H

#include <stdbool.h>
#include <stdint.h>

struct bytes_reader;

/* Opens the log in directory. A directory without a segment is an empty file. Errors as of quire_reader_open;
 * -EBADMSG: its records are no pieces. */
int bytes_reader_open(const char *directory, struct bytes_reader **reader);
void bytes_reader_close(struct bytes_reader *reader);

/* Forgets what it knows of the file, unless that was told of the same generation before. */
void bytes_reader_renew(struct bytes_reader *reader, uint64_t generation);

/* The end of the last piece. *cut_short: what lies behind it cannot be read, so the file was longer. */
int bytes_reader_size(struct bytes_reader *reader, uint64_t *size, bool *cut_short);

/* Copies up to length bytes from offset on to to; *got is how many. Fewer only where the file ends, or where what comes
 * next cannot be read; 0 bytes at the end. QUIRE_E_DAMAGED: the byte at offset cannot be read; QUIRE_E_TRIMMED: it is
 * gone from the front of the log. */
int bytes_reader_read(struct bytes_reader *reader, uint64_t offset, void *to, uint64_t length, uint64_t *got);

/* Waits until there may be more behind what read found to be the end: as quire_reader_wait. */
int bytes_reader_wait(struct bytes_reader *reader, int timeout_ms);

/* The piece that holds the byte at offset: its sequence, and the offset of its first byte. Errors as for read; QUIRE_E_RANGE
 * at the end of the file and behind it. */
int bytes_reader_find(struct bytes_reader *reader, uint64_t offset, uint64_t *sequence, uint64_t *begin);

#endif
