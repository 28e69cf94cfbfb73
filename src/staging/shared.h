/* The shared lane: any number of threads, one total order.
 *
 * A claim takes the next place in the file under a short lock; the bytes are copied outside of it; a release-store
 * publishes them. Copies may end in any order, so open claims stand in a small first-in first-out table, and only the
 * published prefix, which has no hole, is ever handed over. Whoever crosses the end of a buffer hands over
 * whole buffers to the sink, in the order of the file; nobody else waits for that as long as there is room.
 *
 * A claim is contiguous. One that reaches beyond the end of the ring spills into memory behind it, and what was spilled
 * is copied to the front before it is published: once a turn of the ring, and less than one record.
 *
 *     order lock: where the next claim goes, and up to where memory reaches (limit)
 *     drain lock: who hands over, from where (drained), and what may be used again (freed)
 *     taken in this order: drain, then order; I/O happens under drain, never under order
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_SHARED_H
#define QUIRE_SHARED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include <quire/writer.h>

#include "base/align.h"
#include "base/observe.h"
#include "base/spin.h"
#include "staging/progress.h"

struct quire__drainer;
struct quire__sink;

/* Where the bytes go. All calls are made under the drain lock. A sink that fails poisons (quire__progress_fail), except
 * in room and reserve, whose failure only means that nothing was accepted. */
struct quire__sink_ops {
    /* Hands over [from, to), the bytes behind what it was handed before. Ends where a buffer ends, or at a flush. */
    int (*write)(struct quire__sink *sink, uint64_t from, uint64_t to);
    /* The same for bytes that lie elsewhere, at memory, up to the end of a page. NULL: everything goes by the ring. */
    int (*write_from)(struct quire__sink *sink, const void *memory, uint64_t from, uint64_t to);
    /* Takes completions in; with wait, at least one. NULL where write has done its work when it returns. */
    int (*reap)(struct quire__sink *sink, bool wait);
    /* Brings limit to end at least. */
    int (*room)(struct quire__sink *sink, uint64_t end);
    /* Sees to it that the file can take bytes up to end, however many buffers that is. NULL where only writing tells.
     * Its failure means, as that of room, that nothing was accepted. */
    int (*reserve)(struct quire__sink *sink, uint64_t end);
};

struct quire__sink {
    const struct quire__sink_ops *ops;
};

/* More open claims than this wait for the oldest. */
#define QUIRE__CLAIMS 64u

struct quire__claim_slot {
    _Alignas(QUIRE__CACHE_LINE) _Atomic uint64_t state; /* 2 * ticket: open; 2 * ticket + 1: published */
    uint64_t end;
    uint64_t spilled; /* how much of it lies beyond the end of the ring */
};

struct quire__shared {
    _Alignas(QUIRE__CACHE_LINE) struct quire__spin order;
    uint64_t appended;   /* where the next claim goes */
    uint64_t limit;      /* it must end here at the latest; == appended while exclusive */
    uint64_t seal;       /* the end of the stretch that appended is in */
    uint64_t stretch;    /* so many bytes, whole buffers, gather before anybody hands over */
    unsigned char *base; /* memory of the offset appended is at base + at */
    uint64_t at;
    uint64_t wrap;   /* at goes back by this much when it reaches it; UINT64_MAX: never */
    uint64_t next;   /* ticket of the next claim */
    uint64_t oldest; /* ticket of the oldest claim not known to be published */
    uint64_t published;
    uint64_t appends;
    uint64_t ready; /* the limit for an append in pieces, while exclusive */
    uint64_t appends_before;
    bool exclusive; /* somebody appends in pieces: all others wait for their turn */
    struct quire__claim_slot slots[QUIRE__CLAIMS];

    _Alignas(QUIRE__CACHE_LINE) pthread_mutex_t drain;
    uint64_t drained;  /* handed to the sink */
    uint64_t freed;    /* memory before this offset may be filled again */
    uint64_t capacity; /* of the ring; limit = freed + capacity, but at most ceiling */
    uint64_t ceiling;  /* up to where the file has space */

    /* Set at open, then constant. */
    uint64_t begin;
    uint64_t buffer_bytes;
    uint64_t claim_most;
    uint32_t claim_timeout_ms;
    struct quire__progress *progress;
    struct quire__sink *sink;
    const struct quire__observer *observer;
    struct quire__drainer *drainer; /* NULL: the appending threads drain themselves */

    _Atomic uint64_t waits;
};

struct quire__shared_setup {
    uint64_t begin;        /* length of the file */
    uint64_t buffer_bytes; /* whole pages */
    uint64_t stretch;      /* whole buffers */
    uint64_t capacity;     /* of the ring, or 0: the sink sets base, wrap and limit itself */
    uint64_t claim_most;   /* the largest claim */
    uint64_t ceiling;      /* UINT64_MAX: the file has all the space it needs */
    uint32_t claim_timeout_ms;
    unsigned char *ring; /* capacity bytes, and claim_most more behind them (spilled) */
    struct quire__progress *progress;
    struct quire__sink *sink;
    const struct quire__observer *observer; /* outlives the lane */
};

int quire__shared_init(struct quire__shared *shared, const struct quire__shared_setup *setup);
void quire__shared_destroy(struct quire__shared *shared);

/* Copies in and publishes. wait: drain or wait where there is no room; else -EAGAIN. length and count are checked. */
int quire__shared_append(struct quire__shared *shared, const void *data, uint64_t length, bool wait, uint64_t *offset);
int quire__shared_appendv(struct quire__shared *shared, const struct iovec *pieces, int count, uint64_t length,
                          bool wait, uint64_t *offset);

/* The same for a batch of records, without a copy where it lies as it will lie in the file. What is in front of data on
 * its page may be overwritten. */
int quire__shared_append_batch(struct quire__shared *shared, void *data, uint64_t length, bool wait, uint64_t *offset);

int quire__shared_claim(struct quire__shared *shared, uint64_t length, bool wait, struct quire_claim *claim);
int quire__shared_publish(struct quire__shared *shared, const struct quire_claim *claim);

/* Everything appended when it is called is written when it returns 0. QUIRE_E_CLAIM_OPEN: only what lies before a
 * claim that was not published in time. */
int quire__shared_flush(struct quire__shared *shared);

uint64_t quire__shared_appended(struct quire__shared *shared);
uint64_t quire__shared_appends(struct quire__shared *shared);

/* What follows is for sinks and the drainer, under the drain lock. */

/* Hands over [drained, to), which is published. */
int quire__shared_drain_to(struct quire__shared *shared, uint64_t to);
/* Hands over all whole buffers published so far, and takes in what has been completed. */
int quire__shared_drain(struct quire__shared *shared);
/* Room in the ring for a claim that ends at end: drains, and waits for the device or for claims as needed. */
int quire__shared_room_in_ring(struct quire__shared *shared, uint64_t end);
/* Memory before offset may be filled again. */
void quire__shared_free(struct quire__shared *shared, uint64_t offset);
/* The file has space up to offset. */
void quire__shared_set_ceiling(struct quire__shared *shared, uint64_t offset);
/* Waits until everything before target is published: QUIRE_E_CLAIM_OPEN after the timeout. */
int quire__shared_await_published(struct quire__shared *shared, uint64_t target);

#endif
