/* A file as a durable append may find it: made before the clock, read back after it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_SYNC_FILE_H
#define BENCH_SYNC_FILE_H

#include <stdint.h>

#include "machine/place.h"
#include "sync/matrix.h"

/* Makes place->file, of that kind, with room for so many bytes, and syncs it. 0 or -errno, and *call names the call
 * that failed. place->file and place->written may be there after a failure: the place removes them. */
int bench_sync_file_make(const struct bench_place *place, enum bench_sync_file kind, uint64_t bytes, const char **call);

/* What record number `number` of a run holds, in memory that bench_fill has filled: a few bytes in every page. */
void bench_sync_record_stamp(char *record, uint64_t record_bytes, unsigned run, uint64_t number);

/* Drops the file's pages and reads it back: it must hold the first `records` records of the run, and be as long as that
 * kind of file, made for `bytes`, should be. record has the bytes that bench_fill left. 0; -EBADMSG for other bytes or
 * another length; or -errno. */
int bench_sync_file_check(const struct bench_place *place, enum bench_sync_file kind, uint64_t bytes, char *record,
                          uint64_t record_bytes, unsigned run, uint64_t records);

#endif
