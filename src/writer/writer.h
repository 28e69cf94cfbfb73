/* What the files of this room, and the tests, know of a writer beyond the public header.
 *
 * The face (writer.c, lane.c) checks arguments, and applies policies; a method (one file each) moves bytes.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_WRITER_INTERNAL_H
#define QUIRE_WRITER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <quire/writer.h>

#include "io/io.h"
#include "staging/lane.h"
#include "staging/progress.h"
#include "staging/shared.h"

struct quire__method {
    uint32_t id;
    const char *name;
    unsigned open_how; /* enum quire__io_open, what the method needs beyond writing */
    bool merges;       /* one write for half of the buffers costs less than one for each */
    bool needs_space;  /* bytes can only go where the file's size reaches to already */
    uint64_t default_buffer_bytes;
    uint32_t default_buffer_count;
    uint32_t fixed_buffer_count; /* 0: the caller chooses */

    /* Sets up writer->state. On failure nothing is left and failed_call says what failed. */
    int (*open)(quire_writer *writer, enum quire_call *failed_call);
    void (*close)(quire_writer *writer);

    /* length is the sum of the pieces, over 0. wait: else -EAGAIN instead of waiting for a buffer. */
    int (*append)(quire_writer *writer, const void *data, uint64_t length, bool wait, uint64_t *offset);
    int (*appendv)(quire_writer *writer, const struct iovec *pieces, int count, uint64_t length, bool wait,
                   uint64_t *offset);
    /* A lane's batch; what is in front of it on its page may be overwritten. NULL: nothing is held back, so lanes hold
     * nothing back either. */
    int (*hand_over)(quire_writer *writer, void *data, uint64_t length, bool wait, uint64_t *offset);
    int (*claim)(quire_writer *writer, uint64_t length, bool wait, struct quire_claim *claim);
    int (*publish)(quire_writer *writer, const struct quire_claim *claim);
    /* Everything appended when it is called is written when it returns 0. */
    int (*flush)(quire_writer *writer);
    uint64_t (*appended)(quire_writer *writer);
    /* Adds what only the method knows: appends, waits, memory, direct, registered, in_flight_most. */
    void (*stats)(quire_writer *writer, struct quire_writer_stats *stats);
};

extern const struct quire__method quire__method_write;
extern const struct quire__method quire__method_stdio;
extern const struct quire__method quire__method_paged;
extern const struct quire__method quire__method_mmap;
extern const struct quire__method quire__method_uring;

/* NULL for a number that is no method. 0 is the default's. */
const struct quire__method *quire__method_find(uint32_t id);

struct quire_writer {
    struct quire__progress progress;
    const struct quire__method *method;
    void *state; /* the method's */
    bool wait;   /* on_full is QUIRE_FULL_BLOCK */
    bool each;   /* sync_policy is QUIRE_SYNC_EACH */

    struct quire__io *io;
    const char *path; /* the caller's, while the writer is being opened; then NULL */
    int file;
    struct quire__io_facts facts; /* at open */
    uint64_t begin;               /* length at open: where the first append goes */
    uint64_t space;               /* the file's size reaches to here: beyond the content where space was made ready */
    bool overhang;                /* the file may be longer than its content, and is cut at close */
    struct quire_writer_options options; /* defaults filled in; failure is NULL */
    uint32_t method_asked;
    int32_t fallback_reason;

    pthread_mutex_t lanes_lock;
    struct quire_lane *lanes;
    uint64_t lane_records; /* of lanes closed: records, hand-overs */
    uint64_t lane_hand_overs;

    struct quire__observer observer;
    struct quire__worker *ticker; /* NULL unless QUIRE_SYNC_INTERVAL */

    _Atomic uint64_t drops, drop_bytes, agains;
    _Atomic uint64_t writes, write_bytes, tail_writes, syncs, sync_joins, allocations;
};

struct quire_lane {
    struct quire__lane core;
    const _Atomic int *code; /* the writer's poison */
    quire_writer *writer;
    uint64_t claimed; /* length of the open claim; 0: none */
    uint64_t ticket;  /* of the last claim */
    struct quire_lane *next;
    struct quire_lane **link; /* what points at this lane */
};

/* quire_writer_open on another seam than the operating system's. io outlives the writer. */
int quire__writer_open_on(struct quire__io *io, const char *path, const struct quire_writer_options *options,
                          quire_writer **writer);

/* Counters are exact, and nobody orders anything by them. */
static inline void quire__count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

/* Writes [offset, offset + length) through the page cache, counts it, moves nothing. A failure poisons; *done as in
 * quire__io_write_all. */
int quire__writer_put(quire_writer *writer, const void *from, uint64_t length, uint64_t offset, uint64_t *done);

/* Turns -EAGAIN of a method into what the policy on_full says, and counts it. */
int quire__writer_refuse(quire_writer *writer, int rc, uint64_t length);

/* Appends checked pieces of length bytes and applies the policies, but for wait, which is the caller's. */
int quire__writer_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t length, bool wait,
                          uint64_t *offset);

/* lane.c: hands over what is in all lanes; frees all lanes that are still open. */
int quire__writer_gather(quire_writer *writer);
void quire__writer_free_lanes(quire_writer *writer);

#endif
