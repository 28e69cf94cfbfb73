/* quire_log: records that survive, in a directory of segments.
 *
 *     quire_log *log;
 *     uint64_t sequence;
 *     int rc = quire_log_open("events", NULL, &log);             // made if missing, recovered if need be
 *     if (rc == 0) {
 *         rc = quire_log_append(log, "hello", 5, &sequence);     // in memory: fast, not yet safe
 *         if (rc == 0)
 *             rc = quire_log_sync(log, sequence);                // it and all before it: safe from a power cut
 *         int end = quire_log_close(log);
 *         rc = rc < 0 ? rc : end;
 *     }
 *
 * A record is any bytes of any length up to record_most. Every record has a sequence: 1, 2, 3 and so on, without holes.
 * Any number of threads append to the log itself, in one total order, and learn the sequence at once. A *lane* is one
 * thread's own way in, about as cheap as a memcpy; its records get their sequences when the lane is handed over.
 * Records lie in *blocks* of whole pages with a checksum, blocks in *segments*, files that the log makes ready before
 * it needs them and takes away when the caller's retention says so. docs/format.md has the bytes, docs/durability.md
 * the promises.
 *
 * CAVEATS, the ways in which people lose data:
 *   - An append that returned 0 is in memory. flush gives it to the kernel (safe from the death of the process); only
 *     sync, or wait_durable, or the policy QUIRE_SYNC_EACH makes it safe from a power cut.
 *   - After the first failed write or sync the log is poisoned: every later call returns that error, nothing is tried
 *     again. With QUIRE_LOG_CONTINUE it goes on in a fresh segment with what was not durable yet, unless that is from
 *     before it was opened (earlier sessions under QUIRE_SYNC_NONE).
 *   - Retention takes away whole segments, whatever is in them, and trim does.
 *   - The handle must not be used after fork() in the child: calls return QUIRE_E_FORKED there, close frees memory.
 *
 * Thread-safety: unless a function says otherwise, any thread may call it at any time between open and close. No
 * function logs, exits, installs a signal handler, or allocates memory between open and close, except
 * quire_log_lane_open.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_H
#define QUIRE_LOG_H

#include <stdint.h>
#include <sys/uio.h>

#include <quire/error.h>
#include <quire/observe.h>
#include <quire/stats.h>
#include <quire/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct quire_log quire_log;
typedef struct quire_log_lane quire_log_lane;

/* Flags. Without any: open the log if there is one, else make it. */
#define QUIRE_LOG_EXISTING 1u       /* the directory must hold a log: else QUIRE_E_NOT_A_LOG or -ENOENT */
#define QUIRE_LOG_EXCLUSIVE 2u      /* it must not: else -EEXIST */
#define QUIRE_LOG_ALLOW_FALLBACK 4u /* where uring cannot be had, use paged; the statistics say so */
#define QUIRE_LOG_RECORD_TIMES 8u   /* keep the time of each record, not only of each block */
#define QUIRE_LOG_CONTINUE 16u      /* after a failed write or sync, go on in a fresh segment (see above) */
#define QUIRE_LOG_CHAIN 32u         /* chain the segments by SHA-256, so that verify can prove that none was changed */
#define QUIRE_LOG_NO_LIVE 64u       /* do not publish watermarks for readers of other processes: they cannot follow */
#define QUIRE_LOG_READ_PAST_DAMAGE 128u /* open in spite of damage below the durable mark: it becomes a declared gap */
/* A thread of the log's own compresses and writes; an append waits only while no buffer is free. Not with CONTINUE. */
#define QUIRE_LOG_BACKGROUND 256u

enum quire_codec { QUIRE_CODEC_NONE = 0, QUIRE_CODEC_ZSTD = 1, QUIRE_CODEC_LZ4 = 2 };

/* How the next segment is made ready, in the background, before it is needed. */
enum quire_log_prepare {
    QUIRE_LOG_PREPARE_DEFAULT = 0,   /* WRITTEN for QUIRE_SYNC_EACH and for uring, else ALLOCATED */
    QUIRE_LOG_PREPARE_ALLOCATED = 1, /* blocks are allocated */
    QUIRE_LOG_PREPARE_WRITTEN = 2,   /* a segment that retention frees is used again; else zeros are written */
    QUIRE_LOG_PREPARE_NONE = 3       /* not at all: a segment grows as it is written, and a full disk is a failed write,
                                        after which the log is poisoned. For paged and write, where space ahead would
                                        have to cross a network as zeros */
};

