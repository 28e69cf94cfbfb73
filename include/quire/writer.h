/* quire_writer: bytes to the end of one file.
 *
 *     quire_writer *w;
 *     int rc = quire_writer_open("events.log", NULL, &w);      // NULL: the defaults
 *     if (rc == 0) {
 *         rc = quire_writer_append(w, "hello\n", 6, NULL);     // in memory: fast, not yet safe
 *         if (rc == 0)
 *             rc = quire_writer_sync(w);                       // safe from a power cut
 *         int end = quire_writer_close(w);
 *         rc = rc < 0 ? rc : end;
 *     }
 *
 * A record is what one append hands in: any bytes, any length. Records are never interleaved and never reordered
 * within one order: the writer itself is the *shared lane*, to which any number of threads append in one total
 * order; a *lane* is one thread's own way in, about as cheap as a memcpy, whose order is kept and whose batches take
 * their place among the others' when they are handed over.
 *
 * CAVEATS, the ways in which people lose data:
 *   - An append that returned 0 is in memory. flush gives it to the kernel (safe from the death of the process);
 *     only sync, or wait_durable, or the policy QUIRE_SYNC_EACH makes it safe from a power cut.
 *   - What lies in a lane is counted by no watermark until the lane is flushed, or the writer is flushed or synced.
 * - After the first failed write or sync the writer is poisoned: every later append, flush, sync and wait returns that
 * first error, and nothing is tried again, for a second fsync may "succeed" over data that is lost. What was durable
 * stays so.
 *   - With mmap and uring, or with QUIRE_PREPARE_WRITTEN, the file is longer than its content while it is open: the
 *     space made ready beyond the end reads as zeros. close cuts the file to its true length; after a crash
 *     the zeros are still there, and a plain file cannot say where its bytes ended.
 *   - A file truncated by another program while the mmap method has it open kills the process with SIGBUS.
 *   - The handle must not be used after fork() in the child.
 *
 * Thread-safety: unless a function says otherwise, any thread may call it at any time between open and close.
 * No function logs, exits, installs a signal handler, or allocates memory between open and close, except
 * quire_lane_open, and libc inside the stdio method.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_WRITER_H
#define QUIRE_WRITER_H

#include <stdint.h>
#include <sys/uio.h>

#include <quire/error.h>
#include <quire/observe.h>
#include <quire/stats.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct quire_writer quire_writer;
typedef struct quire_lane quire_lane;

/* How bytes get from memory to the file. For the same appends all of them leave the same file. */
enum quire_method {
    QUIRE_METHOD_DEFAULT = 0, /* paged */
    QUIRE_METHOD_WRITE = 1,   /* one write(2) per append, nothing held back */
    QUIRE_METHOD_STDIO = 2,   /* libc's fwrite with a buffer of buffer_bytes: the yardstick */
    QUIRE_METHOD_PAGED = 3,   /* page-aligned buffers into the page cache */
    QUIRE_METHOD_MMAP = 4,    /* windows of the file itself, allocated, then mapped */
    QUIRE_METHOD_URING = 5    /* page-aligned buffers past the page cache: O_DIRECT through io_uring */
};

/* What an append does when no buffer is free. The methods write and stdio hold no buffers of quire's: they always
 * wait for the kernel. Under AGAIN and DROP a thread of the writer's does the draining, and an append never waits
 * for the device. */
enum quire_on_full {
    QUIRE_FULL_BLOCK = 0, /* wait for one, or drain one itself */
    QUIRE_FULL_AGAIN = 1, /* return -EAGAIN: nothing was appended */
    QUIRE_FULL_DROP = 2   /* return QUIRE_E_DROPPED: nothing was appended, and the statistics count it */
};

