/* quire_reader: records out of a log, while it is being written or long after.
 *
 *     quire_reader *reader;
 *     struct quire_record record;
 *     int rc = quire_reader_open("events", NULL, &reader);
 *     while (rc == 0 && (rc = quire_reader_next(reader, &record)) > 0) {
 *         fwrite(record.data, 1, record.length, stdout);   // the reader's memory, until the next call
 *         rc = 0;
 *     }
 *     quire_reader_close(reader);
 *
 * A reader needs no lock and never writes. It stands between two records. Every record that it gives was checked: the
 * block it lies in has a checksum over everything in it. What is damaged is never skipped in silence: next returns
 * the error and says where, unless the caller asked for declared gaps.
 *
 * Thread-safety: a reader belongs to one thread at a time; different readers are independent.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_H
#define QUIRE_READER_H

#include <stdint.h>

#include <quire/error.h>
#include <quire/log.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct quire_reader quire_reader;

#define QUIRE_READ_DURABLE 1u /* only what is known to be durable; else everything that the kernel was given */
#define QUIRE_READ_GAPS 2u    /* damage becomes a record of the kind QUIRE_RECORD_GAP, and reading goes on behind it */

enum quire_record_kind {
    QUIRE_RECORD_DATA = 0,
    QUIRE_RECORD_GAP = 1 /* sequences that are lost: from sequence, lost of them; data is NULL */
};

enum quire_gap_reason {
    QUIRE_GAP_NONE = 0,
    QUIRE_GAP_DROPPED = 1, /* no buffer was free, and the policy was to drop: declared by the writer */
    QUIRE_GAP_CLAIM = 2,   /* a claim that was never published: declared by the writer */
    QUIRE_GAP_DAMAGE = 3   /* could not be read: found by the reader */
};

struct quire_record {
    const void *data; /* length bytes; the reader's, until its next call */
    uint64_t length;
    uint64_t sequence;
    uint64_t time;    /* nanoseconds since 1970, never below that of the record before; of the block, unless the log
                          keeps the time of each record */
    uint32_t kind;    /* enum quire_record_kind */
    uint32_t reason;  /* enum quire_gap_reason */
    uint64_t lost;    /* of a gap: how many sequences */
    uint64_t segment; /* where it lies: number of the segment, */
    uint64_t offset;  /* offset of its block in it */
};

struct quire_reader_options {
    uint64_t size;  /* sizeof(struct quire_reader_options); required */
    uint32_t flags; /* QUIRE_READ_... or'ed */
    uint32_t reserved;
    uint64_t block_most;         /* blocks larger than this are refused with QUIRE_E_TOO_LARGE. 0: 1 GiB + 64 KiB */
    struct quire_damage *damage; /* NULL, or where an error says where it was */
};

/* Opens the log in directory for reading; the reader stands before the first record.
 * QUIRE_E_NOT_A_LOG: no segment there. -ENOENT, -EACCES, QUIRE_E_VERSION, QUIRE_E_FOREIGN, ... */
int quire_reader_open(const char *directory, const struct quire_reader_options *options, quire_reader **reader);
int quire_reader_close(quire_reader *reader);

/* 1 and the next record; 0 at the end, which a log that is being written may move: ask again. Negative: nothing was
 * passed over. QUIRE_E_DAMAGED and its kin: asking again gives the same, and _skip passes over it.
 * QUIRE_E_TRIMMED: the segment went away while it was read; seek. */
int quire_reader_next(quire_reader *reader, struct quire_record *record);
/* The record before where the reader stands, and stands before it: reads backwards. 0 at the beginning. */
int quire_reader_previous(quire_reader *reader, struct quire_record *record);
/* After an error: passes over what cannot be read, to the next place that can. 0, or the error that stays. */
int quire_reader_skip(quire_reader *reader);

/* Stand before the record sequence; before the first record whose time is at least time; before the first; behind
 * the last. Looks at O(log n) blocks: no index file. seek_sequence: QUIRE_E_TRIMMED if it is gone from the front,
 * QUIRE_E_RANGE if it was not written yet; the one after the last is the end. A time after the last record is the
 * end. All: QUIRE_E_TRIMMED if the segment went away meanwhile: for a time, or an end, ask again. */
int quire_reader_seek_sequence(quire_reader *reader, uint64_t sequence);
int quire_reader_seek_time(quire_reader *reader, uint64_t time);
int quire_reader_seek_begin(quire_reader *reader);
int quire_reader_seek_end(quire_reader *reader);

/* Waits until there may be more than when next last returned 0: 1; or 0 when timeout_ms is over (-1: for ever).
 * Sleeps in the kernel: woken by the writer's hand-over, in any process. -EINTR after a signal. */
int quire_reader_wait(quire_reader *reader, int timeout_ms);

/* The watermarks as a reader can know them: appended and written: the last record that can be read; durable: what the
 * log is known to have made durable. */
int quire_reader_watermarks(quire_reader *reader, struct quire_watermarks *watermarks);

/* Where the reader stands, in 48 bytes without pointers that can be stored, and back: for a consumer that resumes.
 * QUIRE_E_CURSOR: not a cursor of this log. QUIRE_E_TRIMMED, QUIRE_E_RANGE as for seek_sequence. */
struct quire_cursor {
    unsigned char bytes[48];
};
int quire_reader_tell(quire_reader *reader, struct quire_cursor *cursor);
int quire_reader_resume(quire_reader *reader, const struct quire_cursor *cursor);

/* Reads the whole log with threads threads (0: one per processor), a segment each at a time. see is called for every
 * record, by several threads at once, in order within a segment; thread says by which. It returns 0 to go on; anything
 * else stops the scan and is returned. Errors as for next. */
typedef int quire_see_record(void *context, uint32_t thread, const struct quire_record *record);
int quire_scan(const char *directory, const struct quire_reader_options *options, uint32_t threads,
               quire_see_record *see, void *context);

#ifdef __cplusplus
}
#endif
#endif