/* What recovery found at open. */
struct quire_recovery {
    uint64_t size;          /* in: sizeof(struct quire_recovery) as the caller knows it */
    uint64_t last_sequence; /* of the log; 0: it is empty */
    uint64_t durable_mark;  /* the highest sequence that a block says was durable when it was built */
    uint64_t torn_blocks;   /* blocks dropped from the tail, with a header that could be read; none was durable */
    uint64_t torn_records;  /* records in those, by their headers */
    uint64_t torn_bytes;    /* bytes dropped from the tail, kept in the file torn_segment.torn */
    uint64_t segment;       /* the segment where the tail was, */
    uint64_t offset;        /* and where in it the log goes on */
    uint64_t gap_first;     /* with QUIRE_LOG_READ_PAST_DAMAGE: the sequences declared lost; 0: none */
    uint64_t gap_last;
};

/* A place that is damaged. */
struct quire_damage {
    int code; /* QUIRE_E_DAMAGED, QUIRE_E_MISSING, QUIRE_E_FOREIGN, QUIRE_E_VERSION, -EIO, ... */
    int reserved;
    uint64_t segment;        /* number of the segment */
    uint64_t block;          /* number of the block within it, counting from 0; UINT64_MAX: the segment's header */
    uint64_t offset;         /* of the block, in bytes from the start of the segment */
    uint64_t first_sequence; /* the records that cannot be read; both 0: unknown */
    uint64_t last_sequence;
};

/* Everything that can be chosen at open. Zero means the default everywhere. Set size, and what matters:
 *     struct quire_log_options o = { .size = sizeof o, .sync_policy = QUIRE_SYNC_EACH };
 * Defaults marked (m) were chosen by measurement: see docs/benchmarks.md. */
struct quire_log_options {
    uint64_t size;   /* sizeof(struct quire_log_options); required */
    uint32_t method; /* enum quire_method: paged (default), uring, mmap, write. write hands each record to the kernel
                        before append returns, in a block of its own */
    uint32_t flags;  /* QUIRE_LOG_... or'ed */

    /* A block's buffer: whole pages, 4 KiB to 64 MiB. A larger record is a block of its own. 0: 256 KiB, or
     * 1 MiB for uring (m). */
    uint64_t block_bytes;
    uint32_t block_count; /* 3 to 1024, 1 GiB in all. 0: 8, or 4 for uring (m) */
    uint32_t on_full;     /* enum quire_on_full: what an append does when no buffer is free. Drops leave a gap record */
    uint64_t lane_bytes;  /* a lane's buffer: whole pages, up to block_bytes. 0: block_bytes */
    uint64_t record_most; /* the largest record, and batch: up to 1 GiB, and never more than a segment holds, or with
                             QUIRE_LOG_CONTINUE the buffers. 0: that */

    uint32_t sync_policy;      /* enum quire_sync_policy */
    uint32_t sync_interval_ms; /* with QUIRE_SYNC_INTERVAL: 1 to 3600000; 0: 1000 */

    uint64_t segment_bytes;    /* a segment: whole pages, block_bytes + 16 KiB to 1 TiB. 0: 64 MiB */
    uint64_t rotate_ms;        /* a segment that is older is sealed with the next append. 0: never */
    uint64_t keep_bytes;       /* retention: the oldest segments go while all have more bytes than this. 0: no bound */
    uint64_t keep_ms;          /* the last record of the oldest segment is older than this. 0: no bound */
    uint64_t keep_segments;    /* there are more than so many. 0: no bound */
    uint64_t keep_free;        /* the file system has fewer bytes free than this. 0: no bound */
    uint64_t reserve_bytes;    /* a file given up when the disk is full, so that the log can still be closed properly.
                                0: 64 KiB */
    uint32_t prepare;          /* enum quire_log_prepare */
    uint32_t codec;            /* enum quire_codec: compress blocks where that saves a page. 0: no */
    int32_t codec_level;       /* zstd: 1 to 19; 0: 1. lz4: an acceleration, 0: 1 */
    uint32_t file_mode;        /* permission bits of files made, before the umask. 0: 0600; the directory: 0700 */
    uint32_t claim_timeout_ms; /* how long flush, sync and close wait for somebody else's open claim. 0: 1000 */
    uint32_t reserved;         /* 0 */