/* When bytes are made durable without being asked each time. */
enum quire_sync_policy {
    QUIRE_SYNC_REQUEST = 0,  /* when sync or wait_durable is called, and at close */
    QUIRE_SYNC_NONE = 1,     /* only when sync or wait_durable is called; close does not */
    QUIRE_SYNC_INTERVAL = 2, /* every sync_interval_ms by a thread of the writer's, and at close */
    QUIRE_SYNC_EACH = 3      /* before each append or publish returns; one flush serves all who wait */
};

/* Space for prepare_bytes beyond the end of the file, made ready at open. Unused space is given back at close. */
enum quire_prepare {
    QUIRE_PREPARE_NONE = 0,      /* the file grows as it is appended to */
    QUIRE_PREPARE_ALLOCATED = 1, /* blocks are allocated: appends into them cannot meet a full disk */
    QUIRE_PREPARE_WRITTEN = 2    /* blocks are allocated and written with zeros: a durable append into them costs
                                    one device flush instead of two, and direct I/O is fastest there */
};

/* Flags. Without any: open the file if it exists, else create it, and append at its end. EXISTING and EXCLUSIVE
 * contradict each other. */
#define QUIRE_OPEN_EXISTING 1u       /* the file must exist: else -ENOENT */
#define QUIRE_OPEN_EXCLUSIVE 2u      /* the file must not exist: else -EEXIST */
#define QUIRE_OPEN_ALLOW_FALLBACK 4u /* where uring cannot be had, use paged; the statistics say so */

/* Everything that can be chosen at open. Zero means the default everywhere; set size and what matters:
 *     struct quire_writer_options o = { .size = sizeof o, .method = QUIRE_METHOD_URING };
 * Defaults marked (m) were chosen by measurement: see docs/benchmarks.md. */
struct quire_writer_options {
    uint64_t size;   /* sizeof(struct quire_writer_options); required */
    uint32_t method; /* enum quire_method */
    uint32_t flags;  /* QUIRE_OPEN_... or'ed */

    /* One buffer, or one window of mmap: whole pages, 4 KiB to 64 MiB.
     * 0: 256 KiB for paged (m), 1 MiB for uring (m), 8 MiB for mmap, 64 KiB for stdio and write. */
    uint64_t buffer_bytes;
    /* 2 to 1024, 1 GiB in all. 0: 8 for paged (m), 16 for uring (m), 2 for mmap, which takes nothing else. For write
     * and stdio, which have one buffer, for claims, it changes nothing. */
    uint32_t buffer_count;
    uint32_t on_full; /* enum quire_on_full */
    /* A lane's buffer: whole pages, at most buffer_bytes x (buffer_count - 1). 0: 256 KiB (m), or buffer_bytes if
     * less. */
    uint64_t lane_bytes;

    uint64_t prepare_bytes; /* with prepare: how many bytes beyond the end. Otherwise 0 */
    uint32_t prepare;       /* enum quire_prepare */

    uint32_t sync_policy;      /* enum quire_sync_policy */
    uint32_t sync_interval_ms; /* with QUIRE_SYNC_INTERVAL: 1 to 3600000; 0: 1000. Otherwise 0 */

    uint32_t file_mode;        /* permission bits of a file that open creates, before the umask. 0: 0600 */
    uint32_t claim_timeout_ms; /* how long flush, sync and close wait for somebody else's open claim. 0: 1000 */
    uint32_t reserved;         /* 0 */

    /* NULL, or where an open that failed at the path says which call failed; untouched on success, and where the
     * arguments were refused. */
    struct quire_failure *failure;

    quire_observe *observe; /* NULL, or who is told what the writer does: see observe.h */
    void *observe_context;  /* handed to it */
};

