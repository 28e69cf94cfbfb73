/* A file system that fails on request: an io seam between a writer and the operating system.
 *
 * It counts every operation and passes it on to the system, but for syncs: the device is its own, and quick. It can be
 * told that the k-th of a kind fails, falls short, or is held until the test lets it go. Asynchronous writes are done
 * by a queue of its own, at the moment they are reaped, so that they are never earlier than they have to be, and in the
 * order that the test asks for. After each successful sync it knows what would be left after a power cut.
 *
 * It also holds the library to the seam's contract: a breach (an unaligned direct write, two threads in one
 * queue, a queue closed too early, a handle left open, a flush asked for again of a file whose flush failed) fails the
 * case.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FAULT_H
#define QUIRE_TESTS_FAULT_H

#include "io/io.h"
#include "support.h"
#include "writer/writer.h"

enum fault_op {
    FAULT_OPEN,
    FAULT_CLOSE,
    FAULT_UNLINK,
    FAULT_RENAME,
    FAULT_MAKE_DIRECTORY,
    FAULT_LIST,
    FAULT_FREE_SPACE,
    FAULT_LOCK,
    FAULT_FACTS,
    FAULT_IDENTIFY,
    FAULT_ALLOCATE,
    FAULT_TRUNCATE,
    FAULT_WRITE,
    FAULT_WRITE_DURABLY,
    FAULT_READ,
    FAULT_SYNC,
    FAULT_SYNC_DIRECTORY,
    FAULT_WRITEBACK,
    FAULT_DROP_CACHE,
    FAULT_MAP,
    FAULT_POPULATE,
    FAULT_UNMAP,
    FAULT_QUEUE_OPEN,
    FAULT_QUEUE_WRITE,
    FAULT_QUEUE_REAP,
    FAULT_COMPLETION,
    FAULT_OPS
};

const char *fault_op_name(enum fault_op op);

enum fault_kind {
    FAULT_FAIL,  /* is not done, and returns code */
    FAULT_AFTER, /* is done, and returns code all the same */
    FAULT_SHORT /* does the first half (at least a byte, and for direct writes whole alignments), then returns code, or,
                    if that is 0, how much it did */
};

struct fault_rule {
    enum fault_op op;
    enum fault_kind kind;
    int code;
    uint64_t nth;         /* the first call that it hits, among those that match from now on; 0 and 1: the next */
    uint64_t times;       /* how many calls it hits; 0: one; UINT64_MAX: all from then on */
    uint64_t from_offset; /* only calls that reach beyond this offset match */
};

enum fault_order { FAULT_FIRST_FIRST, FAULT_LAST_FIRST, FAULT_SHUFFLED };

struct fault_write {
    uintptr_t memory;
    uint64_t length, offset;
    bool queued;
};

struct fault;

/* Set these before the writer is opened. */
struct fault_setup {
    uint32_t align;         /* of direct I/O, in memory and file; 0: none to be had */
    enum fault_order order; /* of completions */
    bool lazy;              /* a write completes only when somebody waits for it, one at a time */
    uint64_t watch_durable; /* keep what a power cut would leave, of so many bytes from the start of the file */
    uint32_t depth;         /* of the queue, which is full with so many; 0: as deep as asked for */
};

struct fault *fault_new(struct fault_setup setup);

/* Also checks that nothing was left open. */
void fault_free(struct fault *fault);

struct quire__io *fault_io(struct fault *fault);

void fault_add(struct fault *fault, struct fault_rule rule);
/* The nth call of op from now on fails with code; or that one and all later ones. */
void fault_once(struct fault *fault, enum fault_op op, uint64_t nth, int code);
void fault_ever(struct fault *fault, enum fault_op op, uint64_t nth, int code);
void fault_clear(struct fault *fault);

/* Calls so far, those that were made to fail included; and how many calls were hit by a rule. */
uint64_t fault_calls(struct fault *fault, enum fault_op op);
uint64_t fault_hits(struct fault *fault);

/* The writes so far, plain and queued. Only while nobody writes, and until somebody does. */
const struct fault_write *fault_writes(struct fault *fault, uint64_t *count);

/* From now on calls of op wait. (For FAULT_COMPLETION: queued writes do not come to their end.) */
void fault_hold(struct fault *fault, enum fault_op op);
void fault_release(struct fault *fault, enum fault_op op);
/* Returns when count calls of op wait. */
void fault_await(struct fault *fault, enum fault_op op, uint32_t count);

/* What a power cut would leave now, and whether the file would have its name. With watch_durable. */
struct bytes fault_durable(struct fault *fault);
bool fault_name_durable(struct fault *fault);

/* Did a flush of the file that has this name now fail? Did the flush of its directory, asked for because of that name,
 * and none went well after it? */
bool fault_sync_failed(struct fault *fault, const char *path);
bool fault_name_failed(struct fault *fault, const char *path);

/* As open_writer, on the faulty system. uring is always to be had, unless align is 0. */
quire_writer *fault_open_writer(struct fault *fault, const char *path, const struct quire_writer_options *options);

#endif