    struct quire_failure *failure;   /* NULL, or where an open that failed says which call failed */
    struct quire_damage *damage;     /* NULL, or where an open that met damage says where */
    struct quire_recovery *recovery; /* NULL, or where open says what it found; set its size */

    quire_observe *observe; /* NULL, or who is told what the log does: see observe.h */
    void *observe_context;
};

/* Opens the log in directory for appending and gives *log. Makes the directory (not those above it) if it is missing.
 * Recovers: what was durable is there, a torn tail is cut off and kept aside in <number>.torn, and appends go on
 * behind the last whole block. Reads the last segment, whatever the log's size, and those before it that are not known
 * to be durable: after QUIRE_SYNC_NONE that may be many, so a log opened with that policy takes sealed ones for whole.
 * On success the directory is locked against other writers, and everything recovered is durable (unless
 * QUIRE_SYNC_NONE). On failure *log is untouched.
 * Errors: QUIRE_E_ARGUMENT, QUIRE_E_OPTIONS, QUIRE_E_METHOD, QUIRE_E_BUFFER_SIZE, QUIRE_E_BUFFER_COUNT,
 * QUIRE_E_NO_CODEC, QUIRE_E_NO_CHAIN: the call is wrong, or asks what this build cannot do. QUIRE_E_LOCKED: another
 * writer has it. QUIRE_E_NOT_A_LOG, -EEXIST, -ENOTDIR, -EACCES, ...: the path is not to be had. QUIRE_E_DAMAGED: what
 * had been durable cannot be read; *options->damage says where; nothing was changed. QUIRE_E_FOREIGN,
 * QUIRE_E_VERSION: a segment of another log, or of a later version of the format. QUIRE_E_NO_DIRECT,
 * QUIRE_E_NO_URING: the method is not to be had. -EOVERFLOW: the sequences are used up, which takes a log made to do
 * harm. -ENOSPC: no room for a segment. -ENOMEM, -EAGAIN, -EIO, ... */
int quire_log_open(const char *directory, const struct quire_log_options *options, quire_log **log);

/* Appends length bytes as one record; 0 is a record too. *sequence (unless NULL) is its sequence. On return data may be
 * reused. Under QUIRE_SYNC_EACH it returns when the record is durable.
 * Errors after which nothing was appended and the log goes on: QUIRE_E_ARGUMENT; QUIRE_E_TOO_LARGE: over record_most;
 * -EAGAIN or QUIRE_E_DROPPED, by the policy; -ENOSPC, -EDQUOT: no room for the next segment: it works again once
 * there is; QUIRE_E_CLAIM_OPEN: somebody's claim is in the way and was not published in time. But under
 * QUIRE_SYNC_EACH, and with the method write, QUIRE_E_CLAIM_OPEN may also say that the record was appended and is not
 * durable, or written, yet: then *sequence was given, and it is not to be appended again.
 * Anything else is the first failure of this log and stays. */
int quire_log_append(quire_log *log, const void *data, uint64_t length, uint64_t *sequence);

/* The same for a record in count pieces (0 to IOV_MAX). */
int quire_log_appendv(quire_log *log, const struct iovec *pieces, int count, uint64_t *sequence);

/* Appends count records (1 to IOV_MAX) at once: they have consecutive sequences, lie in one block, and after a crash
 * all are there or none is. *first (unless NULL) is the sequence of the first. Together at most record_most. */
int quire_log_append_batch(quire_log *log, const struct iovec *records, int count, uint64_t *first);

/* A piece of the log's memory that is to become a record. Only memory may be written through. */
struct quire_log_claim {
    void *memory;      /* length bytes, not aligned */
    uint64_t length;   /* as asked for */
    uint64_t sequence; /* of the record; for a lane's claim not yet known: 0 */
    uint64_t ticket;   /* quire's own */
};