/* Opens path for appending at its true end and gives *writer.
 *   path     a regular file, or a name in an existing directory. Symbolic links are not followed, directories, FIFOs
 *            and devices are refused.
 *   options  NULL for the defaults. The structure is copied.
 * On success the file exists and is locked against other writers; if this call created it, and the policy is not
 * QUIRE_SYNC_NONE, its name is durable. On failure *writer is untouched and a file that this call created is removed.
 * Errors: QUIRE_E_ARGUMENT, QUIRE_E_OPTIONS, QUIRE_E_METHOD, QUIRE_E_BUFFER_SIZE, QUIRE_E_BUFFER_COUNT: the call is
 * wrong. QUIRE_E_NOT_REGULAR, QUIRE_E_SYMLINK, QUIRE_E_LOCKED, QUIRE_E_REPLACED, -EISDIR, -ENOENT, -EEXIST, -EACCES,
 * -EROFS, ...: the path is not to be had. QUIRE_E_NO_DIRECT, QUIRE_E_NO_URING: the method is not, and
 * QUIRE_OPEN_ALLOW_FALLBACK was not given. -ENOSPC: no room for prepare_bytes. -ENOMEM, -EAGAIN: no memory, no
 * thread. */
int quire_writer_open(const char *path, const struct quire_writer_options *options, quire_writer **writer);

/* Appends length bytes as one record. *offset (unless NULL) is where in the file it begins. A length of 0 is
 * accepted and appends nothing. On return the bytes are the writer's and data may be reused.
 * Errors after which nothing was appended and the writer goes on: QUIRE_E_ARGUMENT; -EAGAIN or QUIRE_E_DROPPED, by the
 * policy; -EFBIG for a length that no file can have; -ENOSPC, -EDQUOT and -EFBIG from mmap and uring, which allocate
 * before they accept, until there is space; QUIRE_E_TOO_LARGE: under AGAIN or DROP the record can never fit (under
 * BLOCK a record larger than all buffers goes in pieces; if it cannot be completed, its error poisons the writer);
 * QUIRE_E_CLAIM_OPEN: somebody's claim is in the way and was not published in time.
 * But under QUIRE_SYNC_EACH, with paged, mmap and uring, QUIRE_E_CLAIM_OPEN says that the record was appended and is
 * not durable, since the claim stands before it in the file: do not append it again. Anything else is the first failure
 * of this writer and stays. */
int quire_writer_append(quire_writer *writer, const void *data, uint64_t length, uint64_t *offset);

/* The same for a record in count pieces, which land back to back. count is 0 to IOV_MAX (1024). */
int quire_writer_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t *offset);

/* A piece of the writer's own memory, promised a place in the file. Only memory may be written through; the
 * structure itself is the caller's to keep and not to change. */
struct quire_claim {
    void *memory;    /* length bytes, not aligned */
    uint64_t length; /* as asked for */
    uint64_t offset; /* the place in the file; for a lane's claim not yet known: UINT64_MAX */
    uint64_t ticket; /* quire's own */
};

/* Claims length bytes (1 or more) to build a record, or many records, in place: no copy. The claim is part of the
 * writer's order from now on, so whatever is appended later waits behind it for the file: publish soon.
 * Until it is published, flush and sync by the same or another thread wait for it for claim_timeout_ms, then return
 * QUIRE_E_CLAIM_OPEN; close does the same and then leaves out the claim and whatever came after it.
 * At most buffer_bytes x (buffer_count - 1) bytes (mmap: buffer_bytes; write, stdio: buffer_bytes, and one claim at a
 * time), else QUIRE_E_TOO_LARGE. Other errors as for append. */
int quire_writer_claim(quire_writer *writer, uint64_t length, struct quire_claim *claim);

/* Publishes a claim, whole. Its memory must not be touched afterwards. Any thread may publish it, once: the second
 * time is QUIRE_E_CLAIM_STALE and does nothing. Under QUIRE_SYNC_EACH it returns when the bytes are durable. */
int quire_writer_publish(quire_writer *writer, const struct quire_claim *claim);

/* Gives everything appended before the call, in the writer and in all its lanes, to the kernel: written >= what
 * appended was. Survives the death of the process, not of the machine. */
int quire_writer_flush(quire_writer *writer);