/* Claims length bytes to build a record in place: no copy. The record has its sequence from now on, and what is
 * appended later waits behind it for the file: publish soon. Until then flush and sync wait for it for
 * claim_timeout_ms, then return QUIRE_E_CLAIM_OPEN; close does the same and then declares its sequence lost.
 * At most what a block holds, else QUIRE_E_TOO_LARGE. Other errors as for append. */
int quire_log_claim(quire_log *log, uint64_t length, struct quire_log_claim *claim);

/* Publishes a claim, whole. Any thread, once: the second time is QUIRE_E_CLAIM_STALE and does nothing. Under
 * QUIRE_SYNC_EACH it returns when the record is durable. */
int quire_log_publish(quire_log *log, const struct quire_log_claim *claim);

/* Gives everything appended before the call, in the log and in all its lanes, to the kernel. */
int quire_log_flush(quire_log *log);

/* Makes every record up to sequence durable; 0: everything appended before the call, in the log and in all its lanes.
 * One device flush serves all threads that wait. QUIRE_E_RANGE if sequence has not been appended. */
int quire_log_sync(quire_log *log, uint64_t sequence);

/* The same, but with QUIRE_SYNC_INTERVAL it waits for the next sync that comes by itself. */
int quire_log_wait_durable(quire_log *log, uint64_t sequence);

/* Seals the current segment now; the next append begins another. */
int quire_log_rotate(quire_log *log);

/* Takes away the oldest segments whose records are all below sequence. The one that is appended to stays.
 * *segments (unless NULL) is how many went. */
int quire_log_trim(quire_log *log, uint64_t sequence, uint64_t *segments);

/* How far the records have come: sequences, 0 = none yet; appended >= written >= durable. */
int quire_log_watermarks(quire_log *log, struct quire_watermarks *watermarks);

/* Fills what of *stats the caller knows (stats->size). Does not fail for a poisoned log. */
int quire_log_stats(quire_log *log, struct quire_log_stats *stats);

/* The first failure: what failed, why, and where; its offset is within the segment being written. code 0: none. */
int quire_log_failure(quire_log *log, struct quire_failure *failure);

/* Hands over the lanes, flushes, syncs unless the policy is QUIRE_SYNC_NONE, releases everything. The handle and its
 * lanes are gone whatever is returned: the first error of the log's life, else of closing, else 0. No other thread may
 * be inside a call, or hold a lane in use. NULL: QUIRE_E_ARGUMENT. */
int quire_log_close(quire_log *log);

/* Opens a lane: memory of lane_bytes for one thread at a time. With the method write, and with QUIRE_SYNC_EACH, a
 * lane holds nothing back and works like the log itself. */
int quire_log_lane_open(quire_log *log, quire_log_lane **lane);

/* As quire_log_append and _appendv, into the lane. The order within the lane is kept; the sequences come when the lane
 * is handed over: when it is full, or flushed, or when the log is flushed or synced. Only the thread that owns it. */
int quire_log_lane_append(quire_log_lane *lane, const void *data, uint64_t length);
int quire_log_lane_appendv(quire_log_lane *lane, const struct iovec *pieces, int count);

/* Claims up to what the lane holds, and publishes the first used bytes of it as one record. The claim holds nobody up:
 * until it is published it is not there, and the next append or claim in this lane takes its place. To take it back,
 * do nothing. Only the thread that owns the lane. */
int quire_log_lane_claim(quire_log_lane *lane, uint64_t length, struct quire_log_claim *claim);
int quire_log_lane_publish(quire_log_lane *lane, const struct quire_log_claim *claim, uint64_t used);

/* Hands the lane over. *sequence (unless NULL) is that of the lane's last record: the ticket for
 * quire_log_wait_durable; 0 if nothing was ever appended to it. Only the thread that owns the lane. */
int quire_log_lane_flush(quire_log_lane *lane, uint64_t *sequence);

/* Hands over the rest and frees the lane, whatever is returned. Only the thread that owns the lane. */
int quire_log_lane_close(quire_log_lane *lane);

#ifdef __cplusplus
}
#endif
#endif