/* Makes everything appended before the call, in the writer and in all its lanes, durable. One device flush serves all
 * threads that wait. An error is returned to every one of them, and stays; but after QUIRE_E_CLAIM_OPEN what lies
 * before the claim is durable, and the writer goes on. */
int quire_writer_sync(quire_writer *writer);

/* Returns when all bytes before offset are durable; if nobody's flush covers them it makes one.
 * With QUIRE_SYNC_INTERVAL it waits for the next one instead. QUIRE_E_RANGE if offset > appended.
 * QUIRE_E_CLAIM_OPEN as from sync. */
int quire_writer_wait_durable(quire_writer *writer, uint64_t offset);

/* The watermarks now. Does not fail for a poisoned writer. */
int quire_writer_watermarks(quire_writer *writer, struct quire_watermarks *watermarks);

/* Fills what of *stats the caller knows (stats->size, set by the caller) and the library has. Does not fail
 * for a poisoned writer. QUIRE_E_OPTIONS if stats->size is too small to hold even the methods. */
int quire_writer_stats(quire_writer *writer, struct quire_writer_stats *stats);

/* The first failure: what failed, why, and where. failure->code is 0 if nothing has. */
int quire_writer_failure(quire_writer *writer, struct quire_failure *failure);

/* Hands over the lanes, flushes, syncs unless the policy is QUIRE_SYNC_NONE, cuts the file to its true length, releases
 * everything. The handle and its lanes are gone whatever is returned: the first error of the writer's life, else
 * the first of closing, else 0. No other thread may be inside a call, or hold a lane in use. NULL: QUIRE_E_ARGUMENT. */
int quire_writer_close(quire_writer *writer);

/* Opens a lane: memory of lane_bytes for one thread at a time. Allocates. With the methods write and stdio, and with
 * QUIRE_SYNC_EACH, a lane holds nothing back and works like the writer itself. */
int quire_lane_open(quire_writer *writer, quire_lane **lane);

/* As quire_writer_append and _appendv, into the lane. While it has room: a bounds check, a copy and a store, no lock.
 * When it is full, its batch is handed to the writer first; the errors are those of quire_writer_append, and then this
 * record was not appended while all before it still are. A record larger than the lane goes straight to the writer
 * behind the batch. Only the thread that owns the lane. */
int quire_lane_append(quire_lane *lane, const void *data, uint64_t length);
int quire_lane_appendv(quire_lane *lane, const struct iovec *pieces, int count);

/* Claims up to lane_bytes in the lane, and publishes the first used bytes of it (0 takes the claim back). The claim
 * holds nobody up: until it is published it is not there, and the next append or claim in this lane takes its place.
 * The policy of a full buffer is asked at the claim; publish waits. Where a lane holds nothing back, publish appends:
 * after an error of that the claim is as it was. Only the thread that owns the lane. */
int quire_lane_claim(quire_lane *lane, uint64_t length, struct quire_claim *claim);
int quire_lane_publish(quire_lane *lane, const struct quire_claim *claim, uint64_t used);

/* Hands the lane's batch to the writer. *end (unless NULL) is the offset in the file behind the last byte of the lane:
 * the ticket for quire_writer_wait_durable; 0 if nothing was ever appended to it. It waits for a buffer under any
 * policy. Only the thread that owns the lane. */
int quire_lane_flush(quire_lane *lane, uint64_t *end);

/* Hands over the rest and frees the lane, whatever is returned. Only the thread that owns the lane. */
int quire_lane_close(quire_lane *lane);

/* "write", "stdio", "paged", "mmap", "uring"; "unknown" for anything else. Constant, never freed. */
const char *quire_method_name(uint32_t method);

/* The method of that name. QUIRE_E_METHOD if there is none, QUIRE_E_ARGUMENT for NULL. */
int quire_method_parse(const char *name, uint32_t *method);

#ifdef __cplusplus
}
#endif
#endif
